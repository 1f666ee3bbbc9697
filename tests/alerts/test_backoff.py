from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.backoff import backoff


@settings(max_examples=50, deadline=None)
@given(failures=st.integers(1, 10**6), seed=st.integers())
def test_a_wait_is_positive_and_capped(failures: int, seed: int) -> None:
    assert 0.5 <= backoff(failures, Random(seed)) <= 30


def test_waits_double_until_the_cap() -> None:
    full = _NoJitter()
    assert [backoff(n, full) for n in range(1, 8)] == [1, 2, 4, 8, 16, 30, 30]


class _NoJitter(Random):
    def uniform(self, a: float, b: float) -> float:
        return max(a, b)
