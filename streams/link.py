"""All statistics of one pair: ticks and bars of two instruments in, readings out.

Builds only what the calls ask for. Times are event times in ns; statistics decay in the regular
trading seconds of `hours`, the calendar of the instrument that closes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from streams.apart import Apart
from streams.beliefs import Belief, Prior
from streams.covariation import Covariation
from streams.detectors import Evidence
from streams.estimators.lead_claim import Stamps
from streams.first_move import FirstMove
from streams.gap import Gap, RegimeWatch
from streams.instrument import NS
from streams.lead import Lead
from streams.metric import REGIMES, Cadence, Call
from streams.minutely import METRICS as MINUTELY
from streams.minutely import Minutely
from streams.sessions import Calendar
from streams.snapshot import Reading

BAR = 15
"""Seconds of a short bar; four make a minute."""
_MINUTE = 60 * NS

Compute = Callable[[], Reading]
Closes = tuple[float, float, tuple[float | None, ...]]
"""Log prices of x, of y and of the controls; None where a control has none that is fresh."""


class Link:
    """The statistics of a pair, x against y; each is built when it is asked for.

    `controls` are the instruments beside it in the order in which `bar` gives them; `second` is
    the place among them of the market that x belongs to (BTC for ETH), which divergence allows for.
    """

    FORGETS: ClassVar = ("controls",)
    """What the next run of the market is told by its rules."""

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
        self._stamps: tuple[Stamps, Stamps] | None = None
        self._first: dict[float, FirstMove] = {}
        self._names = x, y
        self._covariation = Covariation(hours)
        self._minutely = Minutely()
        self._regime: dict[float, RegimeWatch] = {}
        self._gap = Gap(x, y, prior, controls=self.controls, second=second)
        self._apart = Apart(prior)
        self._bar: tuple[float, float] | None = None
        self._minute: Closes | None = None
        self._bars = self._minutes = 0
        """How often readings may have changed that wait for a bar, and for a minute."""

    def accompany(self, controls: Sequence[str]) -> None:
        """Expect these controls too, after those there are."""
        new = [name for name in controls if name not in self.controls]
        self.controls = (*self.controls, *new)
        if self._minute is not None:
            x, y, beside = self._minute
            self._minute = x, y, (*beside, *(None for _ in new))

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
        self._covariation.new_session()
        self._gap.new_session(missed)
        self._apart.new_session()
        for regime in self._regime.values():
            regime.new_session()
        self._news()
        if self.lead is not None:
            self.lead.new_session()

    def rejoin(self, now: int) -> None:
        """What is of the session begins anew in the middle of it."""
        session = self.hours.session(now)
        if session.start_ns == self.opened:
            self._gap.rejoin((now - session.start_ns) // _MINUTE)

    def use(self, venues: tuple[str, str], stamps: tuple[Stamps, Stamps]) -> None:
        """Which feeds the legs come from now, and how these stamp."""
        self._stamps = stamps
        self._apart.use(venues)
        if self.lead is not None:
            self.lead.use(*stamps)
        for first in self._first.values():
            first.use(*stamps)
        self._news()

    def break_(self) -> None:
        """Make no return of what comes next and what came before."""
        self._covariation.break_()
        self._news()
        if self.lead is not None:
            self.lead.break_()
        self.break_bars()

    def break_bars(self) -> None:
        """Start the bars anew."""
        self._bar = self._minute = None
        for first in self._first.values():
            first.break_()

    def tick(self, is_x: bool, ts: int, log_price: float) -> None:  # noqa: FBT001  # the hot path
        """Take a thinned tick of x or of y."""
        self._covariation.tick(is_x, ts, log_price)

    def let_go(self) -> None:
        """Wait no longer for a tick of the other leg at the instant of the last one."""
        self._covariation.let_go()

    def changed(self, cadence: Cadence) -> int:
        """How often readings of that cadence may have changed."""
        if cadence is Cadence.TICK:
            return self._bars + self._covariation.changes
        return self._bars if cadence is Cadence.BAR else self._minutes

    def _news(self) -> None:
        """Have every reading worked out anew."""
        self._bars += 1
        self._minutes += 1

    def bar(
        self,
        end: int,
        x: float,
        y: float,
        controls: tuple[float | None, ...] = (),
        ages: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        """Take the log prices at the end of a short bar; of `controls`, those that are fresh.

        `ages` are those of the last ticks of x and of y then, in seconds.
        """
        self._bars += 1
        minute = (end - self.opened) // _MINUTE
        if self._bar is not None:
            beta = self._gap.beta
            rx, ry = x - self._bar[0], y - self._bar[1]
            self._apart.bar(rx, ry, end, minute, beta.value if beta else None, ages)
            for first in self._first.values():
                first.bar(rx, ry, ages)
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
        self._minutes += 1
        if self.on_minute is not None:
            self.on_minute(end, x, y)
        self._minutely.update(x, y, dict(zip(self.controls, controls, strict=False)))
        minute = (end - self.opened) // _MINUTE - 1
        self._gap.minute(x, y, controls, minute)
        self._apart.minute(x, y, end, minute)
        for regime in self._regime.values():
            regime.minute(x, y)

    # -- beliefs

    def teach(self, *, closes: bool) -> None:
        """Whether what comes now are closes of the past, which tell no tick rate."""
        self._apart.known.teach(closes=closes)

    @property
    def concordance(self) -> Belief | None:
        """p0: the usual share of bars, of the size in use, in which both move the same way."""
        return self._apart.p0

    @property
    def beta(self) -> Belief | None:
        """The slow beta that divergence rests on."""
        return self._gap.beta

    def breakdown_delay(self, rate: float) -> float | None:
        """Minutes that a full break takes to find, on average; None while that is not known."""
        return self._apart.delay_minutes(rate)

    def evidence(self, call: Call) -> Evidence | None:
        """What a detector has added up; None where nobody asked for it, or it does not watch."""
        return None if call.rate is None else self._apart.evidence(call.metric, call.rate)

    # -- readings out

    def build(self, call: Call) -> Compute:
        """What works out `call`, from the data that come from now on."""
        metric, window = call.metric, call.window or 0.0
        if metric.startswith("corr"):
            return self._covariation.build(metric, window)
        if metric in MINUTELY:
            return self._minutely.build(call)
        if metric in REGIMES:
            return self._regime_reader(REGIMES.index(metric), window)
        if call.rate is not None:
            return self._apart.reader(metric, call.rate)
        if metric == "divergence":
            return self._gap.reader(window)
        return self._first_reader(window) if metric == "first_mover" else self._lead_reader(metric)

    def _regime_reader(self, place: int, window: float) -> Compute:
        if window not in self._regime:
            self._regime[window] = RegimeWatch(self._gap.build(window), window)
        regime = self._regime[window]
        return lambda: regime.reading(place)

    def _first_reader(self, window: float) -> Compute:
        if window not in self._first:
            self._first[window] = FirstMove(*self._names, window, BAR)
            if self._stamps is not None:
                self._first[window].use(*self._stamps)
        return self._first[window].reading

    def _lead_reader(self, metric: str) -> Compute:
        if self.lead is None:
            self.lead = Lead(*self._names)
            if self._stamps is not None:
                self.lead.use(*self._stamps)
        return self.lead.lead if metric == "lead" else self.lead.llr
