from __future__ import annotations

from math import inf, log

import pytest

from streams.estimators.hayashi_yoshida import HayashiYoshida
from streams.instrument import NS, Instrument, Pair, Route
from streams.market import Market
from streams.metric import Call
from streams.snapshot import Reading
from streams.tick import Beat, Item, Tick
from tests.streams.test_market import ETH, IWM, OPEN, PAIR, linked

SESSION = Call("corr_session", ("ETH", "IWM"))
DAY = 86_400 * NS


def played(items: list[Item], days: int = 0) -> list[Item]:
    """The same ticks, so many days later."""
    shift = days * DAY
    return [
        Tick(
            t.kind,
            t.venue,
            t.symbol,
            t.price,
            t.size,
            None,
            None,
            t.ts_recv + shift,
            t.ts_recv + shift,
        )
        for t in items
        if isinstance(t, Tick)
    ]


def last(market: Market, items: list[Item]) -> Reading:
    found = Reading(None)
    for item in items:
        for snapshot in market.accept(item):
            found = snapshot.readings[SESSION.key]
    return found


def test_all_of_the_session_counts_alike() -> None:
    items = played(linked(3600))
    found = last(Market([ETH, IWM], [PAIR], [SESSION]), [*items, Beat(OPEN + 3602 * NS)])
    hy = HayashiYoshida(inf)
    thinned: dict[str, int] = {}
    ticks = sorted((i for i in items if isinstance(i, Tick)), key=lambda tick: tick.ts_recv)
    for tick in ticks:
        if tick.ts_recv - thinned.get(tick.symbol, -(2**62)) >= 5 * NS:
            thinned[tick.symbol] = tick.ts_recv
            at = (tick.ts_recv - OPEN) / NS
            (hy.x_tick if tick.symbol == "E" else hy.y_tick)(at, log(tick.price))
    assert found.value == pytest.approx(hy.value().value, abs=0.02)
    assert found.low is not None


def test_another_session_begins_with_nothing_of_the_one_before() -> None:
    market = Market([ETH, IWM], [PAIR], [SESSION])
    last(market, played(linked(3600, rho=0.9)))
    after = [*played(linked(3600, rho=-0.0, seed=9), 1), Beat(OPEN + DAY + 3602 * NS)]
    alone = Market([ETH, IWM], [PAIR], [SESSION])
    assert last(market, after) == last(alone, after)


def test_nothing_is_said_in_the_first_quarter_of_an_hour_and_after_the_close() -> None:
    market = Market([ETH, IWM], [PAIR], [SESSION])
    assert last(market, played(linked(600))).reason == "first 15 minutes of the session"
    assert last(market, [Beat(OPEN + 24_000 * NS)]).reason == "closed"


def test_where_nothing_closes_a_day_in_utc_is_the_session() -> None:
    other = Instrument("IWM", "24/7", (Route("s", "I"),), stale_after=60 * NS)
    midnight = OPEN // DAY + 1
    market, alone = (Market([ETH, other], [Pair("ETH", "IWM")], [SESSION]) for _ in range(2))
    shift = midnight * DAY - OPEN
    before = [_at(t, shift - 3700 * NS) for t in played(linked(3600, rho=0.9))]
    after = [_at(t, shift) for t in played(linked(3600, seed=4))]
    found = last(market, [*before, *after])
    assert found.value == pytest.approx(last(alone, after).value)


def _at(item: Item, shift: int) -> Item:
    assert isinstance(item, Tick)
    ts = item.ts_recv + shift
    return Tick(item.kind, item.venue, item.symbol, item.price, None, None, None, ts, ts)
