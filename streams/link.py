"""All statistics of one pair: ticks and bars of two instruments in, readings out.

Builds only what the calls ask for. Times are event times in ns; statistics decay in the regular
trading seconds of `hours`, the calendar of the instrument that closes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from math import asin, pi
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from streams.estimators.beta import Beta
from streams.estimators.breakdown import Breakdown, expected_delay_bars
from streams.estimators.concordance import Concordance
from streams.estimators.decay import halflife
from streams.estimators.divergence import Divergence
from streams.estimators.hayashi_yoshida import HayashiYoshida
from streams.estimators.pearson import Pearson
from streams.instrument import NS
from streams.metric import SLOW, Call
from streams.sessions import Calendar
from streams.snapshot import Reading

BAR = 15
"""Seconds of a short bar; four make a minute."""
BARS_A_SESSION = 1560
_MINUTES_A_SESSION = 390
_DAY = 86_400
_SETTLING = 15 * 60 * NS
_SETTLES = Reading(None, "first 15 minutes of the session")

_NEW_YORK = ZoneInfo("America/New_York")

Reader = Callable[[int], Reading]


class Prior(msgspec.Struct, frozen=True):
    """What is believed of a pair before enough is learned: its correlation and its beta."""

    correlation: float | None = None
    beta: float | None = None

    @property
    def concordance(self) -> float | None:
        """The share of bars in which both move the same way, under a normal law."""
        if self.correlation is None:
            return None
        return 0.5 + asin(self.correlation) / pi


class Belief(msgspec.Struct, frozen=True):
    """A quantity that a detector rests on, and where it comes from."""

    value: float
    low: float
    """Its lower bound; a prior's is the prior."""
    origin: Literal["learned", "prior"]
    n: float = 0.0

    @property
    def source(self) -> str:
        """`learned from 31,200 bars`."""
        return f"learned from {self.n:,.0f} bars" if self.origin == "learned" else "a prior"


def trading_minutes(window: float) -> int:
    """The one-minute bars in a window: a day has 390 of them, a week five times as many."""
    if window >= _DAY:
        return round(window / _DAY * _MINUTES_A_SESSION * (5 / 7 if window > _DAY else 1))
    return max(round(window / 60), 1)


