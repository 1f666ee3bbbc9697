from __future__ import annotations

import random
from collections.abc import Iterable
from itertools import pairwise
from math import exp, log

import numpy as np
import pytest

from streams.beliefs import Prior
from streams.instrument import NS, Instrument, Pair, Route
from streams.market import Market
from streams.metric import Call
from streams.snapshot import Snapshot
from streams.tick import Beat, FeedEvent, FeedState, Item, Tick

OPEN = 1_773_754_200 * NS
"""2026-03-17 09:30 New York."""
HOUR = 3600.0

ETH = Instrument("ETH", "24/7", (Route("a", "E"), Route("b", "E")), stale_after=60 * NS)
IWM = Instrument("IWM", "NYSE", (Route("s", "I"),), stale_after=60 * NS)
PAIR = Pair("ETH", "IWM")
CORR = Call("corr", ("ETH", "IWM"), HOUR)
PEARSON = Call("pearson", ("ETH", "IWM"), HOUR)
CALLS = (
    CORR,
    PEARSON,
    Call("divergence", ("ETH", "IWM"), HOUR),
    Call("breakdown", ("ETH", "IWM"), rate=1 / 21),
    Call("price", ("ETH",)),
    Call("age", ("IWM",)),
    Call("stale", ("IWM",)),
    Call("return", ("ETH",), 1800.0),
    Call("return", ("IWM",), days=1),
)


def market() -> Market:
    return Market([ETH, IWM], [PAIR], CALLS)


def at(second: float) -> int:
    return OPEN + round(second * NS)


def trade(second: float, price: float, venue: str = "a", delay: float = 0.02) -> Tick[float]:
    symbol = {"a": "E", "b": "E", "s": "I"}[venue]
    return Tick("trade", venue, symbol, price, 1.0, None, None, at(second), at(second + delay))


def linked(seconds: int, start: int = 1, rho: float = 0.6, seed: int = 1) -> list[Item]:
    """Trades of both instruments every few seconds, of one correlated walk a second."""
    chance = random.Random(seed)
    x, y, items = log(2000.0), log(250.0), list[Item]()
    for second in range(start, start + seconds):
        common = chance.gauss(0, 1)
        x += 1e-4 * (rho**0.5 * common + (1 - rho) ** 0.5 * chance.gauss(0, 1))
        y += 8e-5 * (rho**0.5 * common + (1 - rho) ** 0.5 * chance.gauss(0, 1))
        items.append(trade(second + chance.random() * 0.4, exp(x)))
        if chance.random() < 0.5:
            items.append(trade(second + chance.random() * 0.4, exp(y), "s"))
    return items


def run(m: Market, items: Iterable[Item]) -> list[Snapshot]:
    ordered = sorted(items, key=lambda item: item.ts_recv)
    return [snapshot for item in ordered for snapshot in m.accept(item)]


def reason(snapshot: Snapshot, call: Call) -> str:
    reading = snapshot.readings[call.key]
    assert reading.value is None
    return reading.reason


def test_a_snapshot_is_taken_at_each_instant_of_the_grid_before_what_is_stamped_there() -> None:
    m = market()
    run(m, [trade(0.5, 2000, delay=0)])
    snapshots = run(m, [trade(1.0, 2100, delay=0), trade(3.2, 2000, delay=0)])
    assert [s.ts for s in snapshots] == [at(1), at(2), at(3)]
    prices = [s.readings["price(ETH)"].value for s in snapshots]
    assert prices == [2000, 2000, 2000]


def test_a_feed_event_is_answered_at_once() -> None:
    m = market()
    run(m, [trade(0.5, 2000)])
    (snapshot,) = run(m, [FeedEvent("a", None, FeedState.DOWN, at(0.7), "gone")])
    assert snapshot.ts == at(0.7)
    assert snapshot.feeds[0].state == "down"
    assert snapshot.feeds[0].reason == "gone"


def test_core_time_never_steps_back() -> None:
    m = market()
    run(m, [trade(5, 2000)])
    assert not list(m.accept(Beat(at(3))))
    assert m.core == at(5.02)


