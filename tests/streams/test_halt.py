"""Trading is halted in the middle of a session (Alpaca's statuses 2 and 3, LULD pauses)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import exp, log

import msgspec
import numpy as np
import pytest

from streams.beliefs import Prior
from streams.instrument import NS, Instrument, Pair, Route
from streams.market import Market
from streams.metric import Call
from streams.snapshot import Reading, Snapshot
from streams.tick import FeedEvent, FeedState, Item, Tick

OPEN = 1_773_754_200 * NS
"""2026-03-17 09:30 New York."""
HALT, RESUME, END = 1800, 2160, 2700
"""Seconds after the open."""
NAMES = ("ETH", "IWM")
HOUR = 3600.0
PAIR_CALLS = [
    Call("corr", NAMES, HOUR),
    Call("pearson", NAMES, 1200.0),
    Call("breakdown", NAMES, rate=1 / 21),
]
OWN_CALLS = [
    Call("return", ("IWM",), 600.0),
    Call("volatility", ("IWM",), HOUR),
    Call("price", ("IWM",)),
]
STALE, AGE = Call("stale", ("IWM",)), Call("age", ("IWM",))
ETH = Instrument("ETH", "24/7", (Route("coinbase", "ETH-USD"),))
IWM = Instrument("IWM", "NYSE", (Route("alpaca", "IWM"), Route("finnhub", "IWM")))


def market() -> Market:
    calls = [*PAIR_CALLS, *OWN_CALLS, STALE, AGE]
    priors = {"ETH-IWM": Prior(correlation=0.5)}
    return Market([ETH, IWM], [Pair(*NAMES)], calls, priors=priors)


def at(second: float) -> int:
    return OPEN + round(second * NS)


def trade(second: float, price: float, venue: str = "alpaca") -> Tick[float]:
    symbol = "ETH-USD" if venue == "coinbase" else "IWM"
    return Tick("trade", venue, symbol, price, 1.0, None, None, at(second), at(second + 0.02))


def event(second: float, state: FeedState, *, halted: bool = False) -> FeedEvent:
    return FeedEvent("alpaca", "IWM", state, at(second), "", halted)


HALTED = event(HALT, FeedState.CLOSED, halted=True)
RESUMED = event(RESUME, FeedState.LIVE)


def trades(jump: float = 0.0, venues: tuple[str, ...] = ("alpaca",)) -> Iterator[Item]:
    """Of both every three seconds, of IWM none in the halt; it comes back `jump` lower."""
    rng = np.random.default_rng(5)
    moves = rng.standard_normal((END, 1)) + 0.7 * rng.standard_normal((END, 2))
    path = 1e-4 * moves.cumsum(axis=0)
    for second in range(1, END, 3):
        eth, iwm = path[second].tolist()
        yield trade(second, exp(log(2000) + eth), "coinbase")
        if not HALT <= second < RESUME:
            after = jump if second >= RESUME else 0.0
            for venue in venues:
                yield trade(second + 1, exp(log(250) + iwm - after), venue)


def run(found: Market, items: Iterable[Item]) -> dict[int, Snapshot]:
    ordered = sorted(items, key=lambda item: item.ts_recv)
    return {s.ts: s for item in ordered for s in found.accept(item)}


@pytest.fixture(scope="module")
def halted() -> dict[int, Snapshot]:
    return run(market(), [*trades(jump=0.07), HALTED, RESUMED])


def during(snapshots: dict[int, Snapshot]) -> list[Snapshot]:
    return [s for ts, s in snapshots.items() if at(HALT) < ts < at(RESUME)]


def test_nothing_is_said_of_a_halted_instrument_and_of_its_pairs(
    halted: dict[int, Snapshot],
) -> None:
    readings = [s.readings[c.key] for s in during(halted) for c in (*PAIR_CALLS, *OWN_CALLS)]
    assert len(readings) > 2000
    assert set(readings) == {Reading(None, "IWM halted")}


def test_a_halt_is_not_a_stale_feed(halted: dict[int, Snapshot]) -> None:
    assert {s.readings[STALE.key].value for s in during(halted)} == {False}
    ages = [s.readings[AGE.key].value for s in during(halted)]
    assert ages[-1] == pytest.approx(RESUME - HALT, abs=5)


def test_no_return_spans_a_halt() -> None:
    found = market()
    minutes: list[tuple[int, float, float]] = []
    found.link(*NAMES).on_minute = lambda *bar: minutes.append(bar)
    run(found, [*trades(jump=0.07), HALTED, RESUMED])
    assert max(abs(y) for _, _, y in minutes) < 0.01
    assert not [end for end, *_ in minutes if at(HALT) < end <= at(RESUME + 60)]
    assert [end for end, *_ in minutes if end > at(RESUME + 60)]


def test_statistics_stand_still_in_a_halt_and_go_on_after_it(halted: dict[int, Snapshot]) -> None:
    before, after, later = (halted[at(s)] for s in (HALT - 1, RESUME + 5, RESUME + 200))
    for key in (call.key for call in PAIR_CALLS):
        assert before.readings[key].value is not None
        assert before.readings[key] == after.readings[key]
    assert all(after.readings[c.key] != later.readings[c.key] for c in PAIR_CALLS[:2])


def test_trades_reported_late_do_not_end_a_halt() -> None:
    late = [trade(HALT + n, 251.0) for n in (0.5, 3.0, 9.0)]
    found = run(market(), [*trades(), *late, HALTED, RESUMED])
    assert {s.readings["price(IWM)"].reason for s in during(found)} == {"IWM halted"}


def test_a_trade_long_after_proves_that_the_end_of_the_halt_was_not_heard() -> None:
    found = run(market(), [*trades(), HALTED])
    assert found[at(RESUME - 1)].readings["price(IWM)"].reason == "IWM halted"
    assert found[at(RESUME + 5)].readings["price(IWM)"].value is not None


def test_another_feed_is_neither_switched_to_nor_called_stale_in_a_halt() -> None:
    found = market()
    snapshots = run(found, [*trades(venues=("alpaca", "finnhub")), HALTED, RESUMED])
    assert {s.readings["price(IWM)"].reason for s in during(snapshots)} == {"IWM halted"}
    assert found.arbiter("IWM").switches == 0


def test_a_halt_that_the_spare_feed_tells_of_is_one_too() -> None:
    told = [
        msgspec.structs.replace(each, venue="finnhub", symbol="IWM") for each in (HALTED, RESUMED)
    ]
    snapshots = run(market(), [*trades(jump=0.07, venues=("alpaca", "finnhub")), *told])
    assert {s.readings["price(IWM)"].reason for s in during(snapshots)} == {"IWM halted"}
    before, after = (snapshots[at(s)].readings["corr(ETH,IWM,1h)"] for s in (HALT - 1, RESUME + 5))
    assert before == after


def test_where_the_feed_that_told_of_it_goes_down_prices_are_missed_again() -> None:
    found = run(market(), [*trades(), HALTED, event(HALT + 100, FeedState.DOWN)])
    before, after = found[at(HALT + 99)], found[at(HALT + 101)]
    assert before.readings[STALE.key].value is False
    assert after.readings[STALE.key].value is True
    assert after.readings["price(IWM)"].reason.startswith("IWM stale")


def test_a_halt_that_was_never_lifted_does_not_hide_a_mute_feed_on_the_next_day() -> None:
    found = market()
    kept = [each for each in trades() if each.ts_recv < HALTED.ts_recv]
    run(found, [*kept, HALTED])
    day = 86_400
    tomorrow = run(found, [trade(day + second, 2000.0, "coinbase") for second in range(0, 120, 3)])
    assert tomorrow[at(day + 30)].readings[STALE.key].value is False
    assert tomorrow[at(day + 90)].readings[STALE.key].value is True
