"""A venue to the first tick of each symbol, with the daemon's own connection loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from random import Random

from alerts.moment import clock
from config.settings import Config, Venue
from daemon.doctor.finding import Finding, fail, ok, warn
from daemon.wiring import venue_for
from streams.feeds.feed import Feed
from streams.instrument import NS
from streams.sessions import calendar
from streams.tick import FeedEvent, FeedState, Item, Tick

_SETTLING = 1.5
"""Seconds in which a venue of a closed market may still refuse us."""
_OFF = 250_000_000
"""How far (ns) a stamp may be ahead of this machine's clock."""
_STALE = 3600.0

_REMEDIES: tuple[tuple[str, str], ...] = (
    ("resolved", "see the host's own line"),
    ("another is open", "a key has one connection: stop the comove that runs, then ask again"),
    (" the key", "see whether key and secret are the venue's, and whole"),
    ("Alpaca: ", "see Alpaca's dashboard"),
    ("HTTP 401", "see whether key and secret are the venue's, and whole"),
    ("HTTP 403", "the venue refuses this key, or this country"),
    ("HTTP 429", "too many connections from this address: wait some minutes"),
    ("HTTP 451", "the venue does not serve this country: remove it from 'feeds:'"),
    ("certificate", "see the host's own line"),
)


class Heard:
    """What has come of each symbol; `done` is set when there is an answer for all."""

    def __init__(self, symbols: tuple[str, ...], now: Callable[[], int]) -> None:
        self.done = asyncio.Event()
        self.lost = asyncio.Event()
        self.ticks: dict[str, tuple[float, int | None]] = {}
        """Seconds to the first, and its age (ns)."""
        self.closed: dict[str, str] = {}
        self.down: dict[str, str] = {}
        self._symbols = symbols
        self._began = now()

    def take(self, item: Item) -> None:
        """Whatever the feed says."""
        if isinstance(item, Tick):
            age = None if item.ts_event is None else item.ts_recv - item.ts_event
            self.ticks.setdefault(item.symbol, ((item.ts_recv - self._began) / NS, age))
        elif isinstance(item, FeedEvent):
            self._event(item)
        if all(
            one in self.ticks or one in self.closed or one in self.down for one in self._symbols
        ):
            self.done.set()

    def _event(self, event: FeedEvent) -> None:
        symbols = self._symbols if event.symbol is None else (event.symbol,)
        match event.state:
            case FeedState.CLOSED:
                self.closed |= dict.fromkeys(symbols, event.reason)
            case FeedState.DOWN:
                self.down |= dict.fromkeys(symbols, event.reason)
                self.lost.set()

    def missing(self) -> list[str]:
        """Those of which nothing came."""
        known = {*self.ticks, *self.closed, *self.down}
        return [symbol for symbol in self._symbols if symbol not in known]


async def follow(
    config: Config,
    venue: Venue,
    *,
    now: Callable[[], int],
    rng: Random,
    proxy: bool = True,
    patience: float = 8.0,
) -> Finding:
    """Connect and wait for each symbol's first tick, `patience` seconds at most."""
    wire, due, _ = venue_for(config, venue)
    heard = Heard(wire.symbols, now)
    feed = Feed(
        wire,
        emit=heard.take,
        now=now,
        due=due,
        stale_after=_STALE,
        rng=rng,
        url=venue.url,
        proxy=True if proxy else None,
    )
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(feed.run(), name=f"feed {feed.name}")
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await heard.done.wait()
                if heard.closed and not heard.lost.is_set():
                    async with asyncio.timeout(_SETTLING):
                        await heard.lost.wait()
        running.cancel()
    opening = {symbol: _opening(config, venue.name, symbol, now()) for symbol in heard.closed}
    return _finding(heard, opening, patience, connected=feed.counts.frames > 0)


def _opening(config: Config, venue: str, symbol: str, now: int) -> str:
    """When the next regular session begins; empty where one is on."""
    name = next(
        each.calendar
        for each in config.instruments
        for route in each.routes
        if (route.venue, route.symbol) == (venue, symbol)
    )
    hours = calendar(name)
    at = now
    while hours.session(at).kind != "regular":
        at = hours.session(at).end_ns
    return "" if at == now else f" until {clock(at, now)}"


def _finding(heard: Heard, opening: dict[str, str], patience: float, *, connected: bool) -> Finding:
    down = {symbol: why for symbol, why in heard.down.items() if symbol not in heard.ticks}
    said = [f"{symbol} in {after:.1f} s{_age(age)}" for symbol, (after, age) in heard.ticks.items()]
    said += [
        f"{symbol} {why}{opening[symbol]}"
        for symbol, why in heard.closed.items()
        if symbol not in heard.ticks and symbol not in down
    ]
    if down:
        return fail("; ".join([*said, *_reasons(down)]), _remedy(next(iter(down.values()))))
    if missing := heard.missing():
        said.append(f"no price of {', '.join(missing)} in {patience:g} s")
        remedy = "see whether the symbol is the venue's own name of it, and traded right now"
        if not connected:
            remedy = "see whether a firewall or proxy lets WebSockets through"
        return (warn if heard.ticks else fail)("; ".join(said), remedy)
    ages = [age for _, age in heard.ticks.values() if age is not None]
    if ages and min(ages) < -_OFF:
        return warn("; ".join(said), "the venue's stamps are ahead of this machine's clock: set it")
    return ok("; ".join(said))


def _reasons(down: dict[str, str]) -> list[str]:
    """Each reason once, with its symbols where not all share it."""
    reasons = dict.fromkeys(down.values())
    if len(reasons) == 1:
        return list(reasons)
    return [f"{symbol} {why}" for symbol, why in down.items()]


def _age(age: int | None) -> str:
    if age is None:
        return ""
    if age < 0:
        return f" ({-age / 1e6:.0f} ms ahead of this clock)"
    return f" ({age / 1e6:.0f} ms old)" if age < NS else f" ({age / NS:.0f} s old)"


def _remedy(reason: str) -> str:
    for part, remedy in _REMEDIES:
        if part in reason:
            return remedy
    return "see whether a firewall lets this machine out, and whether the venue has an outage"
