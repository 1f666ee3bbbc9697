"""Correlations of one pair on its ticks, over any number of windows."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from streams.estimators.decay import halflife
from streams.estimators.exact_hy import ExactHayashiYoshida
from streams.estimators.hayashi_yoshida import HayashiYoshida
from streams.gap import trading_minutes
from streams.sessions import Calendar
from streams.snapshot import Reading

FLAT = "corr_flat"
SESSION = "corr_session"
_DAY = 86_400.0

_NOTHING = Reading(None, "no data yet")

Compute = Callable[[], Reading]


class Covariation:
    """Takes thinned ticks of x and of y; two of the same instant count as one tick of both.

    Statistics decay in the trading seconds of `hours`.
    """

    def __init__(self, hours: Calendar) -> None:
        self._hours = hours
        self._weighted: dict[float, _Latest] = {}
        self._corr: list[HayashiYoshida | ExactHayashiYoshida] = []
        self._flat: dict[float, ExactHayashiYoshida] = {}
        self._session: dict[str, HayashiYoshida] = {}
        """By metric: what forgets nothing but at the beginning of a session."""
        self._day = -1
        self._held: tuple[int, bool, float] | None = None
        """The last tick, until it is known whether the other leg ticks at the same instant."""
        self.changes = 0
        """How often a reading may have changed."""

    def build(self, metric: str, window: float) -> Compute:
        """What answers `corr` (or an end of its interval), flat or of the session, from now on.

        A window of a day is one session of a market that closes.
        """
        if self._hours.horizon_ns is not None:
            window = 60.0 * trading_minutes(window) if window >= _DAY else window
        if metric == FLAT:
            return self._build_flat(window).value
        if metric == SESSION:
            return self._build_session().value
        if window not in self._weighted:
            made = HayashiYoshida(halflife(window))
            self._corr.append(made)
            self._weighted[window] = _Latest(made, self)
        latest = self._weighted[window]
        ends = {"corr": latest.value, "corr_low": latest.low, "corr_high": latest.high}
        return ends[metric]

    def _build_flat(self, window: float) -> ExactHayashiYoshida:
        if window not in self._flat:
            self._flat[window] = ExactHayashiYoshida(window)
            self._corr.append(self._flat[window])
        return self._flat[window]

    def _build_session(self) -> HayashiYoshida:
        if SESSION not in self._session:
            self._session[SESSION] = HayashiYoshida(inf)
            self._corr.append(self._session[SESSION])
        return self._session[SESSION]

    def new_session(self) -> None:
        """A session begins."""
        for each in self._session.values():
            each.forget()

    def _turn(self, seconds: float) -> None:
        """Where nothing ever closes, a day in UTC is a session."""
        if not self._session or self._hours.horizon_ns is not None:
            return
        day = int(seconds // _DAY)
        if day != self._day:
            self._day = day
            self.new_session()

    def tick(self, is_x: bool, ts: int, log_price: float) -> None:  # noqa: FBT001  # the hot path
        """Take a tick."""
        held = self._held
        if held is not None and held[0] == ts and held[1] is not is_x:
            self._held = None
            self._both(ts, *((log_price, held[2]) if is_x else (held[2], log_price)))
            return
        self.let_go()
        self._held = ts, is_x, log_price

    def _both(self, ts: int, x: float, y: float) -> None:
        self.changes += 1
        seconds = self._hours.trading_seconds(ts)
        self._turn(seconds)
        for corr in self._corr:
            corr.both_tick(seconds, x, y)

    def let_go(self) -> None:
        """Wait no longer for a tick of the other leg."""
        if self._held is None:
            return
        ts, is_x, log_price = self._held
        self._held = None
        self.changes += 1
        seconds = self._hours.trading_seconds(ts)
        self._turn(seconds)
        for corr in self._corr:
            if is_x:
                corr.x_tick(seconds, log_price)
            else:
                corr.y_tick(seconds, log_price)

    def break_(self) -> None:
        """Make no return of what comes next and what came before."""
        self.let_go()
        for corr in self._corr:
            corr.break_()


class _Latest:
    """A correlation and the ends of its interval, worked out once for the three."""

    __slots__ = ("_at", "_found", "_of", "_source")

    def __init__(self, of: HayashiYoshida, source: Covariation) -> None:
        self._of = of
        self._source = source
        self._at = -1
        self._found = _NOTHING

    def value(self) -> Reading:
        if self._at != self._source.changes:
            self._at = self._source.changes
            self._found = self._of.value()
        return self._found

    def low(self) -> Reading:
        found = self.value()
        return found if found.value is None else Reading(found.low, n=found.n)

    def high(self) -> Reading:
        found = self.value()
        return found if found.value is None else Reading(found.high, n=found.n)
