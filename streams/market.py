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
from streams.beliefs import Prior
from streams.book import Book
from streams.estimators.lead_claim import Stamps
from streams.instrument import NS, Instrument, Pair
from streams.link import BAR, Link
from streams.metric import CATALOGUE, Call
from streams.panel import Panel
from streams.reorder import Reorder
from streams.ring import RingBuffer
from streams.sampling import Bars
from streams.schedule import event_reader
from streams.snapshot import FeedStatus, Reading, Snapshot
from streams.tick import FeedEvent, Item, Tick

_MINUTE = 60 * NS
_WARM = Reading(None, "no data yet")
_UNKNOWN_STAMPS = Stamps(by_venue=False, resolution=NS)


class Settings(msgspec.Struct, frozen=True):
    """How the core samples; durations are nanoseconds."""

    step: int = NS
    """The grid of core time on which rules are evaluated."""
    reorder: int = NS // 2
    thin: int = 5 * NS
    stamps: Mapping[str, Stamps] = {}
    """How each venue stamps. Of one that is polled the stamps are too coarse or too late to order
    by: receipt stands in."""


class Part(msgspec.Struct, frozen=True):
    """A part of the market that remembers, and all of the configuration that it rests on."""

    config: str
    thing: object


class Counts(msgspec.Struct):
    """What was set aside, since the start."""

    ticks: int = 0
    unrouted: int = 0
    """Ticks of symbols that no instrument names."""
    late: int = 0
    """Ticks older than the reorder window."""
    ahead: int = 0
    """Ticks stamped by their venue later than we received them."""


