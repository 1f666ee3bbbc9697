"""One instrument inside the market: its feeds, its recent ticks, and its own readings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import log
from statistics import median
from typing import ClassVar

from streams.arbiter import Arbiter
from streams.estimators.decay import halflife
from streams.estimators.drawdown import Drawdown
from streams.estimators.volatility import Volatility
from streams.gap import trading_minutes
from streams.instrument import NS, Instrument
from streams.link import Link
from streams.metric import Call
from streams.ring import RingBuffer
from streams.sampling import Thinning
from streams.sessions import Session, calendar
from streams.snapshot import Reading

_CLOSED = Reading(None, "closed")
_WARM = Reading(None, "no price yet")
_RING = 20_000
"""Ticks an instrument's ring holds: an hour and more of a busy one."""
_HOUR = 3600 * NS
_STILL = 300 * NS
_DAY = 24 * _HOUR
_YEAR = 365 * 86_400.0


class Book:
    """One instrument's feeds, its last ticks, and the links it is part of."""

    FORGETS: ClassVar = ("ring",)
    """What the next run of the market can do without."""

    __slots__ = (
        "_drawdown",
        "_last",
        "_volatility",
        "arbiter",
        "began",
        "calendar",
        "epoch",
        "instrument",
        "links",
        "log_price",
        "moved",
        "mute",
        "patience",
        "ring",
        "silence",
        "stale",
        "still_after",
        "thinning",
        "ts",
    )

    def __init__(self, instrument: Instrument, thin: int) -> None:
        self.instrument = instrument
        self.calendar = calendar(instrument.calendar)
        self.arbiter = Arbiter(instrument)
        self.thinning = Thinning(thin)
        self.ring = RingBuffer(_RING)
        self.links: list[tuple[Link, bool, Book]] = []
        """The links it is part of, whether as x, and the other leg."""
        self.began = 0
        """When the market was first told anything."""
        self.stale = False
        """Whether, at the snapshot being taken, prices are due and no feed gives any."""
        self.mute: Reading | None = None
        """Why nothing is said of it then: it is stale, or trading is halted."""
        self.silence: Reading | None = _WARM
        """Why nothing is said of its pairs at the snapshot being taken; None where it is."""
        self.log_price = 0.0
        self.moved = 0
        """Event time of the last tick at another price than the one before."""
        self.still_after = max(_STILL, 5 * instrument.stale_after)
        self.patience = instrument.stale_after
        """Between two ticks: a longer wait is a break."""
        self.epoch = 0
        """Of the last tick the statistics took."""
        self._volatility: dict[float, Volatility] = {}
        self._drawdown: dict[tuple[bool, float], Drawdown] = {}
        self._last: float | None = None
        """The log price at the end of the last minute; None after a break."""
        self.ts = 0
        """Event time of the last tick the statistics took; 0 after a break."""

    @property
    def venue(self) -> str:
        """Of the feed in use."""
        return self.arbiter.line.route.venue

    def look(self, now: int) -> None:
        """A snapshot is taken: settle what several readings of it rest on."""
        session = self.calendar.session(now)
        regular = session.kind == "regular"
        self.stale, self.mute = False, None
        if regular and self._is_halted(now, session):
            self.mute = Reading(None, f"{self.instrument.name} halted")
        elif regular and self._is_stale(now, session):
            self.stale, self.mute = True, Reading(None, self.stale_text(now))
        self.silence = self._why_silent(now) if regular else _CLOSED

    def _is_halted(self, now: int, session: Session) -> bool:
        """In this session; the first price after it is part of its end."""
        halt = self.arbiter.halt
        if halt.since:
            return halt.since >= session.start_ns
        awaited = self.arbiter.line.ts_recv < halt.resumed
        return awaited and now - halt.resumed <= self.instrument.stale_after

    def _is_stale(self, now: int, session: Session) -> bool:
        priced, resumed = self.arbiter.line.ts_recv, self.arbiter.halt.resumed
        since = max(priced, resumed, session.start_ns, self.began)
        return now - since > self.instrument.stale_after

    def fresh(self, end: int, opened: int) -> bool:
        """Whether the last tick may stand for the price at `end`: young, and of this session.

        One that repeats a price for minutes on end does not: then a feed is stuck, or nobody
        trades, and zero returns would drag every correlation towards 0.
        """
        young = end - self.ts <= self.patience and self.ts >= opened
        return young and not self.still(end)

    def expect(self, closes: Sequence[int]) -> None:
        """Closes a few minutes apart, and with one of them missing, are no break; none: ticks."""
        gaps = [after - before for before, after in pairwise(closes)]
        usual = round(2 * median(gaps)) if gaps else 0
        self.patience = max(self.instrument.stale_after, min(usual, self.still_after))

    def take(self, ts: int, price: float) -> None:
        """A tick that the statistics take."""
        self.ring.append(ts, price)
        log_price = log(price)
        if log_price != self.log_price:
            self.moved = ts
        self.log_price = log_price
        self.ts = ts

    def still(self, now: int) -> bool:
        """Whether the price has not moved for so long that it says nothing, or cannot move."""
        if 0 < self.arbiter.halt.since <= now:
            return True
        session = self.calendar.session(now)
        return now - max(self.moved, session.start_ns, self.began) > self.still_after

    def _why_silent(self, now: int) -> Reading | None:
        if not self.arbiter.line.price:
            return Reading(None, f"{self.instrument.name}: no price yet")
        if self.mute is not None:
            return self.mute
        if self.still(now):
            return Reading(None, f"{self.instrument.name} has stood still for minutes")
        return None

    def stale_text(self, now: int) -> str:
        """Why nothing is said of it."""
        age = self.arbiter.age(now)
        name = self.instrument.name
        return f"{name} stale {age:.0f} s" if age is not None else f"{name}: no price yet"

    def close_minute(self, end: int) -> None:
        """A minute ends: feed what is measured by the minute; a stale one is a break."""
        opened = self.calendar.session(end - 1)
        if opened.kind != "regular" or not self.fresh(end, opened.start_ns):
            self._last = None
            return
        seconds = self.calendar.trading_seconds(end)
        for volatility in self._volatility.values():
            if self._last is not None:
                volatility.update(self.log_price - self._last)
        for drawdown in self._drawdown.values():
            drawdown.update(seconds, self.log_price)
        self._last = self.log_price

    def break_(self, epoch: int) -> None:
        """Prices come from elsewhere now, or after a gap."""
        if epoch != self.epoch:
            for drawdown in self._drawdown.values():
                drawdown.break_()
        self.epoch = epoch
        self.thinning.reset()
        self.ts = 0
        self._last = None

    # -- readings

    def reader(self, call: Call) -> Callable[[int], Reading]:
        """What answers a call of the instrument's own."""
        match call.metric:
            case "price":
                return self._price
            case "age":
                return self._age
            case "stale":
                return lambda _: Reading(self.stale)
            case "volatility" | "drawdown" | "drawup":
                return self._fresh_only(self._by_the_minute(call))
            case _ if call.days is not None:
                return self._return_since_close
            case _:
                horizon = round((call.window or 0.0) * NS)
                return lambda now: self._return_over(now, horizon)

    def _by_the_minute(self, call: Call) -> Callable[[], Reading]:
        window = call.window or 0.0
        if call.metric == "volatility":
            halves = halflife(self._minutes(window))
            made = Volatility(halves, bars_a_period=self._minutes(_YEAR))
            return self._volatility.setdefault(window, made).value
        rise = call.metric == "drawup"
        fall = Drawdown(60.0 * self._minutes(window), rise=rise)
        return self._drawdown.setdefault((rise, window), fall).value

    def _minutes(self, window: float) -> float:
        """Of the instrument's own trading time."""
        if self.calendar.horizon_ns is None:
            return window / 60
        return 252 * 390 if window == _YEAR else trading_minutes(window)

    def _fresh_only(self, compute: Callable[[], Reading]) -> Callable[[int], Reading]:
        return lambda _: self.mute or compute()

    def _price(self, _: int) -> Reading:
        line = self.arbiter.line
        if not line.price:
            return _WARM
        return self.mute or Reading(line.price)

    def _age(self, now: int) -> Reading:
        age = self.arbiter.age(now)
        return _WARM if age is None else Reading(age)

    def _return_since_close(self, now: int) -> Reading:
        line = self.arbiter.line
        if not line.price or self.mute is not None:
            return self.mute or Reading(None, self.stale_text(now))
        close = self.calendar.prior_close(now)
        if line.ts_recv <= close:
            return Reading(None, "no price since the prior close")
        past = line.price_at(close, close - _HOUR)
        if past is None:
            return Reading(None, f"no prior close of {line.route.venue} known")
        return Reading(line.price / past - 1.0)

    def _return_over(self, now: int, horizon: int) -> Reading:
        line = self.arbiter.line
        if not line.price or self.mute is not None:
            return self.mute or Reading(None, self.stale_text(now))
        since = now - horizon
        if horizon < _DAY and since < self.calendar.session(now).start_ns:
            return Reading(None, "the session is younger than the horizon")
        past = line.price_at(since, since - max(horizon, 600 * NS))
        if past is None:
            return Reading(None, f"warming up: {line.route.venue} has no price that old")
        return Reading(line.price / past - 1.0)
