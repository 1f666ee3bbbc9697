from __future__ import annotations

from collections import deque

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.notifiers.pace import Pace


def test_the_first_may_speak_at_once() -> None:
    assert Pace((1, 1.0)).wait(5.0) == 0


def test_the_next_waits_for_the_rest_of_the_window() -> None:
    pace = Pace((1, 1.0))
    pace.note(5.0)
    assert pace.wait(5.25) == 0.75
    assert pace.wait(6.0) == 0


def test_the_slowest_of_several_limits_counts() -> None:
    pace = Pace((1, 1.0), (3, 60.0))
    for now in (0.0, 1.0, 2.0):
        pace.note(now)
    assert pace.wait(3.0) == 57.0


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 3), max_size=80))
def test_no_window_ever_holds_more_than_its_limit(gaps: list[float]) -> None:
    pace = Pace((2, 1.0), (5, 4.0))
    now = 0.0
    spoken: deque[float] = deque()
    for gap in gaps:
        now += gap
        now += pace.wait(now)
        pace.note(now)
        spoken.append(now)
    for count, seconds in ((2, 1.0), (5, 4.0)):
        for first, past in zip(spoken, list(spoken)[count:], strict=False):
            assert past - first >= seconds - 1e-9
