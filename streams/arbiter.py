"""Several feeds of one instrument in, one stream of prices out.

Feeds stand in order of preference. The first good one is used; it is left when it turns stale or
goes down, and returned to when it has been good for a while. A change of feed is a break: no price
of one venue is ever differenced against another's, so each feed keeps a history of its own.
"""

from __future__ import annotations

from math import inf, log, sqrt

from streams.halt import Halt
from streams.instrument import NS, Instrument, Route
from streams.ring import RingBuffer
from streams.snapshot import FeedStatus
from streams.tick import FeedEvent, FeedState, Tick

_MINUTE = 60 * NS
_HISTORY = 3000
"""Minutes a feed's history holds: two days round the clock."""

_BAD_SIGMAS = 10.0
_BAD_SPREADS = 3.0
_BAD_FLOOR = 0.002
"""A move below 0.2 % is never called a bad print."""
_CONFIRMATIONS = 2
_VARIANCE_MEMORY = 300.0
"""Seconds."""

_GRACE = 10 * NS
"""How long the preferred feed may take to send its first price."""


class PrintFilter:
    """Sets bad prints aside: prices far outside the recent spread and volatility.

    A price is accepted after all when the next ones confirm it. `set_aside` counts.
    """

    __slots__ = ("_last", "_pending", "_seen", "_ts", "_variance", "set_aside", "spread")

    def __init__(self) -> None:
        self.set_aside = 0
        self.spread = 0.0
        """The latest spread as a fraction of the mid."""
        self._variance = 0.0
        """Of the log return a second."""
        self.reset()

    def reset(self) -> None:
        """Take the next price as it comes: there is nothing to hold it against."""
        self._last = 0.0
        self._ts = 0
        self._pending = 0.0
        self._seen = 0

    def accepts(self, ts: int, price: float) -> bool:
        """Whether `price` may be believed now."""
        if not 0.0 < price < inf:
            self.set_aside += 1
            return False
        if self._last == 0.0:
            self._take(ts, price)
            return True
        move = log(price / self._last)
        seconds = max((ts - self._ts) / NS, 0.1)
        limit = max(
            _BAD_FLOOR,
            _BAD_SIGMAS * sqrt(self._variance * seconds),
            _BAD_SPREADS * self.spread,
        )
        if -limit <= move <= limit:
            weight = min(1.0, seconds / _VARIANCE_MEMORY)
            self._variance += weight * (move * move / seconds - self._variance)
            self._take(ts, price)
            return True
        return self._confirmed(ts, price, limit)

    def _take(self, ts: int, price: float) -> None:
        self._last = price
        self._ts = ts
        self._seen = 0

    def _confirmed(self, ts: int, price: float, limit: float) -> bool:
        """A bad print is alone: of a fast market the next ones stay there, or go on."""
        near = self._seen > 0 and (
            abs(log(price / self._pending)) <= limit
            or price < self._pending < self._last
            or price > self._pending > self._last
        )
        self._seen = self._seen + 1 if near else 1
        self._pending = price
        if self._seen > _CONFIRMATIONS:
            self._take(ts, price)
            return True
        self.set_aside += 1
        return False


class Line:
    """One feed of the instrument: its state, its last price, and a history of minute closes."""

    __slots__ = (
        "_minute",
        "_ring",
        "filter",
        "good_since",
        "price",
        "reason",
        "route",
        "state",
        "ts",
        "ts_recv",
    )

    def __init__(self, route: Route) -> None:
        self.route = route
        self.state = FeedState.CONNECTING
        self.reason = ""
        self.good_since = 0
        self.filter = PrintFilter()
        self.price = 0.0
        """The last price that was accepted, 0 before the first."""
        self.ts = 0
        """Its event time."""
        self.ts_recv = 0
        self._minute = -1
        self._ring = RingBuffer(_HISTORY)

    def record(self, ts: int, ts_recv: int, price: float) -> None:
        """Take an accepted price."""
        minute = (ts - 1) // _MINUTE
        if minute != self._minute:
            if self._minute >= 0:
                self._ring.append(self.ts, self.price)
            self._minute = minute
        self.ts = ts
        self.ts_recv = ts_recv
        self.price = price

    def interrupt(self) -> None:
        """The price of before is history; the feed has yet to connect."""
        if self.price:
            self._ring.append(self.ts, self.price)
        self._minute = -1
        self.price = 0.0
        self.state = FeedState.CONNECTING
        self.reason = ""

    def price_at(self, ts: int, oldest: int) -> float | None:
        """The last price at or before `ts`, no older than `oldest`; to the minute."""
        if self.price and oldest <= self.ts <= ts:
            return self.price
        held = self._ring.before(ts + 1)
        return None if held is None or held[0] < oldest else held[1]


