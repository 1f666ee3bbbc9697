from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.backdrop import Backdrop
from streams.instrument import NS, Instrument, Pair, Route
from streams.market import Market
from streams.metric import CATALOGUE, CONTEXT, Call
from streams.resumption import remember, resume
from streams.snapshot import Reading, Snapshot
from streams.tick import Beat, ContextPoint, Item, Tick

FRIDAY = 1_773_432_000 * NS
"""2026-03-13 16:00 in New York."""
MINUTE, HOUR, DAY = 60 * NS, 3600 * NS, 86_400 * NS
VIX, ODDS = Call("vix", ()), Call("cut_odds", ())


def close(value: float = 27.4, at: int = FRIDAY) -> ContextPoint:
    return ContextPoint("vix", value, at, at + 40 * HOUR, "FRED")


def odds(at: int) -> ContextPoint:
    return ContextPoint("cut_odds", 0.61, at, at, "Kalshi 26MAR")


def market(*, fed: tuple[str, ...] = CONTEXT, live: bool = False) -> Market:
    instruments = [
        Instrument("ETH", "24/7", (Route("a", "E"),)),
        Instrument("IWM", "NYSE", (Route("s", "I"),)),
    ]
    if live:
        instruments.append(Instrument("VIX", "NYSE", (Route("y", "^VIX"),)))
    return Market(instruments, [Pair("ETH", "IWM")], [VIX, ODDS], context=fed)


def last(made: Market, *items: Item) -> Snapshot:
    (*_, snapshot) = [snapshot for item in items for snapshot in made.accept(item)]
    return snapshot


def reading(point: ContextPoint, now: int) -> Reading:
    backdrop = Backdrop()
    backdrop.accept(point)
    return backdrop.reader(point.name, fed=True)(now)


def test_a_point_is_read_from_the_next_evaluation_on() -> None:
    made = market()
    now = FRIDAY + 2 * DAY
    seen = last(made, Beat(now), ContextPoint("vix", 27.4, FRIDAY, now, "FRED"), Beat(now + NS))
    assert seen.readings[VIX.key] == Reading(27.4, note="close of Fri, FRED")
    assert seen.readings[ODDS.key] == Reading(None, "nothing from its source yet")


def test_a_point_does_not_put_back_what_is_newer() -> None:
    backdrop = Backdrop()
    for point in (close(), close(20.0, FRIDAY - DAY), close(28.0)):
        backdrop.accept(point)
    assert backdrop.reader("vix", fed=True)(FRIDAY).value == 28.0


@pytest.mark.parametrize(
    ("point", "age", "note"),
    [
        (close(), 0, "close of Fri, FRED"),
        (close(), 5 * DAY, "close of Fri, FRED"),
        (ContextPoint("us2y", 0.04, FRIDAY, FRIDAY, "FRED"), DAY, "Fri, FRED"),
        (odds(FRIDAY), 30 * NS, "Kalshi 26MAR, 0 min old"),
        (odds(FRIDAY), 12 * MINUTE, "Kalshi 26MAR, 12 min old"),
        (odds(FRIDAY), 119 * MINUTE, "Kalshi 26MAR, 119 min old"),
        (odds(FRIDAY), 3 * HOUR, "Kalshi 26MAR, 3 h old"),
    ],
)
def test_a_reading_says_of_when_it_is_and_whose(point: ContextPoint, age: int, note: str) -> None:
    assert reading(point, FRIDAY + age).note == note


@pytest.mark.parametrize(
    ("point", "age", "reason"),
    [
        (close(), 6 * DAY + NS, "too old: FRED, 6 d old"),
        (odds(FRIDAY), 6 * HOUR + NS, "too old: Kalshi 26MAR, 6 h old"),
        (ContextPoint("fear_greed", 22, FRIDAY, FRIDAY, "a"), 50 * HOUR, "too old: a, 2 d old"),
    ],
)
def test_what_is_too_old_says_nothing_now(point: ContextPoint, age: int, reason: str) -> None:
    assert reading(point, FRIDAY + age) == Reading(None, reason)


@given(st.sampled_from(CONTEXT), st.integers(-DAY, 20 * DAY))
@settings(max_examples=200, deadline=None)
def test_a_point_is_known_exactly_as_long_as_its_patience(name: str, age: int) -> None:
    found = reading(ContextPoint(name, 0.5, FRIDAY, FRIDAY, "x"), FRIDAY + age)
    patience = CATALOGUE[name].patience
    assert patience is not None
    assert (found.value is None) == (age > patience * NS)
    assert bool(found.reason) == (found.value is None)


def test_a_daily_figure_outlasts_a_long_weekend_and_less_than_a_week() -> None:
    """Of Thursday; Friday's comes on Tuesday at 16:45, Monday being a holiday."""
    thursday, tuesday = FRIDAY - DAY, FRIDAY + 4 * DAY + 45 * MINUTE
    assert reading(close(at=thursday), tuesday).value is not None
    assert (CATALOGUE["vix"].patience or 0) < 7 * 86_400


def test_what_has_no_source_says_so() -> None:
    seen = last(market(fed=("cut_odds",)), Beat(FRIDAY), Beat(FRIDAY + NS))
    assert seen.readings[VIX.key] == Reading(None, "no source for vix configured")


def test_a_live_vix_is_preferred_while_it_has_a_price() -> None:
    made = market(live=True)
    monday = FRIDAY + 3 * DAY - 3 * HOUR
    tick = Tick("trade", "y", "^VIX", 30.5, 1.0, None, None, monday + NS, monday + NS)
    point = ContextPoint("vix", 27.4, FRIDAY, monday, "FRED")
    before = last(made, Beat(monday), point, Beat(monday + NS - 1), Beat(monday + NS))
    assert before.readings[VIX.key].note == "close of Fri, FRED"
    after = last(made, tick, Beat(monday + 3 * NS))
    assert after.readings[VIX.key] == Reading(30.5, note="live")
    closed = last(made, Beat(FRIDAY + 3 * DAY + HOUR))
    assert closed.readings[VIX.key] == Reading(30.5, note="last price")


def test_a_market_that_goes_on_knows_what_was_said_last() -> None:
    one = market()
    now = FRIDAY + 2 * DAY
    last(one, Beat(now), ContextPoint("vix", 27.4, FRIDAY, now, "FRED"), Beat(now + NS))
    for recent in (True, False):
        other = market()
        assert resume(other, remember(one), now + HOUR, recent=recent) == ()
        seen = last(other, Beat(now + HOUR), Beat(now + HOUR + NS))
        assert seen.readings[VIX.key] == Reading(27.4, note="close of Fri, FRED")


def test_ages_are_in_seconds() -> None:
    backdrop = Backdrop()
    backdrop.accept(close())
    assert backdrop.age("vix", FRIDAY + HOUR) == 3600
    assert backdrop.age("us2y", FRIDAY) is None
