from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.sampling import Bars, Thinning

TIMES = st.lists(st.integers(0, 200), min_size=1, max_size=50).map(sorted)


@settings(max_examples=100, deadline=None)
@given(TIMES)
def test_kept_ticks_are_an_interval_apart_and_none_is_left_out_for_longer(times: list[int]) -> None:
    thin = Thinning(5)
    kept = [ts for ts in times if thin.keep(ts)]

    assert all(b - a >= 5 for a, b in pairwise(kept))
    for ts in set(times) - set(kept):
        assert any(0 <= ts - k < 5 for k in kept)


def test_after_a_reset_the_next_tick_is_kept() -> None:
    thin = Thinning(5)
    assert thin.keep(10)
    assert not thin.keep(12)

    thin.reset()

    assert thin.keep(13)
    assert not thin.keep(17)


@settings(max_examples=100, deadline=None)
@given(TIMES)
def test_every_grid_instant_passed_is_told_once_in_order(times: list[int]) -> None:
    bars = Bars(15)
    told = [g for ts in times for g in bars.due(ts)]

    assert told == [g for g in range(0, 300, 15) if times[0] < g <= times[-1]]


def test_a_bar_is_closed_before_the_tick_stamped_at_its_end() -> None:
    bars = Bars(15)
    bars.due(1)
    assert list(bars.due(14)) == []
    assert list(bars.due(15)) == [15]
    assert list(bars.due(15)) == []


def test_a_reset_leaves_out_the_instants_of_the_gap() -> None:
    bars = Bars(15)
    bars.due(1)

    bars.reset()

    assert list(bars.due(100)) == []
    assert list(bars.due(105)) == [105]