class Link:
    """The statistics of a pair, x against y."""

    def __init__(self, hours: Calendar, calls: Iterable[Call], prior: Prior) -> None:
        self.hours = hours
        self.prior = prior
        self.opened = 0
        """When the current regular session began."""
        self.on_minute: Callable[[int, float, float], None] | None = None
        """Told of every one-minute bar: its end (ns) and both log returns."""
        self._corr: dict[float, HayashiYoshida] = {}
        self._pearson: dict[float, Pearson] = {}
        self._beta: dict[float, Beta] = {}
        self._divergence: dict[float, Divergence] = {}
        self._breakdown: dict[float, Breakdown] = {}
        self._learned_beta = Beta(halflife(trading_minutes(SLOW)))
        self._concordance = Concordance()
        self._held: tuple[int, bool, float] | None = None
        """The last tick, until it is known whether the other leg ticks at the same instant."""
        self._bar: tuple[float, float] | None = None
        self._minute: tuple[float, float] | None = None
        self._changes = 0
        """Rises when a reading may have changed."""
        for call in calls:
            self._build(call)
        for breakdown in self._breakdown.values():
            # The first solution takes long; better now than between two ticks.
            _delay_minutes(0.7, breakdown.h)

    def _build(self, call: Call) -> None:
        window = call.window or 0.0
        match call.metric:
            case "corr" | "corr_low" | "corr_high":
                self._corr.setdefault(window, HayashiYoshida(halflife(window)))
            case "pearson":
                self._pearson.setdefault(window, Pearson(trading_minutes(window)))
            case "beta":
                self._beta.setdefault(window, Beta(halflife(trading_minutes(window))))
            case "divergence":
                self._divergence.setdefault(window, Divergence(trading_minutes(window)))
            case "breakdown":
                rate = call.rate or 1.0
                self._breakdown.setdefault(rate, Breakdown(BARS_A_SESSION / rate))

    # -- data in

    def open_at(self, ts: int) -> bool:
        """Whether regular hours hold `ts`; a new session is opened on the way."""
        session = self.hours.session(ts)
        if session.kind != "regular":
            return False
        if session.start_ns != self.opened:
            self.opened = session.start_ns
            self._open((ts - session.start_ns) // (60 * NS))
        return True

    def _open(self, missed: int) -> None:
        """A session has begun, `missed` minutes ago."""
        self.break_()
        for divergence in self._divergence.values():
            divergence.new_session(missed_bars=missed)
        for breakdown in self._breakdown.values():
            breakdown.new_session()
        self._concordance.new_session()

    def break_(self) -> None:
        """Make no return of what comes next and what came before."""
        self._let_go()
        for corr in self._corr.values():
            corr.break_()
        self.break_bars()

    def break_bars(self) -> None:
        """Start the bars anew."""
        self._bar = self._minute = None

    def tick(self, is_x: bool, ts: int, log_price: float) -> None:  # noqa: FBT001  # the hot path
        """Take a thinned tick of x or of y."""
        held = self._held
        if held is not None and held[0] == ts and held[1] is not is_x:
            self._held = None
            self._both(ts, *((log_price, held[2]) if is_x else (held[2], log_price)))
            return
        self._let_go()
        self._held = ts, is_x, log_price

    def _both(self, ts: int, x: float, y: float) -> None:
        self._changes += 1
        seconds = self.hours.trading_seconds(ts)
        for corr in self._corr.values():
            corr.both_tick(seconds, x, y)

    def _let_go(self) -> None:
        if self._held is None:
            return
        ts, is_x, log_price = self._held
        self._held = None
        self._changes += 1
        seconds = self.hours.trading_seconds(ts)
        for corr in self._corr.values():
            if is_x:
                corr.x_tick(seconds, log_price)
            else:
                corr.y_tick(seconds, log_price)

    def bar(self, end: int, x: float, y: float) -> None:
        """Take the log prices at the end of a short bar."""
        self._changes += 1
        if self._bar is not None:
            self._short_bar(x - self._bar[0], y - self._bar[1], end)
        self._bar = x, y
        if end % (60 * NS) == 0:
            if self._minute is not None:
                self._minute_bar(end, x - self._minute[0], y - self._minute[1])
            self._minute = x, y

    def _short_bar(self, x: float, y: float, end: int) -> None:
        p0 = self.concordance
        for breakdown in self._breakdown.values():
            breakdown.update(x, y, end, p0.low if p0 else None)
        if not any(breakdown.onset_ns for breakdown in self._breakdown.values()):
            self._concordance.update(x, y)

    def _minute_bar(self, end: int, x: float, y: float) -> None:
        if self.on_minute is not None:
            self.on_minute(end, x, y)
        for pearson in self._pearson.values():
            pearson.update(x, y)
        beta = self.beta
        if beta is not None:
            for divergence in self._divergence.values():
                divergence.update(x, y, beta.value)
        for estimator in self._beta.values():
            estimator.update(x, y)
        self._learned_beta.update(x, y)

    # -- beliefs

    @property
    def concordance(self) -> Belief | None:
        """p0: learned where there is enough to learn from, else the prior's."""
        return _belief(self._concordance.value(), self.prior.concordance)

    @property
    def beta(self) -> Belief | None:
        """The slow beta that divergence rests on, likewise."""
        return _belief(self._learned_beta.value(), self.prior.beta)

    def breakdown_delay(self, rate: float) -> float | None:
        """Minutes that a full break takes to find, on average; None while that is not known."""
        p0 = self.concordance
        if p0 is None or rate not in self._breakdown:
            return None
        return _delay_minutes(round(p0.low, 3), self._breakdown[rate].h)

    # -- readings out

    def reader(self, call: Call) -> Reader:
        """What answers `call`; it computes anew only when data have come."""
        compute = self._computer(call)
        settles = call.metric.startswith("corr")
        held, stamp = Reading(None, "no data yet"), -1

        def read(now: int) -> Reading:
            nonlocal held, stamp
            if settles and now - self.opened < _SETTLING:
                return _SETTLES
            self._let_go()
            if stamp != self._changes:
                held, stamp = compute(), self._changes
            return held

        return read

    def _computer(self, call: Call) -> Callable[[], Reading]:
        window = call.window or 0.0
        match call.metric:
            case "corr":
                return self._corr[window].value
            case "corr_low" | "corr_high":
                corr, upper = self._corr[window], call.metric == "corr_high"
                return lambda: _end(corr.value(), upper=upper)
            case "pearson":
                return self._pearson[window].value
            case "beta":
                return self._beta[window].value
            case "divergence":
                divergence = self._divergence[window]
                return lambda: self._divergence_reading(divergence)
            case _:
                breakdown = self._breakdown[call.rate or 1.0]
                return lambda: self._breakdown_reading(breakdown)

    def _divergence_reading(self, divergence: Divergence) -> Reading:
        beta = self.beta
        if beta is None:
            return Reading(None, "no beta yet: " + self._learned_beta.value().reason)
        return msgspec.structs.replace(
            divergence.value(), note=f"beta {beta.value:.2f} is {beta.source}"
        )

    def _breakdown_reading(self, breakdown: Breakdown) -> Reading:
        p0 = self.concordance
        if p0 is None:
            return Reading(None, "no p0 yet: " + self._concordance.value().reason)
        reading = breakdown.value()
        if reading.value is None:
            return reading
        return msgspec.structs.replace(reading, n=p0.n, note=_breakdown_note(breakdown, p0))


def _belief(learned: Reading, prior: float | None) -> Belief | None:
    if learned.value is not None:
        value = float(learned.value)
        low = value if learned.low is None else learned.low
        return Belief(value, low, "learned", learned.n or 0.0)
    return None if prior is None else Belief(prior, prior, "prior")


@lru_cache(maxsize=256)
def _delay_minutes(p0: float, h: float) -> float:
    return expected_delay_bars(p0, h) * BAR / 60


def _breakdown_note(breakdown: Breakdown, p0: Belief) -> str:
    onset = breakdown.onset_ns
    since = f"apart since about {_new_york(onset)} New York; " if onset else ""
    minutes = _delay_minutes(round(breakdown.p0 or p0.low, 3), breakdown.h)
    return (
        f"{since}usual share of bars in step {p0.value:.0%}, {p0.source}; "
        f"a full break takes about {minutes:.0f} min to find"
    )


def _new_york(ts: int) -> str:
    return datetime.fromtimestamp(ts // NS, _NEW_YORK).strftime("%H:%M")


def _end(reading: Reading, *, upper: bool) -> Reading:
    if reading.value is None:
        return reading
    return Reading(reading.high if upper else reading.low, n=reading.n)
