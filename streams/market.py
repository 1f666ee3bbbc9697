"""The one door of the core: items in, snapshots out.

Core time is the highest `ts_recv` seen. Snapshots are taken at each instant of a grid of core time,
before the first item stamped at or after it, and at once on a feed event. The same items give the
same snapshots, whenever and wherever they are fed in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from math import log

import msgspec

from streams.arbiter import Arbiter
from streams.instrument import NS, Instrument, Pair
from streams.link import BAR, Link, Prior
from streams.metric import CATALOGUE, Call
from streams.reorder import Reorder
from streams.ring import RingBuffer
from streams.sampling import Bars, Thinning
from streams.sessions import Calendar, calendar
from streams.snapshot import FeedStatus, Reading, Snapshot
from streams.tick import FeedEvent, Item, Tick

_CLOSED = Reading(None, "closed")
_WARM = Reading(None, "no price yet")
_RING = 20_000
"""Ticks an instrument's ring holds: an hour and more of a busy one."""


class Settings(msgspec.Struct, frozen=True):
    """How the core samples; durations are nanoseconds."""

    step: int = NS
    """The grid of core time on which rules are evaluated."""
    reorder: int = NS // 2
    thin: int = 5 * NS
    receipt_stamped: frozenset[str] = frozenset()
    """Venues whose stamps are too coarse or too late to order by: receipt stands in."""


class Counts(msgspec.Struct):
    """What was set aside, since the start."""

    ticks: int = 0
    unrouted: int = 0
    """Ticks of symbols that no instrument names."""
    late: int = 0
    """Ticks older than the reorder window."""
    ahead: int = 0
    """Ticks stamped by their venue later than we received them."""


class _Book:
    """One instrument inside the market."""

    __slots__ = (
        "arbiter",
        "began",
        "calendar",
        "epoch",
        "instrument",
        "links",
        "log_price",
        "ring",
        "session",
        "thinning",
        "ts",
    )

    def __init__(self, instrument: Instrument, thin: int) -> None:
        self.instrument = instrument
        self.calendar = calendar(instrument.calendar)
        self.arbiter = Arbiter(instrument)
        self.thinning = Thinning(thin)
        self.ring = RingBuffer(_RING)
        self.links: list[tuple[Link, bool]] = []
        """The links it is part of, and whether as x."""
        self.began = 0
        """When the market was first told anything."""
        self.log_price = 0.0
        self.epoch = 0
        """Of the last tick the statistics took."""
        self.ts = 0
        """Event time of the last tick the statistics took; 0 after a break."""

    def stale(self, now: int) -> bool:
        """Whether the market is open and no feed has given a price for too long."""
        session = self.calendar.session(now)
        if session.kind != "regular":
            return False
        since = max(self.arbiter.line.ts_recv, session.start_ns, self.began)
        return now - since > self.instrument.stale_after


