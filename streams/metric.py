"""The catalogue: every metric a rule can name, with its parameters and unit.

A rule's text is checked against it, a message is formatted by it, and `Market` builds only the
calls it is asked for.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

NS = 1_000_000_000

SESSIONS_A_MONTH = 21
"""A month of regular sessions: what `1/month` means."""


class Unit(StrEnum):
    """What a value is measured in; a comparison of two different units is an error."""

    NUMBER = "number"
    CORRELATION = "correlation"
    FRACTION = "fraction"
    """Written and shown in per cent."""
    SIGMA = "sigma"
    """Standard deviations."""
    PRICE = "price"
    DURATION = "duration"
    """Seconds."""
    TRUTH = "truth"
    INSTANT = "instant"
    """Nanoseconds UTC; only messages show it."""


class Cadence(StrEnum):
    """What a pair's reading waits for, until which it stays as it is."""

    TICK = "tick"
    """Any news of either leg."""
    BAR = "bar"
    """The end of a short bar."""
    MINUTE = "minute"
    DAY = "day"
    """The close of a session."""


class Metric(msgspec.Struct, frozen=True):
    """One entry of the catalogue.

    `over` says what it is a metric of: the rule's pair (two instruments may be named instead),
    one named instrument, one named event of the calendar, or the context, which has no parts.
    `window` and `rate` are the defaults of those parameters in seconds and alarms a session; None
    where the metric has no such parameter.
    """

    name: str
    over: Literal["pair", "instrument", "event", "context"]
    unit: Unit
    doc: str
    window: float | None = None
    window_name: str = "window"
    """The keyword by which the window may be given, `1d` among them."""
    rate: float | None = None
    daily: bool = False
    """Whether `1d` means since the prior close of the instrument's own calendar."""
    closes: bool = False
    """Whether it is of daily closes over `FEWEST_DAYS` or more; then no window is between these
    and a day."""
    cadence: Cadence = Cadence.TICK
    """Of a pair's metric."""
    settles: bool = False
    """Whether nothing is said in the first 15 minutes of a session."""
    controlled: bool = False
    """Whether a control instrument stands beside the pair; the pair's first where none is named."""
    signed: bool = False
    """Whether it is a change, of which a rise is written with a plus."""
    patience: float | None = None
    """Of a context metric: older than so many seconds, what was said last says nothing now."""


class Call(msgspec.Struct, frozen=True):
    """A metric with its arguments filled in: what a Market computes and a Snapshot holds.

    `window` is in seconds by the clock, or `days` counts closes of the instrument's own calendar
    (`1d`, where the metric is `daily`) or daily returns of the pair (where it is of `closes`);
    `rate` is in alarms a regular session; `instruments` has
    two names for a pair's metric, a control after them where it is controlled, and one for an
    instrument's; an event's has the event's name there, and one of the context none.
    """

    metric: str
    instruments: tuple[str, ...]
    window: float | None = None
    rate: float | None = None
    days: int | None = None

    @property
    def key(self) -> str:
        """The call's canonical text, its name in a Snapshot and in topics."""
        args = [*self.instruments]
        if self.window_text:
            args.append(self.window_text)
        if self.rate is not None:
            args.append(f"{rate_text(self.rate)}")
        return f"{self.metric}({','.join(args)})"

    @property
    def window_text(self) -> str:
        """`1h`, `1d` or nothing."""
        if self.days is not None:
            return f"{self.days}d"
        if self.window is None:
            return ""
        daily = CATALOGUE[self.metric].daily
        return clock_text(self.window) if daily else duration_text(self.window)


