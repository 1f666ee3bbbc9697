"""The one door of the core: items in, snapshots out.

Core time is the highest `ts_recv` seen. Snapshots are taken at each instant of a grid of core time,
before the first item stamped at or after it, and at once on a feed event. The same items give the
same snapshots, whenever and wherever they are fed in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

import msgspec

from streams.arbiter import Arbiter
from streams.backdrop import LIVE, Backdrop, live_or_last
from streams.beliefs import Prior
from streams.estimators.lead_claim import Stamps
from streams.floor import Floor, Part
from streams.instrument import NS, Instrument, Pair
from streams.link import Link
from streams.metric import CATALOGUE, Call
from streams.ring import RingBuffer
from streams.schedule import event_reader
from streams.snapshot import Reading, Snapshot
from streams.tick import ContextPoint, FeedEvent, Item, Tick

_WARM = Reading(None, "no data yet")


class Settings(msgspec.Struct, frozen=True):
    """How the core samples; durations are nanoseconds."""

    step: int = NS
    """The grid of core time on which rules are evaluated."""
    reorder: int = NS // 2
    thin: int = 5 * NS
    stamps: Mapping[str, Stamps] = {}
    """How each venue stamps. Of one that is polled the stamps are too coarse or too late to order
    by: receipt stands in."""


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
    the instants (ns UTC, rising) of each event that rules may name, `context` the slow series that
    have a source.
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
        context: Collection[str] = (),
    ) -> None:
        self.settings = settings or Settings()
        self.counts = Counts()
        self.core = 0
        """Core time: the highest `ts_recv` seen."""
        self._next: int | None = None
        self.floor = Floor(
            instruments,
            pairs,
            calls,
            priors=priors or {},
            reorder=self.settings.reorder,
            thin=self.settings.thin,
            stamps=self.settings.stamps,
        )
        self._routes = {
            (route.venue, route.symbol): (book, n, self.floor.numbers[name])
            for name, book in self.floor.books.items()
            for n, route in enumerate(book.instrument.routes)
        }
        self.backdrop = Backdrop()
        self._fed = frozenset(context)
        self._events = events or {}
        self._of_events: dict[str, Call] = {}
        self._readings = {call.key: _WARM for call in calls}
        """Those of the snapshot before; what has not changed is not worked out anew."""
        self._readers: dict[str, Callable[[int], Reading]] = {}
        for call in calls:
            self._read(call)
        stamps = self.settings.stamps
        self._receipt_stamped = {venue for venue, stamp in stamps.items() if stamp.polled}

    def _read(self, call: Call) -> None:
        """See that the call is answered from now on."""
        over = CATALOGUE[call.metric].over
        if over == "pair":
            self.floor.panels[call.instruments[0], call.instruments[1]].ask(call)
        elif over == "event":
            self._of_events[call.key] = call
            self._readers[call.key] = event_reader(
                call.metric, self._events.get(call.instruments[0])
            )
        elif over == "context":
            self._readers[call.key] = self._of_context(call.metric)
        else:
            self._readers[call.key] = self.floor.books[call.instruments[0]].reader(call)

    def _of_context(self, name: str) -> Callable[[int], Reading]:
        last = self.backdrop.reader(name, fed=name in self._fed)
        book = self.floor.books.get(LIVE) if name == "vix" else None
        return last if book is None else live_or_last(book, last)

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
                self.floor.join(call)
            self._readings[call.key] = _WARM
            self._read(call)

    # -- the door

    def accept(self, item: Item) -> Iterator[Snapshot]:
        """Take one item; snapshots of the grid instants it passes, and of a feed event itself."""
        now = max(self.core, item.ts_recv)
        step = self.settings.step
        if self._next is None:
            self._next = now - now % step + step
            for book in self.floor.order:
                book.began = now
        while self._next <= now:
            self._advance(self._next)
            yield self._snapshot(self._next)
            self._next += step
        self.core = now
        if isinstance(item, Tick):
            self._tick(item)
        elif isinstance(item, ContextPoint):
            self.backdrop.accept(item)
        elif isinstance(item, FeedEvent):
            self._event(item)
            yield self._snapshot(now)

    def _advance(self, now: int) -> None:
        self.core = now
        for book in self.floor.order:
            book.arbiter.beat(now)
        self.floor.release(now)

    def _event(self, event: FeedEvent) -> None:
        self.floor.release(self.core)
        for book in self.floor.order:
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
            self.floor.reorder.push(ts, instrument, book.arbiter.epoch, tick.price)
        self.floor.release(self.core)

    def _event_time(self, tick: Tick[float]) -> int:
        """The venue's stamp, but no later than receipt: nothing is received before it happens."""
        ts = tick.ts_event
        if ts is None or tick.venue in self._receipt_stamped:
            return tick.ts_recv
        if ts > tick.ts_recv:
            self.counts.ahead += 1
            return tick.ts_recv
        return ts

    # -- readings

    def _snapshot(self, now: int) -> Snapshot:
        books = self.floor.order
        self.counts.late = self.floor.reorder.late
        for book in books:
            book.look(now)
        for key, read in self._readers.items():
            self._readings[key] = read(now)
        for panel in self.floor.panels.values():
            panel.refresh(now, self._readings)
        return Snapshot(
            ts=now,
            readings=self._readings.copy(),
            sessions={book.instrument.name: book.calendar.session(now).kind for book in books},
            feeds=tuple(status for book in books for status in book.arbiter.statuses(now)),
        )

    def ring(self, instrument: str) -> RingBuffer:
        """The recent ticks of an instrument, as the statistics took them."""
        return self.floor.books[instrument].ring

    def link(self, x: str, y: str) -> Link:
        """The statistics of a pair."""
        return self.floor.links[x, y]

    def arbiter(self, instrument: str) -> Arbiter:
        """An instrument's feeds."""
        return self.floor.books[instrument].arbiter

    def parts(self) -> dict[str, Part]:
        """What remembers, by name."""
        return self.floor.parts() | {"context": Part("", self.backdrop)}

    def interrupt(self) -> None:
        """Nothing was heard for a while: no return spans it, and feeds begin anew."""
        self._next = None
        self.floor.interrupt()

    def learn(
        self,
        history: Mapping[str, Sequence[tuple[int, float]]],
        venues: Mapping[str, str] | None = None,
    ) -> None:
        """Take past closes: (ts, price) by instrument, rising, of the preferred feed.

        They teach the beliefs and warm every statistic, a close being taken as a tick, however far
        apart they are; of tick rates they tell nothing. `venues` says of which instruments they are
        of another feed: then they teach what a failover to it would. To be called before the first
        item.
        """
        self.floor.learn(history, venues or {})

    def recall(self, closes: Mapping[str, Sequence[tuple[int, float]]]) -> None:
        """Take daily closes of the past: instrument → (ts, price then), at any time, in any order.

        `ts` (ns UTC) is the regular close of a pair's calendar; others are passed over. A close
        that came live stands, one that was recalled before is replaced. Every instrument that pairs
        are made of is to have closes at the same instants: ETH its price at 16:00 in New York.
        """
        self.floor.recall(closes)
