"""Leads through the market's door: what may be claimed on which feeds, and in which words."""

from __future__ import annotations

import random
from collections.abc import Iterator
from math import exp, inf

import pytest

from streams.estimators.lead_claim import Stamps
from streams.feeds.registry import VENUES
from streams.instrument import NS, Instrument, Pair, Route
from streams.lead import Lead
from streams.market import Market, Settings
from streams.metric import Call
from streams.snapshot import Reading
from streams.tick import Tick

OPEN = 1_773_667_800 * NS
"""09:30 in New York on Monday, 2026-03-16."""
DAY = 86_400 * NS
VENUE = Stamps(by_venue=True, resolution=1_000)
POLLED = Stamps(by_venue=False, resolution=1_000_000, polled=True)
LEAD = Call("lead", ("ETH", "IWM"))
FIRST = Call("first_mover", ("ETH", "IWM"), 3600.0)


def market(venue: str) -> Market:
    eth = Instrument("ETH", "24/7", (Route("coinbase", "E"),), stale_after=90 * NS)
    iwm = Instrument("IWM", "NYSE", (Route(venue, "I"),), stale_after=90 * NS)
    stamps = {
        name: Stamps(not each.polled, each.resolution, polled=each.polled)
        for name, each in VENUES.items()
    }
    settings = Settings(step=60 * NS, stamps=stamps)
    return Market([eth, iwm], [Pair("ETH", "IWM")], [LEAD, FIRST], settings=settings)


def led(venue: str, days: int, lag: int, minutes: int = 15) -> Iterator[Tick[float]]:
    """The beginnings of sessions, of a walk that IWM makes `lag` seconds before ETH.

    Good Friday is among the first 19 days.
    """
    chance = random.Random(1)
    for day in [n for n in range(2 * days + 2) if n % 7 < 5][:days]:
        path = [0.0]
        for _ in range(60 * minutes + lag):
            path.append(path[-1] + chance.gauss(0, 1e-4))
        for second in range(60 * minutes):
            ts = OPEN + day * DAY + second * NS
            for name, symbol, price in (
                ("coinbase", "E", 2000 * exp(path[second])),
                (venue, "I", 250 * exp(path[second + lag])),
            ):
                yield Tick("trade", name, symbol, price, 1.0, None, None, ts + 1, ts + 2)


def last(venue: str, days: int, lag: int = 6) -> dict[str, Reading]:
    watched = market(venue)
    readings: dict[str, Reading] = {}
    for tick in led(venue, days, lag):
        for snapshot in watched.accept(tick):
            if snapshot.sessions["IWM"] == "regular":
                readings = dict(snapshot.readings)
    return readings


def test_19_days_on_venues_stamps_claim_a_lead_in_words() -> None:
    reading = last("alpaca", 21)[LEAD.key]
    assert reading.value == -6.0
    assert reading.note == "IWM moves first by 6 s (19 of 19 days)"


@pytest.mark.parametrize("days", [1, 20])
def test_on_the_keyless_feed_no_lead_can_be_claimed_nor_who_moved_first(days: int) -> None:
    readings = last("yahoo", days)
    lead, first = readings[LEAD.key], readings[FIRST.key]
    assert (lead.value, lead.reason) == (
        None,
        "no lead can be claimed: IWM's feed is polled",
    )
    assert (first.value, first.note) == (None, "")
    assert first.reason == "who moved first cannot be told: IWM's feed is polled"


def test_few_days_claim_nothing_and_say_how_many_there_are() -> None:
    reading = last("alpaca", 4)[LEAD.key]
    assert reading.value is None
    assert reading.reason == "no lead can be claimed before 18 days: 3 so far"


def test_what_a_polled_feed_gave_is_not_in_the_verdict_of_a_day_that_ends_on_another() -> None:
    lead = Lead("ETH", "IWM")
    lead.use(VENUE, POLLED)
    for second in range(600):
        lead.tick(is_x=True, seconds=float(second), log_price=second % 7 * 1e-3)
        lead.tick(is_x=False, seconds=float(second), log_price=(second - 6) % 7 * 1e-3)
    lead.use(VENUE, VENUE)
    assert lead.llr().reason == "warming up 0/100"
    lead.new_session()
    assert lead.lead().n == 0


def fed(x: Stamps, y: Stamps, seconds: int = 600, later: int = 6) -> Lead:
    """IWM does what ETH did so many seconds before."""
    lead, chance = Lead("ETH", "IWM"), random.Random(2)
    lead.use(x, y)
    path = [0.0]
    for _ in range(seconds + later):
        path.append(path[-1] + chance.gauss(0, 1e-4))
    for second in range(seconds):
        lead.tick(is_x=True, seconds=float(second), log_price=path[second + later])
        lead.tick(is_x=False, seconds=float(second), log_price=path[second])
    return lead


def test_the_profile_has_a_correlation_for_each_of_41_lags_and_peaks_at_the_true_one() -> None:
    profile = fed(VENUE, VENUE).profile()
    at = dict(profile.points)
    assert (len(at), min(at), max(at)) == (41, -30.0, 30.0)
    assert profile.peak == max(at, key=lambda lag: abs(at[lag])) == 6.0
    assert at[6.0] > 0.9
    assert profile.speaks == 6.0
    assert profile.veto == pytest.approx(1.0, rel=0.1)
    assert profile.llr is not None
    assert profile.llr > 1
    assert profile.claim == "no lead can be claimed before 18 days: 0 so far"


@pytest.mark.parametrize(("x", "y"), [(VENUE, POLLED), (POLLED, VENUE)])
def test_on_a_polled_feed_no_lag_of_the_profile_says_anything(x: Stamps, y: Stamps) -> None:
    profile = fed(x, y).profile()
    assert (profile.veto, profile.speaks) == (inf, 0.0)
    assert profile.points
    assert profile.claim.startswith("no lead can be claimed: ")


def test_a_peak_within_the_veto_speaks_for_nobody() -> None:
    coarse = Stamps(by_venue=True, resolution=10 * NS)
    profile = fed(VENUE, coarse).profile()
    assert (profile.veto, profile.peak, profile.speaks) == (10.0, 6.0, 0.0)


def test_a_profile_of_few_ticks_is_none_and_says_how_many_there_are() -> None:
    assert Lead("ETH", "IWM").profile().claim == "no data yet"
    profile = fed(VENUE, VENUE, seconds=80).profile()
    assert profile.points == ()
    assert profile.reason.startswith("warming up ")


def test_the_profile_of_the_day_stands_until_the_next_session() -> None:
    lead = fed(VENUE, VENUE)
    lead.break_()
    assert lead.profile().peak == 6.0
    lead.new_session()
    assert lead.profile().points == ()
