"""All statistics of one pair: ticks and bars of two instruments in, readings out.

Builds only what the calls ask for. Times are event times in ns; statistics decay in the regular
trading seconds of `hours`, the calendar of the instrument that closes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from streams.apart import Apart
from streams.beliefs import Belief, Prior
from streams.estimators.beta import Beta
from streams.estimators.decay import halflife
from streams.estimators.hayashi_yoshida import HayashiYoshida
from streams.estimators.lead_claim import Stamps
from streams.estimators.partial import Partial
from streams.estimators.pearson import Pearson
from streams.estimators.quadrant import Quadrant
from streams.gap import Gap, RegimeWatch, trading_minutes
from streams.instrument import NS
from streams.lead import Lead
from streams.metric import Call
from streams.sessions import Calendar
from streams.snapshot import Reading

BAR = 15
"""Seconds of a short bar; four make a minute."""
_MINUTE = 60 * NS
_SETTLING = 15 * _MINUTE
_SETTLES = Reading(None, "first 15 minutes of the session")

REGIMES = ("quiet", "risk_on", "risk_off", "decoupled_strong", "decoupled_weak")
"""In the order of `streams.estimators.regime.State`."""

Reader = Callable[[int], Reading]
Closes = tuple[float, float, tuple[float | None, ...]]
"""Log prices of x, of y and of the controls; None where a control has none that is fresh."""


class Link:
    """The statistics of a pair, x against y; each is built when a reader of it is asked for.

    `controls` are the instruments beside it in the order in which `bar` gives them; `second` is
    the place among them of the market that x belongs to (BTC for ETH), which divergence allows for.
    """

    def __init__(
        self,
        x: str,
        y: str,
        hours: Calendar,
        prior: Prior,
        *,
        controls: Sequence[str] = (),
        second: int | None = None,
    ) -> None:
        self.hours = hours
        self.prior = prior
        self.controls = tuple(controls)
        self.opened = 0
        """When the current regular session began."""
        self.on_minute: Callable[[int, float, float], None] | None = None
        """Told of every one-minute bar: its end (ns) and both log returns."""
        self.lead: Lead | None = None
        """Who moves first, where a rule asks for it: it takes every tick, not the thinned ones."""
        self._names = x, y
        self._corr: dict[float, HayashiYoshida] = {}
        self._minutely: dict[tuple[str, float], _Minutely] = {}
        self._partial: dict[tuple[str, float], Partial] = {}
        self._regime: dict[float, RegimeWatch] = {}
        self._gap = Gap(x, y, prior, controls=self.controls, second=second)
        self._apart = Apart(prior)
        self._held: tuple[int, bool, float] | None = None
        """The last tick, until it is known whether the other leg ticks at the same instant."""
        self._bar: tuple[float, float] | None = None
        self._minute: Closes | None = None
        self._changes = 0
        """Rises when a reading may have changed."""

    # -- data in

    def open_at(self, ts: int) -> bool:
        """Whether regular hours hold `ts`; a new session is opened on the way."""
        session = self.hours.session(ts)
        if session.kind != "regular":
            return False
        if session.start_ns != self.opened:
            self.opened = session.start_ns
            self._open((ts - session.start_ns) // _MINUTE)
        return True

    def _open(self, missed: int) -> None:
        """A session has begun, `missed` minutes ago."""
        self.break_()
        self._gap.new_session(missed)
        self._apart.new_session()
        for regime in self._regime.values():
            regime.new_session()
        if self.lead is not None:
            self.lead.new_session()

    def use(self, venues: tuple[str, str], stamps: tuple[Stamps, Stamps]) -> None:
        """Which feeds the legs come from now, and how these stamp."""
        self._apart.use(venues)
        if self.lead is not None:
            self.lead.use(*stamps)

    def break_(self) -> None:
        """Make no return of what comes next and what came before."""
        self._let_go()
        for corr in self._corr.values():
            corr.break_()
        if self.lead is not None:
            self.lead.break_()
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

    def bar(self, end: int, x: float, y: float, controls: tuple[float | None, ...] = ()) -> None:
        """Take the log prices at the end of a short bar; of `controls`, those that are fresh."""
        self._changes += 1
        minute = (end - self.opened) // _MINUTE
        if self._bar is not None:
            beta = self._gap.beta
            rx, ry = x - self._bar[0], y - self._bar[1]
            self._apart.bar(rx, ry, end, minute, beta.value if beta else None)
        self._bar = x, y
        if end % _MINUTE == 0:
            if self._minute is not None:
                self._minute_bar(end, (x, y, controls), self._minute)
            self._minute = x, y, controls

    def _minute_bar(self, end: int, now: Closes, before: Closes) -> None:
        x, y = now[0] - before[0], now[1] - before[1]
        controls = [
            None if a is None or b is None else a - b
            for a, b in zip(now[2], before[2], strict=False)
        ]
        if self.on_minute is not None:
            self.on_minute(end, x, y)
        for estimator in self._minutely.values():
            estimator.update(x, y)
        for (name, _), partial in self._partial.items():
            control = controls[self.controls.index(name)]
            if control is not None:
                partial.update(x, y, control)
        minute = (end - self.opened) // _MINUTE - 1
        self._gap.minute(x, y, controls, minute)
        self._apart.minute(x, y, minute)
        for regime in self._regime.values():
            regime.minute(x, y)

    # -- beliefs

    @property
    def concordance(self) -> Belief | None:
        """p0: the usual share of short bars in which both move the same way."""
        return self._apart.p0

    @property
    def beta(self) -> Belief | None:
        """The slow beta that divergence rests on."""
        return self._gap.beta

    def breakdown_delay(self, rate: float) -> float | None:
        """Minutes that a full break takes to find, on average; None while that is not known."""
        return self._apart.delay_minutes(rate)

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

    def _computer(self, call: Call) -> Callable[[], Reading]:  # noqa: PLR0911  # one a family
        metric, window = call.metric, call.window or 0.0
        if metric.startswith("corr"):
            return self._correlation(metric, window)
        if metric in _MINUTELY:
            make = _MINUTELY[metric]
            return self._minutely.setdefault((metric, window), make(trading_minutes(window))).value
        if metric in REGIMES:
            return self._regime_reader(REGIMES.index(metric), window)
        if call.rate is not None:
            return self._apart.reader(metric, call.rate)
        match metric:
            case "partial":
                return self._partial_reader(call.instruments[2], window)
            case "divergence":
                return self._gap.reader(window)
            case _:
                return self._lead_reader(metric)

    def _partial_reader(self, control: str, window: float) -> Callable[[], Reading]:
        made = Partial(halflife(trading_minutes(window)))
        return self._partial.setdefault((control, window), made).value

    def _correlation(self, metric: str, window: float) -> Callable[[], Reading]:
        corr = self._corr.setdefault(window, HayashiYoshida(halflife(window)))
        if metric == "corr":
            return corr.value
        return lambda: _end(corr.value(), upper=metric == "corr_high")

    def _regime_reader(self, place: int, window: float) -> Callable[[], Reading]:
        if window not in self._regime:
            self._regime[window] = RegimeWatch(self._gap.build(window), window)
        regime = self._regime[window]
        return lambda: regime.reading(place)

    def _lead_reader(self, metric: str) -> Callable[[], Reading]:
        self.lead = self.lead or Lead(*self._names)
        return self.lead.lead if metric == "lead" else self.lead.llr


class _Minutely(Protocol):
    """An estimator of both legs' one-minute returns."""

    def update(self, rx: float, ry: float) -> None:
        """The returns of one minute."""

    def value(self) -> Reading:
        """What they say."""


_MINUTELY: Mapping[str, Callable[[int], _Minutely]] = {
    "pearson": Pearson,
    "quadrant": lambda minutes: Quadrant(halflife(minutes)),
    "beta": lambda minutes: Beta(halflife(minutes)),
}


def _end(reading: Reading, *, upper: bool) -> Reading:
    if reading.value is None:
        return reading
    return Reading(reading.high if upper else reading.low, n=reading.n)