_UNITS = ((604800, "w"), (86400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def duration_text(seconds: float) -> str:
    """The shortest exact writing with one unit: 3600 → '1h', 5400 → '90m'."""
    for size, unit in _UNITS:
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:.0f}{unit}"
    return f"{seconds:g}s"


def clock_text(seconds: float) -> str:
    """Like `duration_text`, in hours at the most: where `1d` would mean something else."""
    return f"{seconds / 3600:g}h" if seconds >= 86400 else duration_text(seconds)


FEWEST_DAYS = 5
"""Daily returns that a metric of closes takes: of fewer nothing can be said."""

SLOW = 4 * 604_800.0
"""The window of the beta that divergence rests on: a fast one would absorb it."""


_REGIMES = {
    "quiet": "Regime: none of the others.",
    "risk_on": "Regime: both rise by more than their usual move over the horizon.",
    "risk_off": "Regime: both fall by more than their usual move over the horizon.",
    "decoupled_strong": "Regime: the first is above what the second implies.",
    "decoupled_weak": "Regime: the first is below what the second implies.",
}

_DAY = 86_400.0
_SETTLED = 6 * _DAY
"""Of figures that are published the business day after, in the evening: the last one before a long
weekend is five days old when the next one comes. Less than a week, so that its weekday names it."""

REGIMES = tuple(_REGIMES)
"""One of them holds; in the order of `streams.estimators.regime.State`."""

PERIODS = {"session": 1, "day": 1, "week": 5, "month": SESSIONS_A_MONTH, "year": 252}
"""Regular sessions in a period; `1/day` is once a session."""


def rate_text(alarms_a_session: float) -> str:
    """In the period that makes the smallest whole count: 1/21 → '1/month'."""
    for period in ("day", "week", "month", "year"):
        count = alarms_a_session * PERIODS[period]
        if round(count) >= 1 and abs(count - round(count)) < 1e-9 * count:
            return f"{round(count)}/{period}"
    return f"{alarms_a_session:g}/session"


def _catalogue(*metrics: Metric) -> dict[str, Metric]:
    return {m.name: m for m in metrics}


CATALOGUE = _catalogue(
    Metric(
        "corr",
        "pair",
        Unit.CORRELATION,
        "Correlation on asynchronous ticks (exponentially weighted Hayashi-Yoshida), weighted so "
        "that its data have the mean age of a flat window of that length; from `5d` on, Pearson "
        "correlation of so many daily returns, from closes of both at the same instants.",
        window=3600,
        settles=True,
        closes=True,
    ),
    Metric(
        "corr_low",
        "pair",
        Unit.CORRELATION,
        "Lower end of the 95 % confidence interval of corr.",
        window=3600,
        settles=True,
        closes=True,
    ),
    Metric(
        "corr_high",
        "pair",
        Unit.CORRELATION,
        "Upper end of the 95 % confidence interval of corr.",
        window=3600,
        settles=True,
        closes=True,
    ),
    Metric(
        "corr_flat",
        "pair",
        Unit.CORRELATION,
        "The same as corr over a flat window: a move counts in full until it leaves.",
        window=3600,
        cadence=Cadence.BAR,
        settles=True,
    ),
    Metric(
        "corr_session",
        "pair",
        Unit.CORRELATION,
        "The same as corr since the session began, every move counting alike: what a report calls "
        "the day's correlation.",
        settles=True,
    ),
    Metric(
        "pearson",
        "pair",
        Unit.CORRELATION,
        "Pearson correlation of one-minute returns over a flat window, as charting tools have it.",
        window=3600,
        cadence=Cadence.MINUTE,
    ),
    Metric(
        "ew_pearson",
        "pair",
        Unit.CORRELATION,
        "Pearson correlation of one-minute returns, weighted as corr is: nothing leaves at once.",
        window=3600,
        cadence=Cadence.MINUTE,
    ),
    Metric(
        "quadrant",
        "pair",
        Unit.CORRELATION,
        "Correlation from the signs of one-minute returns alone: pearson's robust twin.",
        window=3600,
        cadence=Cadence.MINUTE,
    ),
    Metric(
        "partial",
        "pair",
        Unit.CORRELATION,
        "Correlation of one-minute returns once what the control explains is taken out: what is "
        "left of ETH and small caps without the market is partial(SPY, 1d).",
        window=86_400,
        cadence=Cadence.MINUTE,
        controlled=True,
    ),
    Metric(
        "relative",
        "pair",
        Unit.CORRELATION,
        "Correlation of the first instrument with what the second did other than the control: "
        "ETH and small caps less the market is relative(SPY, 1d).",
        window=86_400,
        cadence=Cadence.MINUTE,
        controlled=True,
    ),
    Metric(
        "beta",
        "pair",
        Unit.NUMBER,
        "Move of the first instrument for a move of 1 of the second, from one-minute returns, "
        "exponentially weighted; the divergence rests on the default one.",
        window=SLOW,
        cadence=Cadence.MINUTE,
    ),
    Metric(
        "divergence",
        "pair",
        Unit.SIGMA,
        "How far the first instrument is from what the second's move implies over the horizon, "
        "in standard deviations of that difference.",
        window=3600,
        cadence=Cadence.MINUTE,
        window_name="horizon",
    ),
    Metric(
        "breakdown",
        "pair",
        Unit.TRUTH,
        "Whether the link is broken: a sign CUSUM on 15-second bars, true from its alarm until "
        "the mirrored test finds the link restored. The parameter is the false-alarm budget.",
        rate=1 / SESSIONS_A_MONTH,
        cadence=Cadence.BAR,
    ),
    Metric(
        "breakdown_warning",
        "pair",
        Unit.TRUTH,
        "A faster, less certain detector of a broken link, with a false-alarm budget of its own.",
        rate=1 / SESSIONS_A_MONTH,
        cadence=Cadence.BAR,
    ),
    Metric(
        "lead",
        "pair",
        Unit.DURATION,
        "By how much the first instrument moves before the second (negative: after it); only where "
        "both feeds' stamps can carry it, on 18 of the last 20 days.",
    ),
    Metric(
        "llr",
        "pair",
        Unit.NUMBER,
        "Lead-lag ratio of the session: above 1 the first instrument moves first. No lead is "
        "claimed by it.",
    ),
    Metric(
        "first_mover",
        "pair",
        Unit.DURATION,
        "By how much the first instrument had covered half of its move over the horizon before the "
        "second had (negative: after it). Describes one move; no lead is claimed by it.",
        window=3600,
        cadence=Cadence.BAR,
        window_name="horizon",
    ),
    *(
        Metric(
            name,
            "pair",
            Unit.TRUTH,
            doc,
            window=3600,
            window_name="horizon",
            cadence=Cadence.MINUTE,
        )
        for name, doc in _REGIMES.items()
    ),
    Metric("price", "instrument", Unit.PRICE, "Last price."),
    Metric(
        "volatility",
        "instrument",
        Unit.FRACTION,
        "Volatility of one-minute returns, a year's worth, exponentially weighted.",
        window=86_400,
    ),
    Metric(
        "drawdown",
        "instrument",
        Unit.FRACTION,
        "Fall from the high of the window, in the instrument's trading time; at most 0.",
        window=86_400,
    ),
    Metric(
        "drawup",
        "instrument",
        Unit.FRACTION,
        "Rise from the low of the window, in the instrument's trading time; at least 0.",
        window=86_400,
    ),
    Metric(
        "return",
        "instrument",
        Unit.FRACTION,
        "Return over the horizon; `1d` is since the prior close of the instrument's own calendar, "
        "`24h` is by the clock.",
        window=3600,
        window_name="horizon",
        daily=True,
        signed=True,
    ),
    Metric("age", "instrument", Unit.DURATION, "Time since the instrument's last tick."),
    Metric(
        "stale",
        "instrument",
        Unit.TRUTH,
        "Whether the instrument has no usable feed while its market is open.",
    ),
    Metric("since", "event", Unit.DURATION, "Time since the latest event of that name."),
    Metric("until", "event", Unit.DURATION, "Time until the next event of that name."),
    Metric(
        "vix",
        "context",
        Unit.NUMBER,
        "Volatility of US shares that options imply, in per cent a year: the last close, or live "
        "where an instrument called VIX is configured.",
        patience=_SETTLED,
    ),
    Metric(
        "fear_greed",
        "context",
        Unit.NUMBER,
        "Crypto fear & greed: 0 is extreme fear, 100 extreme greed; once a day.",
        patience=2 * _DAY,
    ),
    Metric(
        "fed_funds",
        "context",
        Unit.FRACTION,
        "Effective federal funds rate, a day late.",
        patience=_SETTLED,
    ),
    Metric(
        "fed_target_low",
        "context",
        Unit.FRACTION,
        "Lower end of the Federal Reserve's target range.",
        patience=_SETTLED,
    ),
    Metric(
        "fed_target_high",
        "context",
        Unit.FRACTION,
        "Upper end of the Federal Reserve's target range.",
        patience=_SETTLED,
    ),
    Metric(
        "us2y",
        "context",
        Unit.FRACTION,
        "Yield of two-year US Treasury notes, a day late.",
        patience=_SETTLED,
    ),
    Metric(
        "cut_odds",
        "context",
        Unit.FRACTION,
        "Odds, as a prediction market has them, that the next FOMC meeting cuts the rate.",
        patience=6 * 3600,
    ),
)

CONTEXT = tuple(name for name, metric in CATALOGUE.items() if metric.over == "context")
"""The slow series, by the names that rules use."""
