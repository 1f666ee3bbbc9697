from __future__ import annotations

from bisect import bisect_right

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.instrument import NS
from streams.market import Market
from streams.metric import Call
from streams.schedule import event_reader, since, until
from streams.snapshot import Reading
from streams.tick import FeedEvent, FeedState

FOMC = (1_773_856_800 * NS, 1_777_485_600 * NS)
"""18 March and 29 April 2026, 14:00 in New York."""

CALLS = [Call("until", ("fomc",)), Call("since", ("fomc",)), Call("until", ("cpi",))]


@pytest.mark.parametrize(
    ("now", "before", "after"),
    [
        (FOMC[0] - NS, None, 1.0),
        (FOMC[0], 0.0, 3_628_800.0),
        (FOMC[0] + NS // 2, 0.5, 3_628_799.5),
        (FOMC[1] - 1, 3_628_799.999999999, 1e-9),
        (FOMC[1], 0.0, None),
    ],
)
def test_an_event_is_past_from_its_instant_on(
    now: int, before: float | None, after: float | None
) -> None:
    assert since(FOMC, now).value == before
    assert until(FOMC, now).value == after


def test_outside_the_calendar_it_is_said_where_that_ends() -> None:
    assert since(FOMC, FOMC[0] - 1) == Reading(None, "calendar begins 2026-03-18")
    assert until(FOMC, FOMC[1]) == Reading(None, "calendar ends 2026-04-29")


@pytest.mark.parametrize("instants", [None, ()])
@pytest.mark.parametrize("metric", ["since", "until"])
def test_without_a_calendar_nothing_is_known(metric: str, instants: tuple[int, ...] | None) -> None:
    assert event_reader(metric, instants)(0) == Reading(None, "no event calendar")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 50), unique=True, min_size=1).map(sorted), st.integers(-1, 51))
def test_both_ways_together_span_the_gap_between_two_events(instants: list[int], now: int) -> None:
    past, coming = since(instants, now).value, until(instants, now).value
    assert (past is None) == (now < instants[0])
    assert (coming is None) == (now >= instants[-1])
    if past is not None and coming is not None:
        place = bisect_right(instants, now)
        gap = (instants[place] - instants[place - 1]) / NS
        assert past + coming == pytest.approx(gap)


def test_a_market_answers_for_the_events_of_its_calendar() -> None:
    market = Market([], [], CALLS, events={"fomc": FOMC})
    now = FOMC[0] + 90 * NS
    event = FeedEvent(venue="a", symbol=None, state=FeedState.DOWN, ts_recv=now)
    *_, snapshot = market.accept(event)
    assert snapshot.readings["since(fomc)"].value == 90.0
    assert snapshot.readings["until(fomc)"].value == (FOMC[1] - now) / NS
    assert snapshot.readings["until(cpi)"] == Reading(None, "no event calendar")


def test_a_market_answers_by_another_calendar_when_it_is_told_to() -> None:
    market = Market([], [], CALLS, events={"fomc": FOMC})
    moved = FOMC[0] + 3600 * NS
    now = FOMC[0] + 90 * NS
    market.reschedule({"fomc": (moved, FOMC[1]), "cpi": (now + NS,)})
    event = FeedEvent(venue="a", symbol=None, state=FeedState.DOWN, ts_recv=now)
    *_, snapshot = market.accept(event)
    assert snapshot.readings["until(fomc)"].value == 3510.0
    assert snapshot.readings["until(cpi)"].value == 1.0
    assert "calendar begins" in snapshot.readings["since(fomc)"].reason
