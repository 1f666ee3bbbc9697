from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.estimators.minutes import Contribution, Minutes


def by_definition(window: list[Contribution]) -> tuple[int, np.ndarray]:
    sums = [
        np.sum([held[1:] for held in minute], axis=0)
        for _, minute in groupby(window, key=lambda held: held[0] // 60)
    ]
    blocks = np.array(sums).reshape(-1, 3)
    m = blocks.T @ blocks
    return len(blocks), np.array([m[0, 0], m[0, 1], m[0, 2], m[1, 1], m[1, 2], m[2, 2]])


def contributions(seed: int, n: int) -> list[Contribution]:
    rng = np.random.default_rng(seed)
    times = rng.exponential(12.0, n).cumsum() + rng.choice([0.0, 300.0], n, p=[0.98, 0.02]).cumsum()
    return [
        (float(t), *row) for t, row in zip(times, rng.uniform(-1, 1, (n, 3)).tolist(), strict=True)
    ]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(30, 900), st.integers(1, 9))
def test_equals_the_definition_however_often_it_is_asked(
    seed: int, window: float, every: int
) -> None:
    held = contributions(seed, 150)
    minutes = Minutes()
    for taken in range(every, len(held) + 1, every):
        now = held[taken - 1][0]
        first = next(n for n in range(taken) if held[n][0] > now - window)
        count, found = minutes.moments(first, taken, lambda a, b: held[a:b])
        expected, moments = by_definition(held[first:taken])
        assert count == expected
        assert found == pytest.approx(moments, rel=1e-9, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(20, 100))
def test_one_that_begins_in_the_middle_says_the_same_to_the_last_bit(seed: int, cut: int) -> None:
    held = contributions(seed, 150)
    whole, late = Minutes(), Minutes()
    for taken in range(20, len(held) + 1):
        window = (taken - 20, taken, lambda a, b: held[a:b])
        found = whole.moments(*window)
        if taken >= cut:
            assert late.moments(*window) == found


def test_a_window_without_contributions_has_no_minutes() -> None:
    held = contributions(1, 30)
    minutes = Minutes()
    minutes.moments(0, 30, lambda a, b: held[a:b])
    assert minutes.moments(30, 30, lambda a, b: held[a:b]) == (0, (0.0,) * 6)
