"""The floor: the books of all instruments and the links between them, in event time.

Prices are put in the order in which they happened before any statistic sees them; a price of
another feed, or one after too long a silence, is a break.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import log

import msgspec

from streams.beliefs import Prior
from streams.book import Book
from streams.closes import Closes, Daily, session_ends
from streams.estimators.lead_claim import Stamps
from streams.instrument import NS, Instrument, Pair
from streams.link import BAR, Link
from streams.metric import CATALOGUE, Call
from streams.panel import Panel
from streams.reorder import Reorder
from streams.sampling import Bars
from streams.sessions import Calendar

_MINUTE = 60 * NS
_LONG = 240
"""Bars; an hour of them."""
_UNKNOWN_STAMPS = Stamps(by_venue=False, resolution=NS)


class Part(msgspec.Struct, frozen=True):
    """A part of the market that remembers, and all of the configuration that it rests on."""

    config: str
    thing: object


class Floor:
    """Books, and a link with its panel for each pair that `calls` or `pairs` name.

    `reorder` and `thin` are ns, `stamps` is how each venue stamps.
    """

    def __init__(
        self,
        instruments: Sequence[Instrument],
        pairs: Sequence[Pair],
        calls: Collection[Call],
        *,
        priors: Mapping[str, Prior],
        reorder: int,
        thin: int,
        stamps: Mapping[str, Stamps],
    ) -> None:
        self.books = {i.name: Book(i, thin) for i in instruments}
        self.order = list(self.books.values())
        self.numbers = {book.instrument.name: n for n, book in enumerate(self.order)}
        """The place of each instrument's book in `order`."""
        self.reorder = Reorder(reorder)
        self.panels: dict[tuple[str, str], Panel] = {}
        self.closes: dict[tuple[str, str], Closes] = {}
        """By instrument and the calendar of a pair that it is part of."""
        self._bars = Bars(BAR * NS)
        self._priors = priors
        self._stamps = stamps
        self._config = repr(reorder), str(thin)
        self.links = self._make_links(pairs, calls)

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
        books = self.books[x], self.books[y]
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
        daily = Daily(self._closes_of(x, hours), self._closes_of(y, hours))
        self.panels[x, y] = Panel(link, *books, daily)
        books[0].links.append((link, True, books[1]))
        books[1].links.append((link, False, books[0]))
        return link

    def _closes_of(self, name: str, hours: Calendar) -> Closes:
        return self.closes.setdefault((name, hours.name), Closes(hours))

    def _own_market(self, x: str, y: str, controls: Sequence[str]) -> int | None:
        """The place of the control that trades when x does and y does not: BTC for ETH and IWM."""
        hours = {name: self.books[name].instrument.calendar for name in (x, y, *controls)}
        if hours[x] == hours[y]:
            return None
        return next((n for n, name in enumerate(controls) if hours[name] == hours[x]), None)

    def join(self, call: Call) -> None:
        """See that there is a link, with its controls, that can answer the call of a pair."""
        names = call.instruments[0], call.instruments[1]
        link = self.links.get(names)
        if link is None:
            link = self.links[names] = self._make_link(*names, [call])
            self._tell_feeds(link, self.books[names[0]], self.books[names[1]])
        else:
            link.accompany(call.instruments[2:])

    # -- event time

    def release(self, core: int) -> None:
        """Let the statistics see all that can no longer be overtaken at `core`."""
        reorder = self.reorder
        while held := reorder.pop(core):
            ts, _, number, epoch, price = held
            self._close_bars(ts - 1)
            book = self.order[number]
            if epoch > book.epoch:
                self._break(book, epoch)
            if epoch == book.epoch:
                self._take(book, ts, price)
        self._close_bars(reorder.advance(core))

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
        for link, is_x, partner in book.links:
            link.break_()
            self._tell_feeds(link, *((book, partner) if is_x else (partner, book)))

    def _tell_feeds(self, link: Link, x: Book, y: Book) -> None:
        """Tell a link which feeds it is on, and how they stamp."""
        told, venues = self._stamps, (x.venue, y.venue)
        stamps = (told.get(venues[0], _UNKNOWN_STAMPS), told.get(venues[1], _UNKNOWN_STAMPS))
        link.use(venues, stamps)

    def _close_bars(self, ts: int) -> None:
        due = self._bars.due(ts)
        if len(due) > _LONG and not any(book.moved for book in self.order):
            return  # closes of days alone: nothing has a price within them
        for end in due:
            if end % _MINUTE == 0:
                for book in self.order:
                    book.close_minute(end)
                self._close_session(end)
            for (x, y), link in self.links.items():
                if link.open_at(end - 1):
                    self._close_bar(link, self.books[x], self.books[y], end)

    def _close_session(self, end: int) -> None:
        """Take the closes of the sessions that end there."""
        for (name, _), closes in self.closes.items():
            if session_ends(closes.hours, end):
                book, opened = self.books[name], closes.hours.session(end - 1).start_ns
                fresh = book.fresh(end, opened)
                closes.end(end, book.log_price if fresh else None, book.venue)

    def _close_bar(self, link: Link, x: Book, y: Book, end: int) -> None:
        if not (x.fresh(end, link.opened) and y.fresh(end, link.opened)):
            link.break_bars()
            return
        controls = (self.books[name] for name in link.controls)
        beside = tuple(c.log_price if c.fresh(end, link.opened) else None for c in controls)
        ages = (end - x.ts) / NS, (end - y.ts) / NS
        link.bar(end, x.log_price, y.log_price, beside, ages)

    # -- another's memory

    def parts(self) -> dict[str, Part]:
        """What remembers, by name."""
        parts = {
            "order": Part(self._config[0], self.reorder),
            "bars": Part(repr(BAR), self._bars),
        }
        for name, book in self.books.items():
            parts[name] = Part(f"{book.instrument} {self._config[1]}", book)
        for (x, y), link in self.links.items():
            second = self._own_market(x, y, link.controls)
            own = () if second is None else (link.controls[second],)
            members = [parts[name].config for name in (x, y, *own)]
            parts[f"{x}-{y}"] = Part(f"{members} {second} {link.prior}", link)
        for (name, hours), closes in self.closes.items():
            parts[f"{name} closes {hours}"] = Part(f"{name} {hours}", closes)
        return parts

    def interrupt(self) -> None:
        """Nothing was heard for a while: no return spans it, and feeds begin anew."""
        self.reorder.clear()
        for book in self.order:
            book.arbiter.interrupt()
            self._break(book, book.arbiter.epoch)

    # -- history

    @property
    def known_to(self) -> int:
        """Event time up to which statistics have heard of ticks; 0 where they know of none."""
        return self.reorder.released

    def learn(
        self,
        history: Mapping[str, Sequence[tuple[int, float]]],
        venues: Mapping[str, str],
    ) -> None:
        """Take past closes: (ts, price) by instrument, rising; see `Market.learn`."""
        used = self._use(venues)
        self._learn(history)
        self._use(used)

    def _use(self, venues: Mapping[str, str]) -> Mapping[str, str]:
        """Go over to the feeds of these venues, as after a failover; those that were in use."""
        before = {}
        for name, venue in venues.items():
            book = self.books[name]
            before[name] = book.arbiter.use(venue)
            if book.arbiter.epoch != book.epoch:
                self._break(book, book.arbiter.epoch)
        return before

    def _learn(self, history: Mapping[str, Sequence[tuple[int, float]]]) -> None:
        for name, closes in history.items():
            self.books[name].expect([ts for ts, _ in closes])
        for link in self.links.values():
            link.teach(closes=True)
        merged = sorted(
            (ts, self.numbers[name], price)
            for name, closes in history.items()
            for ts, price in closes
        )
        for ts, number, price in merged:
            book = self.order[number]
            self._close_bars(ts - 1)
            book.arbiter.line.record(ts, ts, price)
            self._take(book, ts, price)
        for book in self.order:
            book.expect([])
        for link in self.links.values():
            link.teach(closes=False)

    def recall(self, closes: Mapping[str, Sequence[tuple[int, float]]]) -> None:
        """Take daily closes of the past: (ts, price) by instrument; see `Market.recall`."""
        for (name, _), held in self.closes.items():
            held.recall(closes.get(name, ()))
