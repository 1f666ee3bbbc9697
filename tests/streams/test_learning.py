"""What history teaches a market, and what live ticks then make of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from math import exp, log

import pytest

from streams.beliefs import Prior
from streams.instrument import NS, Instrument, Pair, Route
from streams.market import Market
from streams.metric import Call
from streams.snapshot import Reading
from streams.tick import FeedEvent, FeedState, Tick

OPEN = 1_773_667_800 * NS
"""09:30 in New York on Monday, 2026-03-16."""
DAY = 86_400 * NS
PRESIDENTS_DAY = -28
SESSION = 23_400
ETH = Instrument("ETH", "24/7", (Route("a", "E"), Route("b", "E")), stale_after=30 * NS)
IWM = Instrument("IWM", "NYSE", (Route("s", "I"),), stale_after=60 * NS)
BREAKDOWN = Call("breakdown", ("ETH", "IWM"), rate=1 / 21)


def market(prior: Prior | None = None) -> Market:
    priors = {"ETH-IWM": prior} if prior else None
    return Market([ETH, IWM], [Pair("ETH", "IWM")], [BREAKDOWN], priors=priors)


def closes(days: int, every: int, rho: float = 0.6) -> dict[str, list[tuple[int, float]]]:
    """Of the last sessions before that of `OPEN`, stamped at the ends of bars."""
    chance = random.Random(1)
    found: dict[str, list[tuple[int, float]]] = {"ETH": [], "IWM": []}
    logs = [log(2000.0), log(250.0)]
    for day in [n for n in range(-40, 0) if n % 7 < 5 and n != PRESIDENTS_DAY][-days:]:
        for second in range(every, SESSION + 1, every):
            y = chance.gauss(0, 1)
            x = rho * y + (1 - rho * rho) ** 0.5 * chance.gauss(0, 1)
            for n, (name, r) in enumerate((("ETH", x), ("IWM", y))):
                logs[n] += 1e-4 * every**0.5 * r
                found[name].append((OPEN + day * DAY + second * NS, exp(logs[n])))
    return found


def live(seconds: int, day: int = 0, venue: str = "a", start: int = 1) -> Iterator[Tick[float]]:
    """A trade of both every second or two, of two walks that keep together."""
    chance, common = random.Random(day), 0.0
    for second in range(start, start + seconds):
        common += chance.gauss(0, 1e-4)
        for name, symbol, price in ((venue, "E", 2000.0), ("s", "I", 250.0)):
            if name != "s" or second % 2:
                ts = OPEN + day * DAY + second * NS
                shown = price * exp(common + chance.gauss(0, 5e-5))
                yield Tick("trade", name, symbol, shown, 1.0, None, None, ts + 1, ts + 2)


def run(watched: Market, *ticks: Iterator[Tick[float]]) -> Reading:
    reading = Reading(None, "nothing came")
    for source in ticks:
        for tick in source:
            for snapshot in watched.accept(tick):
                reading = snapshot.readings[BREAKDOWN.key]
    return reading


def test_closes_of_minutes_teach_minutes_though_ticks_would_be_stale_by_then() -> None:
    watched = market()
    watched.learn(closes(8, 60))
    belief = watched.link("ETH", "IWM").concordance
    assert belief is not None
    assert belief.value == pytest.approx(0.705, abs=0.03)
    assert belief.n > 2000
    reading = run(watched, live(200))
    assert reading.value is False
    assert "on one-minute bars until 20 sessions of ticks are known: 0/20" in reading.note


def test_twenty_sessions_of_closes_of_15_seconds_teach_short_bars() -> None:
    watched = market()
    watched.learn(closes(20, 15))
    reading = run(watched, live(100))
    assert "usual share of 15-second bars in step" in reading.note


def test_closes_of_days_teach_nothing_of_bars() -> None:
    watched = market(Prior(correlation=0.5))
    watched.learn(
        {
            name: [one for one in c if one[0] % DAY == c[-1][0] % DAY]
            for name, c in closes(28, 60).items()
        }
    )
    reading = run(watched, live(200))
    assert "a prior" in reading.note


def test_after_history_ticks_have_their_own_patience_again() -> None:
    watched = market()
    watched.learn(closes(1, 60))
    assert [watched.floor.books[name].patience for name in ("ETH", "IWM")] == [30 * NS, 60 * NS]


def test_a_failover_says_that_nothing_is_known_there() -> None:
    watched = market()
    watched.learn(closes(8, 60))
    assert run(watched, live(200)).value is False
    down = FeedEvent("a", None, FeedState.DOWN, OPEN + 200 * NS + 3)
    for _ in watched.accept(down):
        pass
    reading = run(watched, live(120, venue="b", start=201))
    assert reading.value is None
    assert reading.reason == "link not learned yet: warming up 1/975 one-minute bars"


def test_live_sessions_count_towards_the_twenty() -> None:
    watched = market()
    watched.learn(closes(8, 60))
    reading = run(watched, *(live(4000, day) for day in (0, 1, 2)))
    assert "sessions of ticks are known: 2/20" in reading.note
    assert watched.link("ETH", "IWM")._apart.known._feeds.rate.octave == 5
