"""Two mornings of ticks of ETH and IWM, the second with a fault of the kind that feeds have."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import exp

import msgspec
import numpy as np

from streams.instrument import NS, Instrument, Pair, Route
from streams.tick import Beat, FeedEvent, FeedState, Item, Tick

ETH = Instrument("ETH", "24/7", (Route("a", "E"), Route("b", "E")), stale_after=120 * NS)
IWM = Instrument("IWM", "NYSE", (Route("s", "I"),), stale_after=120 * NS)
PAIR = Pair("ETH", "IWM")

FRIDAY = 1_773_408_600 * NS
"""2026-03-13 09:30 New York."""
TUESDAY = FRIDAY + 4 * 86_400 * NS
WEDNESDAY = TUESDAY + 86_400 * NS
MONDAY = FRIDAY + 3 * 86_400 * NS
MORNING = 3 * 3600
"""Seconds of a session that are played."""
FAULT = 5400
"""Seconds after the second open at which the fault begins."""

Items = list[Item]


def tick(ts: int, venue: str, log_price: float, delay: int = NS // 50) -> Tick[float]:
    """A trade, received 20 ms after it was made unless told otherwise."""
    symbol = "I" if venue == "s" else "E"
    return Tick("trade", venue, symbol, exp(log_price), 1.0, None, None, ts, ts + delay)


def morning(
    rng: np.random.Generator, opened: int, at: tuple[float, float], rho: float = 0.6
) -> Items:
    """Trades of one correlated walk a second: ETH at every other one, IWM at every third."""
    z = rng.standard_normal((MORNING, 2))
    z[:, 1] = rho * z[:, 0] + np.sqrt(1 - rho * rho) * z[:, 1]
    path = np.cumsum(z * (1.3e-4, 7e-5), axis=0) + at
    items = Items()
    for second, (x, y) in enumerate(path.tolist()):
        ts = opened + second * NS
        if second % 2 == 0:
            items.append(tick(ts + 1000, "a", x))
        if second % 3 == 0:
            items.append(tick(ts + 2000, "s", y))
    return items


def last(items: Items) -> tuple[float, float]:
    """The last log prices of ETH and IWM."""
    trades = [item for item in items if isinstance(item, Tick)]
    x, y = (next(t.price for t in reversed(trades) if t.symbol == name) for name in "EI")
    return float(np.log(x)), float(np.log(y))


def bad_print(items: Items, begin: int) -> Items:
    """ETH's last trade of a minute is at a hundredth of its price, later one at ten times."""
    for start, factor in ((begin, 0.01), (begin + 900 * NS, 10.0)):
        for n, item in enumerate(items):
            if isinstance(item, Tick) and between(item, start + 58 * NS, 2, "E"):
                items[n] = msgspec.structs.replace(item, price=item.price * factor)
    return items


def between(item: Item, begin: int, seconds: int, symbol: str) -> bool:
    """Whether it is a trade of `symbol` in that time."""
    inside = begin <= item.ts_recv < begin + seconds * NS
    return inside and isinstance(item, Tick) and item.symbol == symbol


def stale_run(items: Items, begin: int) -> Items:
    """IWM's feed says nothing for twenty minutes, without a word."""
    return [item for item in items if not between(item, begin, 1200, "I")]


def constant_stretch(items: Items, begin: int) -> Items:
    """IWM trades on at one price for seventy minutes."""
    held = next(t.price for t in items if isinstance(t, Tick) and between(t, begin, 60, "I"))
    return [
        msgspec.structs.replace(item, price=held)
        if isinstance(item, Tick) and between(item, begin, 4200, "I")
        else item
        for item in items
    ]


def ties(items: Items, begin: int) -> Items:
    """Stamps are floored to the second, and every trade comes twice."""
    out = Items()
    for item in items:
        if isinstance(item, Tick) and item.ts_event is not None and item.ts_recv >= begin:
            floored = msgspec.structs.replace(item, ts_event=item.ts_event - item.ts_event % NS)
            out += [floored, floored]
        else:
            out.append(item)
    return out


def out_of_order(items: Items, begin: int) -> Items:
    """Trades are received up to two seconds late, each by its own delay."""
    rng = np.random.default_rng(5)
    late = [
        msgspec.structs.replace(item, ts_recv=item.ts_recv + int(rng.integers(0, 2 * NS)))
        if isinstance(item, Tick) and item.ts_recv >= begin
        else item
        for item in items
    ]
    return sorted(late, key=lambda item: item.ts_recv)


def halt(items: Items, begin: int) -> Items:
    """IWM is halted for half an hour and resumes 3 % lower."""
    kept = [item for item in items if not between(item, begin, 1800, "I")]
    lower = [
        msgspec.structs.replace(item, price=item.price * 0.97)
        if isinstance(item, Tick) and item.symbol == "I" and item.ts_recv >= begin
        else item
        for item in kept
    ]
    event = FeedEvent("s", "I", FeedState.CLOSED, begin, "halted")
    return sorted([*lower, event], key=lambda item: item.ts_recv)


def venue_switch(items: Items, begin: int) -> Items:
    """ETH's first venue is lost; the second, two per cent dearer, goes on."""
    swapped = Items()
    for item in items:
        if isinstance(item, Tick) and item.symbol == "E":
            second = msgspec.structs.replace(item, venue="b", price=item.price * 1.02)
            swapped.append(second)
            if item.ts_recv >= begin:
                continue
        swapped.append(item)
    swapped.append(FeedEvent("a", None, FeedState.DOWN, begin, "connection lost"))
    return sorted(swapped, key=lambda item: item.ts_recv)


def nothing(items: Items, begin: int) -> Items:
    """No fault, for comparison."""
    del begin
    return items


FAULTS: dict[str, Callable[[Items, int], Items]] = {
    "no fault": nothing,
    "bad prints": bad_print,
    "stale run": stale_run,
    "constant stretch": constant_stretch,
    "ties": ties,
    "out of order": out_of_order,
    "weekend, ETH 8 % away": nothing,
    "halt, IWM 3 % away": halt,
    "venue switch, 2 % away": venue_switch,
}


def second_open(fault: str) -> int:
    """When the second morning begins: after a weekend where the fault is one."""
    return MONDAY if fault.startswith("weekend") else WEDNESDAY


def play(fault: str, seed: int) -> Iterable[Item]:
    """Both mornings and what lies between them."""
    rng = np.random.default_rng(seed)
    weekend = fault.startswith("weekend")
    reopened = second_open(fault)
    first = morning(rng, FRIDAY if weekend else TUESDAY, (7.6, 5.5))
    x, y = last(first)
    second = morning(rng, reopened, (x + (0.08 if weekend else 0.0), y))
    yield from first
    for ts in range(first[-1].ts_recv, reopened, 60 * NS):
        yield Beat(ts)
    yield from FAULTS[fault](second, reopened + FAULT * NS)
