"""Several pairs in one market: what they share, and that they leave each other alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from math import exp, log
from typing import Any

import numpy as np
import pytest

from streams.beliefs import Prior
from streams.estimators.hayashi_yoshida import HayashiYoshida
from streams.instrument import NS, Instrument, Pair, Route
from streams.link import Link
from streams.market import Market
from streams.metric import CATALOGUE, Call
from streams.snapshot import Reading, Snapshot
from streams.tick import Beat, FeedEvent, FeedState, Item, Tick

OPEN = 1_773_754_200 * NS
"""2026-03-17 09:30 New York."""
DAY = 86_400
HOUR = 3600.0
CRYPTO, SHARES = ("ETH", "BTC", "SOL"), ("IWM", "SPY", "QQQ", "DIA")
NAMES = (*CRYPTO, *SHARES)
TEN = [Pair(x, y) for x, y in product(CRYPTO, SHARES) if y != "DIA" or x == "ETH"]
ETH_IWM = Pair("ETH", "IWM", ("SPY", "BTC"))


def instrument(name: str) -> Instrument:
    routes = (Route(f"a-{name}", name), Route(f"b-{name}", name))
    calendar = "24/7" if name in CRYPTO else "NYSE"
    return Instrument(name, calendar, routes, stale_after=60 * NS)


def market(pairs: Sequence[Pair], calls: Iterable[Call]) -> Market:
    priors = {pair.name: Prior(correlation=0.5, beta=1.0) for pair in pairs}
    return Market([instrument(name) for name in NAMES], pairs, list(calls), priors=priors)


def calls_of(pair: Pair) -> list[Call]:
    """Every statistic of a pair, with its controls."""
    return [
        Call(
            metric.name,
            (pair.x, pair.y, *pair.controls[:1]) if metric.controlled else (pair.x, pair.y),
            None if metric.rate else HOUR,
            metric.rate,
        )
        for metric in CATALOGUE.values()
        if metric.over == "pair" and not (metric.controlled and not pair.controls)
    ]


def trades(seconds: int, start: int = OPEN, names: Sequence[str] = NAMES) -> list[Item]:
    """Of each every five seconds, one after the other, of one market."""
    rng = np.random.default_rng(start % 1000)
    moves = 1e-4 * (rng.standard_normal((seconds, 1)) + rng.standard_normal((seconds, len(NAMES))))
    path = moves.cumsum(axis=0) + log(100.0)
    found: list[Item] = []
    for second in range(0, seconds, 5):
        for n, name in enumerate(names):
            ts = start + (second + 1) * NS + n * NS // 10
            price = exp(path[second, NAMES.index(name)])
            found.append(
                Tick("trade", f"a-{name}", name, price, 1.0, None, None, ts, ts + NS // 50)
            )
    return found


def run(found: Market, items: Iterable[Item]) -> list[Snapshot]:
    """Until nothing is held back any more."""
    ordered = sorted(items, key=lambda item: item.ts_recv)
    ordered.append(Beat(ordered[-1].ts_recv + 2 * NS))
    return [snapshot for item in ordered for snapshot in found.accept(item)]


def links(found: Market, name: str) -> set[Link]:
    return {found.link(pair.x, pair.y) for pair in TEN if name in {pair.x, pair.y}}


def down(name: str, second: int) -> FeedEvent:
    return FeedEvent(f"a-{name}", None, FeedState.DOWN, OPEN + second * NS)


def history(found: Market) -> None:
    """A session of 15 s closes, two days before."""
    start = OPEN - 86_400 * NS
    past: dict[str, list[tuple[int, float]]] = {name: [] for name in NAMES}
    for item in trades(5 * 1500, start):
        assert isinstance(item, Tick)
        second = (item.ts_recv - start) // (5 * NS)
        past[item.symbol].append((start + 15 * second * NS + 15 * NS, item.price))
    found.learn(past)


def readings(snapshots: Sequence[Snapshot], calls: Iterable[Call]) -> list[list[Reading]]:
    wanted = [call.key for call in calls]
    return [[snapshot.readings[key] for key in wanted] for snapshot in snapshots]


def test_a_pair_says_the_same_alone_and_among_nine_others_whose_feeds_break() -> None:
    own = calls_of(ETH_IWM)
    others = [pair for pair in TEN if pair.name != "ETH-IWM"]
    alone = market([ETH_IWM], own)
    among = market([ETH_IWM, *others], [*own, *(c for pair in others for c in calls_of(pair))])
    # SPY and BTC stand beside the pair, so that only strangers may go.
    items = [*trades(3000), *(down(name, 400 * n) for n, name in enumerate(("SOL", "QQQ"), 1))]
    for each in (alone, among):
        history(each)
    snapshots = [run(each, items) for each in (alone, among)]
    first, second = (readings(each, own) for each in snapshots)
    assert len(first) > 2900
    assert first == second
    told = {key for key, reading in snapshots[0][-1].readings.items() if reading.value is not None}
    assert {"corr(ETH,IWM,1h)", "breakdown(ETH,IWM,1/month)", "beta(ETH,IWM,1h)"} <= told


def test_a_feed_that_breaks_is_told_to_the_links_it_is_part_of_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = market(TEN, [])
    run(found, trades(60))
    told: list[Link] = []
    monkeypatch.setattr(Link, "use", lambda link, *_: told.append(link))
    run(found, [down("SOL", 61), *trades(30, OPEN + 70 * NS)])
    assert set(told) == links(found, "SOL")


def test_a_control_that_is_a_pair_too_is_one_link_and_one_correlation_a_window(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[tuple[str, str]] = []
    correlations: list[float] = []

    def linked(x: str, y: str, *rest: Any, **more: Any) -> Link:
        made.append((x, y))
        return Link(x, y, *rest, **more)

    def correlated(halflife: float) -> HayashiYoshida:
        correlations.append(halflife)
        return HayashiYoshida(halflife)

    monkeypatch.setattr("streams.floor.Link", linked)
    monkeypatch.setattr("streams.covariation.HayashiYoshida", correlated)
    control = [Call("corr", ("ETH", "SPY"), HOUR)]
    own = [Call(name, ("ETH", "SPY"), HOUR) for name in ("corr", "corr_low", "corr_high")]
    longer = Call("corr", ("ETH", "SPY"), 4 * HOUR)
    found = market(
        [ETH_IWM, Pair("ETH", "SPY", ("IWM",))],
        [*dict.fromkeys([Call("corr", ("ETH", "IWM"), HOUR), *control, *own, longer])],
    )
    found.ask([*control, *own])
    assert made == [("ETH", "IWM"), ("ETH", "SPY")]
    assert len(correlations) == 3, "ETH–IWM over 1h, ETH–SPY over 1h and 4h"


def test_a_tick_feeds_the_links_of_its_instrument_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    found = market(TEN, [Call("corr", (pair.x, pair.y), HOUR) for pair in TEN])
    run(found, trades(60))
    fed: list[Link] = []
    monkeypatch.setattr(Link, "tick", lambda link, *_: fed.append(link))
    run(found, trades(30, OPEN + 70 * NS, names=["QQQ"]))
    assert set(fed) == links(found, "QQQ")


def test_readings_of_pairs_that_nothing_happened_to_are_not_worked_out_anew() -> None:
    calls = [Call("corr", (pair.x, pair.y), HOUR) for pair in TEN]
    found = market(TEN, calls)
    run(found, trades(1200))
    both = ("SOL", "QQQ")
    before, *_, after = run(found, trades(30, OPEN + 1201 * NS, names=both))
    fresh = {c.key for c in calls if before.readings[c.key] is not after.readings[c.key]}
    touched = {c.key for c in calls if set(c.instruments) & set(both)}
    assert fresh == touched
    assert len(fresh) < len(calls)