def test_correlation_is_found_and_the_same_items_give_the_same_snapshots() -> None:
    items = linked(4000)
    first, second = run(market(), items), run(market(), items)
    assert first == second
    corr = first[-1].readings[CORR.key]
    assert isinstance(corr.value, float)
    assert corr.low is not None
    assert corr.high is not None
    assert corr.low < 0.6 < corr.high


def test_arrival_order_inside_the_window_does_not_matter() -> None:
    chance = random.Random(3)
    items = linked(1500)
    jittered = [
        Tick(t.kind, t.venue, t.symbol, t.price, t.size, None, None, t.ts_event, t.ts_recv + delay)
        for t in items
        if isinstance(t, Tick)
        for delay in [chance.randrange(NS // 3)]
    ]
    calm, mixed = market(), market()
    run(calm, items)
    run(mixed, jittered)
    end = Beat(at(1600))
    (a, b) = (list(m.accept(end))[2].readings[CORR.key] for m in (calm, mixed))
    assert a == b
    assert mixed.counts.late == 0


def test_a_late_tick_is_counted_and_does_not_move_the_statistics() -> None:
    items = linked(1500)
    late = trade(100, 2500, delay=20)
    calm, other = market(), market()
    a = run(calm, items)[-1].readings[CORR.key]
    b = run(other, [*items, late])[-1].readings[CORR.key]
    assert other.counts.late + other.arbiter("ETH").line.filter.set_aside >= 1
    assert a == b


def test_a_venue_clock_that_is_ahead_is_flagged_and_loses_no_tick() -> None:
    m = market()
    ahead = [trade(second, 2000 + second / 100, delay=-5) for second in range(10, 100)]
    run(m, [*ahead, *(trade(s, 250, "s") for s in range(5, 95, 2))])
    assert m.counts.ahead == 90
    assert m.counts.late == 0
    assert len(m.ring("ETH")) + len(m.ring("IWM")) >= 130


def test_pearson_agrees_with_numpy_at_every_minute() -> None:
    m = market()
    minutes: list[tuple[int, float, float]] = []
    m.link("ETH", "IWM").on_minute = lambda *bar: minutes.append(bar)
    checked = 0
    for item in linked(7200):
        for snapshot in m.accept(item):
            value = snapshot.readings[PEARSON.key].value
            if len(minutes) >= 60 and value is not None:
                x, y = (np.array([bar[n] for bar in minutes[-60:]]) for n in (1, 2))
                assert value == pytest.approx(float(np.corrcoef(x, y)[0, 1]), abs=1e-10)
                checked += 1
    assert checked > 3000


def test_bars_close_at_the_last_price_at_or_before_their_end() -> None:
    m = market()
    minutes: list[tuple[int, float, float]] = []
    m.link("ETH", "IWM").on_minute = lambda *bar: minutes.append(bar)
    eth = {60: 2000.0, 119: 2010.0, 120: 2001.0, 121: 2020.0, 180: 2003.0, 182: 2003.0}
    run(
        m, [*(trade(s, p) for s, p in eth.items()), *(trade(s, 250, "s") for s in range(1, 200, 9))]
    )
    closes = [2000.0, 2001.0, 2003.0]
    returns = [log(b / a) for a, b in pairwise(closes)]
    assert [bar[0] for bar in minutes] == [at(120), at(180)]
    assert [bar[1] for bar in minutes] == pytest.approx(returns, abs=1e-12)


def test_a_change_of_venue_makes_no_return_of_their_difference() -> None:
    items = linked(1800)
    basis = [
        Tick("trade", "b", "E", t.price * 1.02, 1.0, None, None, t.ts_event, t.ts_recv + 1)
        for t in items
        if isinstance(t, Tick) and t.venue == "a"
    ]
    down = FeedEvent("a", None, FeedState.DOWN, at(1200))
    before = [
        i for i in items if not (isinstance(i, Tick) and i.venue == "a" and i.ts_recv > at(1200))
    ]
    m = market()
    snapshots = run(m, [*before, *basis, down])
    calm = run(market(), items)
    assert m.arbiter("ETH").switches == 1
    ours, theirs = (s[-1].readings[CORR.key].value for s in (snapshots, calm))
    assert isinstance(ours, float)
    assert ours == pytest.approx(theirs, abs=0.05)
    after = [s.readings["return(ETH,30m)"].value for s in snapshots if s.ts > at(1300)]
    assert all(value is None or abs(float(value)) < 0.015 for value in after)


def test_nothing_is_said_of_a_pair_whose_data_are_stale() -> None:
    m = market()
    run(m, linked(1800))
    (*_, snapshot) = m.accept(Beat(at(1900)))
    assert reason(snapshot, CORR).startswith("IWM stale")
    assert snapshot.readings["stale(IWM)"].value is True


def test_nothing_is_said_of_a_pair_while_the_market_is_closed() -> None:
    m = market()
    run(m, linked(1200, start=23_400 - 1200))
    (*_, snapshot) = m.accept(Beat(at(6.5 * 3600 + 60)))
    assert reason(snapshot, CORR) == "closed"
    assert snapshot.readings["stale(IWM)"].value is False
    assert snapshot.sessions == {"ETH": "regular", "IWM": "extended"}


def test_a_price_that_is_repeated_for_minutes_says_nothing_and_moves_no_statistic() -> None:
    items = linked(2400)
    last = [
        i.price for i in items if isinstance(i, Tick) and i.venue == "s" and i.ts_recv <= at(1500)
    ]
    stuck = [
        Tick("trade", "s", "I", last[-1], 1.0, None, None, i.ts_event, i.ts_recv)
        if isinstance(i, Tick) and i.venue == "s" and at(1500) < i.ts_recv < at(2100)
        else i
        for i in items
    ]
    during = [s for s in run(market(), stuck) if at(1810) < s.ts < at(2100)]
    assert during
    assert all(reason(s, CORR) == "IWM has stood still for minutes" for s in during)
    ours = run(market(), stuck)[-1].readings[CORR.key]
    theirs = run(market(), items)[-1].readings[CORR.key]
    assert isinstance(ours.value, float)
    assert isinstance(theirs.value, float)
    assert abs(ours.value - theirs.value) < 0.15


def test_correlation_waits_for_the_session_to_settle() -> None:
    m = market()
    snapshots = run(m, linked(1000))
    early = [s for s in snapshots if s.ts < at(900)]
    assert all(reason(s, CORR) == "first 15 minutes of the session" for s in early)
    assert snapshots[-1].readings[CORR.key].value is not None


def test_what_was_learned_is_said_and_a_prior_is_called_one() -> None:
    history = {
        name: [
            (i.ts_recv - 86_400 * NS, i.price)
            for i in linked(23_000)
            if isinstance(i, Tick) and i.venue == venue
        ]
        for name, venue in (("ETH", "a"), ("IWM", "s"))
    }
    learned = market()
    learned.learn(history)
    assert learned.link("ETH", "IWM").beta is not None
    run(learned, linked(1000))
    believing = Market(
        [ETH, IWM], [PAIR], CALLS, priors={"ETH-IWM": Prior(correlation=0.5, beta=0.8)}
    )
    snapshot = run(believing, linked(1000))[-1]
    note = snapshot.readings["breakdown(ETH,IWM,1/month)"].note
    assert "a prior" in note
    assert "67%" in note


def test_a_return_since_the_close_needs_the_close() -> None:
    m = market()
    assert reason(run(m, linked(30))[-1], Call("return", ("IWM",), days=1)).startswith("no prior")
    m = market()
    m.learn({"IWM": [(at(-17.5 * 3600), 200.0)]})
    value = run(m, linked(30))[-1].readings["return(IWM,1d)"].value
    assert value == pytest.approx(0.25, abs=0.01)


def test_a_tick_that_nobody_asked_for_is_counted() -> None:
    m = market()
    run(m, [Tick("trade", "a", "DOGE", 1.0, 1.0, None, None, at(1), at(1))])
    assert m.counts.unrouted == 1


def test_before_the_first_price_of_a_session_nothing_has_moved_since_the_close_before() -> None:
    m = market()
    m.learn({"IWM": [(at(-17.5 * 3600), 200.0)]})
    opened = run(m, [trade(second, 2000.0) for second in range(1, 5)])[-1]
    assert "since the prior close" in reason(opened, Call("return", ("IWM",), days=1))