class Market:
    """Instruments, their feeds and the statistics of pairs, behind `accept`.

    `calls` are the readings wanted: only they are computed. `priors` are by pair name.
    """

    def __init__(
        self,
        instruments: Sequence[Instrument],
        pairs: Sequence[Pair],
        calls: Collection[Call],
        *,
        priors: Mapping[str, Prior] | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.counts = Counts()
        self.core = 0
        """Core time: the highest `ts_recv` seen."""
        self._next: int | None = None
        self._books = {i.name: _Book(i, self.settings.thin) for i in instruments}
        self._order = list(self._books.values())
        self._numbers = {book.instrument.name: n for n, book in enumerate(self._order)}
        self._routes = {
            (route.venue, route.symbol): (book, n, self._numbers[name])
            for name, book in self._books.items()
            for n, route in enumerate(book.instrument.routes)
        }
        self._reorder = Reorder(self.settings.reorder)
        self._bars = Bars(BAR * NS)
        self._links = self._make_links(pairs, calls, priors or {})
        self._readers = {call.key: self._reader(call) for call in calls}
        self._receipt_stamped = self.settings.receipt_stamped

    # -- building

    def _make_links(
        self, pairs: Sequence[Pair], calls: Collection[Call], priors: Mapping[str, Prior]
    ) -> dict[tuple[str, str], Link]:
        wanted: dict[tuple[str, str], list[Call]] = {(p.x, p.y): [] for p in pairs}
        for call in calls:
            if CATALOGUE[call.metric].over == "pair":
                wanted.setdefault((call.instruments[0], call.instruments[1]), []).append(call)
        return {
            (x, y): self._make_link(x, y, asked, priors.get(f"{x}-{y}", Prior()))
            for (x, y), asked in wanted.items()
        }

    def _make_link(self, x: str, y: str, calls: Sequence[Call], prior: Prior) -> Link:
        books = self._books[x], self._books[y]
        hours = next((b.calendar for b in books if b.calendar.horizon_ns), books[0].calendar)
        link = Link(hours, calls, prior)
        books[0].links.append((link, True))
        books[1].links.append((link, False))
        return link

    def _reader(self, call: Call) -> Callable[[int], Reading]:
        if CATALOGUE[call.metric].over == "pair":
            return self._pair_reader(call)
        book = self._books[call.instruments[0]]
        match call.metric:
            case "price":
                return lambda now: _price(book, now)
            case "age":
                return lambda now: _age(book, now)
            case "stale":
                return lambda now: Reading(book.stale(now))
            case _:
                return _return_reader(book, call)

    def _pair_reader(self, call: Call) -> Callable[[int], Reading]:
        x, y = (self._books[name] for name in call.instruments)
        read = self._links[x.instrument.name, y.instrument.name].reader(call)

        def reader(now: int) -> Reading:
            for book in (y, x):
                if book.calendar.session(now).kind != "regular":
                    return _CLOSED
                if book.stale(now):
                    return Reading(None, _stale_text(book, now))
            return read(now)

        return reader

    # -- the door

    def accept(self, item: Item) -> Iterator[Snapshot]:
        """Take one item; snapshots of the grid instants it passes, and of a feed event itself."""
        now = max(self.core, item.ts_recv)
        step = self.settings.step
        if self._next is None:
            self._next = now - now % step + step
            for book in self._order:
                book.began = now
        while self._next <= now:
            self._advance(self._next)
            yield self._snapshot(self._next)
            self._next += step
        self.core = now
        if isinstance(item, Tick):
            self._tick(item)
        elif isinstance(item, FeedEvent):
            self._event(item)
            yield self._snapshot(now)

    def _advance(self, now: int) -> None:
        self.core = now
        for book in self._order:
            book.arbiter.beat(now)
        self._release(now)

    def _event(self, event: FeedEvent) -> None:
        self._release(self.core)
        for book in self._order:
            book.arbiter.on_event(event)

    def _tick(self, tick: Tick[float]) -> None:
        self.counts.ticks += 1
        place = self._routes.get((tick.venue, tick.symbol))
        if place is None:
            self.counts.unrouted += 1
            return
        book, number, instrument = place
        ts = self._event_time(tick)
        if book.arbiter.admit(number, tick, ts):
            self._reorder.push(ts, instrument, book.arbiter.epoch, tick.price)
        self._release(self.core)

    def _event_time(self, tick: Tick[float]) -> int:
        """The venue's stamp, but no later than receipt: nothing is received before it happens."""
        ts = tick.ts_event
        if ts is None or tick.venue in self._receipt_stamped:
            return tick.ts_recv
        if ts > tick.ts_recv:
            self.counts.ahead += 1
            return tick.ts_recv
        return ts

    # -- event time

    def _release(self, core: int) -> None:
        reorder = self._reorder
        while held := reorder.pop(core):
            ts, _, number, epoch, price = held
            self._close_bars(ts - 1)
            book = self._order[number]
            if epoch > book.epoch:
                self._break(book, epoch)
            if epoch == book.epoch:
                self._take(book, ts, price)
        self._close_bars(reorder.advance(core))
        self.counts.late = reorder.late

    def _take(self, book: _Book, ts: int, price: float) -> None:
        if ts - book.ts > book.instrument.stale_after:
            self._break(book, book.epoch)
        book.ring.append(ts, price)
        book.log_price = log(price)
        book.ts = ts
        if book.thinning.keep(ts):
            for link, is_x in book.links:
                if link.open_at(ts):
                    link.tick(is_x, ts, book.log_price)

    @staticmethod
    def _break(book: _Book, epoch: int) -> None:
        book.epoch = epoch
        book.thinning.reset()
        book.ts = 0
        for link, _ in book.links:
            link.break_()

    def _close_bars(self, ts: int) -> None:
        for end in self._bars.due(ts):
            for (x, y), link in self._links.items():
                if link.open_at(end - 1):
                    self._close_bar(link, self._books[x], self._books[y], end)

    @staticmethod
    def _close_bar(link: Link, x: _Book, y: _Book, end: int) -> None:
        for book in (x, y):
            if end - book.ts > book.instrument.stale_after or book.ts < link.opened:
                link.break_bars()
                return
        link.bar(end, x.log_price, y.log_price)

    # -- readings

    def _snapshot(self, now: int) -> Snapshot:
        return Snapshot(
            ts=now,
            readings={key: read(now) for key, read in self._readers.items()},
            sessions={name: book.calendar.session(now).kind for name, book in self._books.items()},
            feeds=tuple(self._statuses(now)),
        )

    def _statuses(self, now: int) -> Iterable[FeedStatus]:
        for book in self._order:
            yield from book.arbiter.statuses(now)

    def ring(self, instrument: str) -> RingBuffer:
        """The recent ticks of an instrument, as the statistics took them."""
        return self._books[instrument].ring

    def link(self, x: str, y: str) -> Link:
        """The statistics of a pair."""
        return self._links[x, y]

    def arbiter(self, instrument: str) -> Arbiter:
        """An instrument's feeds."""
        return self._books[instrument].arbiter

    # -- history

    def learn(self, history: Mapping[str, Sequence[tuple[int, float]]]) -> None:
        """Take past closes: (ts, price) by instrument, rising, of the preferred feed.

        They teach the beliefs and warm every statistic, a close being taken as a tick. To be
        called before the first item.
        """
        merged = sorted(
            (ts, self._numbers[name], price)
            for name, closes in history.items()
            for ts, price in closes
        )
        for ts, number, price in merged:
            book = self._order[number]
            self._close_bars(ts - 1)
            book.arbiter.line.record(ts, ts, price)
            self._take(book, ts, price)


def _stale_text(book: _Book, now: int) -> str:
    age = book.arbiter.age(now)
    name = book.instrument.name
    return f"{name} stale {age:.0f} s" if age is not None else f"{name}: no price yet"


def _price(book: _Book, now: int) -> Reading:
    line = book.arbiter.line
    if not line.price:
        return _WARM
    return Reading(None, _stale_text(book, now)) if book.stale(now) else Reading(line.price)


def _age(book: _Book, now: int) -> Reading:
    age = book.arbiter.age(now)
    return _WARM if age is None else Reading(age)


def _return_reader(book: _Book, call: Call) -> Callable[[int], Reading]:
    if call.days is not None:
        return lambda now: _return_since_close(book, now)
    horizon = round((call.window or 0.0) * NS)
    return lambda now: _return_over(book, now, horizon)


def _return_since_close(book: _Book, now: int) -> Reading:
    line = book.arbiter.line
    if not line.price or book.stale(now):
        return Reading(None, _stale_text(book, now))
    close = book.calendar.prior_close(now)
    past = line.price_at(close, close - 3600 * NS)
    if past is None:
        return Reading(None, f"no prior close of {line.route.venue} known")
    return Reading(line.price / past - 1.0)


def _return_over(book: _Book, now: int, horizon: int) -> Reading:
    line = book.arbiter.line
    if not line.price or book.stale(now):
        return Reading(None, _stale_text(book, now))
    since = now - horizon
    if horizon < 86_400 * NS and since < book.calendar.session(now).start_ns:
        return Reading(None, "the session is younger than the horizon")
    past = line.price_at(since, since - max(horizon, 600 * NS))
    if past is None:
        return Reading(None, f"warming up: {line.route.venue} has no price that old")
    return Reading(line.price / past - 1.0)


__all__ = ["Calendar", "Counts", "Market", "Settings"]