class Market:
    """Instruments, their feeds and the statistics of pairs, behind `accept`.

    `calls` are the readings wanted: only they are computed. `priors` are by pair name, `events`
    the instants (ns UTC, rising) of each event that rules may name.
    """

    def __init__(
        self,
        instruments: Sequence[Instrument],
        pairs: Sequence[Pair],
        calls: Collection[Call],
        *,
        priors: Mapping[str, Prior] | None = None,
        settings: Settings | None = None,
        events: Mapping[str, Sequence[int]] | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.counts = Counts()
        self.core = 0
        """Core time: the highest `ts_recv` seen."""
        self._next: int | None = None
        self._books = {i.name: Book(i, self.settings.thin) for i in instruments}
        self._order = list(self._books.values())
        self._numbers = {book.instrument.name: n for n, book in enumerate(self._order)}
        self._routes = {
            (route.venue, route.symbol): (book, n, self._numbers[name])
            for name, book in self._books.items()
            for n, route in enumerate(book.instrument.routes)
        }
        self._reorder = Reorder(self.settings.reorder)
        self._bars = Bars(BAR * NS)
        self._priors = priors or {}
        self._panels: dict[tuple[str, str], Panel] = {}
        self._links = self._make_links(pairs, calls)
        self._events = events or {}
        self._of_events: dict[str, Call] = {}
        self._readings = {call.key: _WARM for call in calls}
        """Those of the snapshot before; what has not changed is not worked out anew."""
        self._readers: dict[str, Callable[[int], Reading]] = {}
        for call in calls:
            self._read(call)
        stamps = self.settings.stamps
        self._receipt_stamped = {venue for venue, stamp in stamps.items() if stamp.polled}

    # -- building

    def _make_links(
        self, pairs: Sequence[Pair], calls: Collection[Call]
    ) -> dict[tuple[str, str], Link]:
        wanted: dict[tuple[str, str], list[Call]] = {(p.x, p.y): [] for p in pairs}
        for call in calls:
            if CATALOGUE[call.metric].over == "pair":
                wanted.setdefault((call.instruments[0], call.instruments[1]), []).append(call)
        controls = {(p.x, p.y): p.controls for p in pairs}
        return {
            names: self._make_link(*names, asked, controls.get(names, ()))
            for names, asked in wanted.items()
        }

    def _make_link(
        self,
        x: str,
        y: str,
        calls: Sequence[Call],
        controls: Sequence[str] = (),
    ) -> Link:
        books = self._books[x], self._books[y]
        hours = next((b.calendar for b in books if b.calendar.horizon_ns), books[0].calendar)
        named = (name for call in calls for name in call.instruments[2:])
        names = tuple(dict.fromkeys((*controls, *named)))
        link = Link(
            x,
            y,
            hours,
            self._priors.get(f"{x}-{y}", Prior()),
            controls=names,
            second=self._own_market(x, y, names),
        )
        self._panels[x, y] = Panel(link, *books)
        books[0].links.append((link, True, books[1]))
        books[1].links.append((link, False, books[0]))
        return link

    def _own_market(self, x: str, y: str, controls: Sequence[str]) -> int | None:
        """The place of the control that trades when x does and y does not: BTC for ETH and IWM."""
        hours = {name: self._books[name].instrument.calendar for name in (x, y, *controls)}
        if hours[x] == hours[y]:
            return None
        return next((n for n, name in enumerate(controls) if hours[name] == hours[x]), None)

    def _read(self, call: Call) -> None:
        """See that the call is answered from now on."""
        over = CATALOGUE[call.metric].over
        if over == "pair":
            self._panels[call.instruments[0], call.instruments[1]].ask(call)
        elif over == "event":
            self._of_events[call.key] = call
            self._readers[call.key] = event_reader(
                call.metric, self._events.get(call.instruments[0])
            )
        else:
            self._readers[call.key] = self._books[call.instruments[0]].reader(call)

    def reschedule(self, events: Mapping[str, Sequence[int]]) -> None:
        """Answer by another calendar from now on."""
        self._events = events
        for call in tuple(self._of_events.values()):
            self._read(call)

    def ask(self, calls: Iterable[Call]) -> None:
        """Answer these calls too from now on; what they need of the past they do not have yet."""
        for call in calls:
            if call.key in self._readings:
                continue
            if CATALOGUE[call.metric].over == "pair":
                self._ask_link(call)
            self._readings[call.key] = _WARM
            self._read(call)

    def _ask_link(self, call: Call) -> None:
        names = call.instruments[0], call.instruments[1]
        link = self._links.get(names)
        if link is None:
            self._links[names] = self._make_link(*names, [call])
            self._tell_feeds()
        else:
            link.accompany(call.instruments[2:])

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

    def _take(self, book: Book, ts: int, price: float) -> None:
        stood = ts - book.moved > book.still_after and log(price) != book.log_price
        if stood or ts - book.ts > book.patience:
            self._break(book, book.epoch)
        book.take(ts, price)
        keep = book.thinning.keep(ts)
        for link, is_x, partner in book.links:
            if (keep or link.lead is not None) and link.open_at(ts):
                if book.still(ts) or partner.still(ts):
                    # Moves of one against none of the other would be taken for independence.
                    link.break_()
                    continue
                if keep:
                    link.tick(is_x, ts, book.log_price)
                if link.lead is not None:
                    link.lead.tick(is_x, link.hours.trading_seconds(ts), book.log_price)

    def _break(self, book: Book, epoch: int) -> None:
        book.break_(epoch)
        for link, *_ in book.links:
            link.break_()
        self._tell_feeds()

    def _tell_feeds(self) -> None:
        """Tell each link which feeds it is on, and how they stamp."""
        for (x, y), link in self._links.items():
            venues = self._venue(x), self._venue(y)
            told = self.settings.stamps
            stamps = (told.get(venues[0], _UNKNOWN_STAMPS), told.get(venues[1], _UNKNOWN_STAMPS))
            link.use(venues, stamps)

    def _venue(self, name: str) -> str:
        return self._books[name].arbiter.line.route.venue

    def _close_bars(self, ts: int) -> None:
        for end in self._bars.due(ts):
            if end % _MINUTE == 0:
                for book in self._order:
                    book.close_minute(end)
            for (x, y), link in self._links.items():
                if link.open_at(end - 1):
                    self._close_bar(link, self._books[x], self._books[y], end)

    def _close_bar(self, link: Link, x: Book, y: Book, end: int) -> None:
        if not (x.fresh(end, link.opened) and y.fresh(end, link.opened)):
            link.break_bars()
            return
        controls = (self._books[name] for name in link.controls)
        beside = tuple(c.log_price if c.fresh(end, link.opened) else None for c in controls)
        ages = (end - x.ts) / NS, (end - y.ts) / NS
        link.bar(end, x.log_price, y.log_price, beside, ages)

    # -- readings

    def _snapshot(self, now: int) -> Snapshot:
        for book in self._order:
            book.silence = book.why_silent(now)
        for key, read in self._readers.items():
            self._readings[key] = read(now)
        for panel in self._panels.values():
            panel.refresh(now, self._readings)
        return Snapshot(
            ts=now,
            readings=self._readings.copy(),
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

    # -- another's memory

    def parts(self) -> dict[str, Part]:
        """What remembers, by name."""
        parts = {
            "order": Part(repr(self.settings.reorder), self._reorder),
            "bars": Part(repr(BAR), self._bars),
        }
        for name, book in self._books.items():
            parts[name] = Part(f"{book.instrument} {self.settings.thin}", book)
        for (x, y), link in self._links.items():
            second = self._own_market(x, y, link.controls)
            own = () if second is None else (link.controls[second],)
            members = [parts[name].config for name in (x, y, *own)]
            parts[f"{x}-{y}"] = Part(f"{members} {second} {link.prior}", link)
        return parts

    def interrupt(self) -> None:
        """Nothing was heard for a while: no return spans it, and feeds begin anew."""
        self._next = None
        self._reorder.clear()
        for book in self._order:
            book.arbiter.interrupt()
            self._break(book, book.arbiter.epoch)

    def rejoin(self, now: int) -> None:
        """The statistics of the session begin anew in the middle of it."""
        for link in self._links.values():
            link.rejoin(now)

    # -- history

    def learn(self, history: Mapping[str, Sequence[tuple[int, float]]]) -> None:
        """Take past closes: (ts, price) by instrument, rising, of the preferred feed.

        They teach the beliefs and warm every statistic, a close being taken as a tick, however far
        apart they are; of tick rates they tell nothing. To be called before the first item.
        """
        for name, closes in history.items():
            self._books[name].expect([ts for ts, _ in closes])
        for link in self._links.values():
            link.teach(closes=True)
        self._take_closes(history)
        for book in self._order:
            book.expect([])
        for link in self._links.values():
            link.teach(closes=False)

    def _take_closes(self, history: Mapping[str, Sequence[tuple[int, float]]]) -> None:
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