class Arbiter:
    """Chooses among an instrument's feeds, and answers which price to believe."""

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.lines = [Line(route) for route in instrument.routes]
        self._by_route = {(r.venue, r.symbol): n for n, r in enumerate(instrument.routes)}
        self.active = 0
        self.epoch = 0
        """Rises with every break: prices of two epochs are never compared."""
        self.switches = 0
        self.halt = Halt()
        self._began: int | None = None

    @property
    def line(self) -> Line:
        """The feed in use."""
        return self.lines[self.active]

    def admit(self, number: int, tick: Tick[float], ts: int) -> bool:
        """Whether `tick`, of feed `number` and effective event time `ts`, is the next price."""
        line = self.lines[number]
        if tick.kind != self.instrument.price:
            self._note_quote(line, tick)
            return False
        if tick.kind == "quote" and not self._narrow(tick):
            return False
        if self.halt.holds(tick):
            return False
        if line.state is not FeedState.LIVE:
            line.state = FeedState.LIVE
            line.reason = ""
            line.good_since = tick.ts_recv
        if ts - line.ts > self.instrument.stale_after:
            line.filter.reset()
        if not line.filter.accepts(ts, tick.price):
            return False
        line.record(ts, tick.ts_recv, tick.price)
        if number == self.active:
            return True
        self._reconsider(tick.ts_recv)
        return number == self.active

    def _note_quote(self, line: Line, tick: Tick[float]) -> None:
        if tick.bid and tick.ask and tick.ask >= tick.bid:
            line.filter.spread = min((tick.ask - tick.bid) / tick.bid, 0.05)

    def _narrow(self, tick: Tick[float]) -> bool:
        if not tick.bid or not tick.ask:
            return False
        return 0.0 <= tick.ask - tick.bid <= self.instrument.max_spread * tick.bid

    def on_event(self, event: FeedEvent) -> None:
        """Take a feed's change of state."""
        for number, line in enumerate(self.lines):
            if line.route.venue == event.venue and event.symbol in {None, line.route.symbol}:
                self._take_event(line, event)
                if self.halt.take(number, event):
                    self.epoch += 1
        self._reconsider(event.ts_recv)

    def _take_event(self, line: Line, event: FeedEvent) -> None:
        if line is self.line and event.state is not FeedState.LIVE:
            self.epoch += 1
        if event.state is FeedState.GAP:
            return
        if event.state is FeedState.LIVE and line.state is not FeedState.LIVE:
            line.good_since = event.ts_recv
        line.state = event.state
        line.reason = event.reason

    def good(self, line: Line, now: int) -> bool:
        """Whether a feed is live and its last price recent."""
        if line.state is not FeedState.LIVE or not line.price:
            return False
        return now - line.ts_recv <= self.instrument.stale_after

    def _reconsider(self, now: int) -> None:
        if self.halt.since:
            return  # no feed has trades, and none is to be left for that
        if self._began is None:
            self._began = now
        if self.line.state is FeedState.CONNECTING and now - self._began < _GRACE:
            return
        for number, line in enumerate(self.lines):
            if number == self.active:
                if self.good(line, now):
                    return
                continue
            if not self.good(line, now):
                continue
            waited = now - line.good_since >= self.instrument.return_after
            if number < self.active and not waited and self.good(self.line, now):
                continue
            self._switch(number)
            return

    def _switch(self, number: int) -> None:
        if self.line.price:
            self.switches += 1
            self.epoch += 1
        self.active = number

    def interrupt(self) -> None:
        """Begin anew with what is known, on the feed that was in use."""
        self.epoch += 1
        self.halt = Halt()
        self._began = None
        for line in self.lines:
            line.interrupt()

    def use(self, venue: str) -> str:
        """Take prices of that venue's feed, if there is one, for those in use; which was before."""
        before = self.line.route.venue
        found = (n for n, line in enumerate(self.lines) if line.route.venue == venue)
        number = next(found, self.active)
        if number != self.active:
            self.active = number
            self.epoch += 1
        return before

    def beat(self, now: int) -> None:
        """Let time pass: leave a feed that has gone quiet, return to one that is good again."""
        self._reconsider(now)

    def age(self, now: int) -> float | None:
        """Seconds since the last price of the feed in use was received."""
        return (now - self.line.ts_recv) / NS if self.line.price else None

    def statuses(self, now: int) -> list[FeedStatus]:
        """Each feed as the snapshot shows it."""
        return [
            FeedStatus(
                self.instrument.name,
                line.route.venue,
                line.state.value,
                number == self.active,
                (now - line.ts_recv) / NS if line.price else None,
                line.reason,
            )
            for number, line in enumerate(self.lines)
        ]

    def number_of(self, venue: str, symbol: str) -> int | None:
        """The place of a route in the order of preference."""
        return self._by_route.get((venue, symbol))
