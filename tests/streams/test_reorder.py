from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.reorder import Reorder

WINDOW = 500


def run(arrivals: list[tuple[int, int]]) -> tuple[list[int], int]:
    """(event time, core time) in; event times in the order they were let go, and the late ones."""
    reorder, out = Reorder(WINDOW), []
    for ts, core in arrivals:
        reorder.push(ts, 0, 0, float(ts))
        while held := reorder.pop(core):
            out.append(held[0])
        reorder.advance(core)
    while held := reorder.pop(10**9):
        out.append(held[0])
    return out, reorder.late


def test_ticks_inside_the_window_are_put_in_order() -> None:
    assert run([(1000, 1000), (900, 1100), (1050, 1150)]) == ([900, 1000, 1050], 0)


def test_a_tick_behind_the_window_is_counted_and_dropped() -> None:
    assert run([(1000, 1000), (2000, 2000), (1400, 2001)]) == ([1000, 2000], 1)


def test_equal_stamps_leave_in_order_of_arrival() -> None:
    reorder = Reorder(WINDOW)
    for instrument in (3, 1, 2):
        reorder.push(10, instrument, 0, 1.0)
    left = [reorder.pop(10_000) for _ in range(3)]
    assert [held[2] for held in left if held] == [3, 1, 2]


@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 300)), max_size=60))
def test_nothing_is_lost_and_nothing_leaves_out_of_order(steps: list[tuple[int, int]]) -> None:
    core, arrivals = 1, []
    for ago, gap in steps:
        core += gap
        arrivals.append((max(core - ago, 1), core))
    out, late = run(arrivals)
    assert out == sorted(out)
    assert len(out) + late == len(arrivals)
