"""A faster, less certain detector of a broken link, with a false-alarm budget of its own.

A CUSUM of the log-likelihood ratio of Student's law (5 degrees of freedom) without correlation
against the one with the correlation that p0 stands for, `sin(pi (p0 - 1/2))`. Returns are divided
by their usual size at that time of day and by their exponentially weighted deviation known before
them, and clipped at two of it. The clipping is what makes the rate of false alarms nearly the
same under normal and fat tails, volatility that clusters, triples, or has a smile. Nearly: the
threshold is laid where the worst of these keeps the budget, by simulation, and not exact like
that of the sign CUSUM.
"""

from __future__ import annotations

from math import exp, log, log1p, pi, sin, sqrt

from streams.estimators import latch
from streams.estimators.decay import rate
from streams.estimators.latch import P0, Detector, H, add
from streams.estimators.run_length import SESSION_BARS, threshold
from streams.estimators.widening import widening
from streams.snapshot import Reading

HALFLIFE = 30.0
"""Bars in which the weight of a squared return in the deviation halves."""

MIN_BARS = 60.0
"""Returns of each leg before its deviation is used."""

_CLIP = 2.0
_JUMP = 16.0
"""Variances beyond which a squared return teaches no more: a bad print is no volatility."""

_NU = 5.0

VX, VY, NX, NY = range(latch.SIZE, latch.SIZE + 4)  # variances, and returns they are learned from
SIZE = latch.SIZE + 4


def learn(s: list[float], variance: int, r: float, f: float) -> None:
    """Let one return into a variance; one of exactly 0 is no trade and teaches nothing."""
    if r == 0.0:
        return
    seen = variance + 2
    square = r * r
    if s[seen] >= MIN_BARS:
        square = min(square, _JUMP * s[variance])
    s[seen] += 1.0
    s[variance] += max(1.0 - f, 1.0 / s[seen]) * (square - s[variance])


def evidence(zx: float, zy: float, rho: float) -> float:
    """Of no correlation against `rho`, from returns in deviations, clipped."""
    zx = min(max(zx, -_CLIP), _CLIP)
    zy = min(max(zy, -_CLIP), _CLIP)
    rest = 1.0 - rho * rho
    apart = zx * zx + zy * zy
    linked = (apart - 2.0 * rho * zx * zy) / rest
    ratio = log1p(apart / (_NU - 2.0)) - log1p(linked / (_NU - 2.0))
    return 0.5 * log(rest) - 0.5 * (_NU + 2.0) * ratio


def step(s: list[float], rx: float, ry: float, f: float) -> None:
    """Take in the returns of one bar, each over its usual size at that time of day."""
    warm = min(s[NX], s[NY]) >= MIN_BARS
    if warm and s[H] > 0.0 and rx * ry != 0.0:
        rho = sin(pi * (s[P0] - 0.5))
        add(s, evidence(rx / sqrt(s[VX]), ry / sqrt(s[VY]), rho))
    learn(s, VX, rx, f)
    learn(s, VY, ry, f)


class BreakdownWarning(Detector):
    """Whether the link seems broken, at about one false alarm in `arl_bars` nonzero bars.

    >>> link = BreakdownWarning(arl_bars=1560.0)
    >>> for bar in range(150):
    ...     link.update(1.0, 1.0 if bar % 2 else -1.0, ts_ns=bar * 15_000_000_000, p0=0.7)
    >>> link.value().value
    True
    """

    __slots__ = ("_f", "_session")

    def __init__(
        self,
        arl_bars: float,
        state: list[float] | None = None,
        *,
        session_bars: float = SESSION_BARS,
    ) -> None:
        super().__init__(SIZE, arl_bars, state)
        self._session = session_bars
        self._f = exp(rate(HALFLIFE))

    def update(  # noqa: PLR0917  # the hot path
        self,
        rx: float,
        ry: float,
        ts_ns: int,
        p0: float | None,
        between: float = 0.0,
        within: float = 0.0,
    ) -> None:
        """The returns of the bar that ended at `ts_ns`, and what is known of the link.

        Each return is to be divided by its usual size at that time of day, in any unit: without
        such a profile the first minutes of a session may give false alarms.
        """
        self._prepare(ts_ns, p0, between, within)
        step(self.state, rx, ry, self._f)

    def threshold(self, p0: float, between: float, within: float) -> float | None:
        """The h of a p0; None where p0 moves too much to be watched."""
        return warning_threshold(p0, self._arl, between, within, session_bars=self._session)

    def value(self) -> Reading:
        """True from an alarm to the restoration; None where there is no link to watch."""
        s = self.state
        seen = min(s[NX], s[NY])
        if s[latch.BROKEN] == 0.0 and s[H] > 0.0 and seen < MIN_BARS:
            return Reading(None, f"volatility warming up {seen:.0f}/{MIN_BARS:.0f}")
        return super().value()


def warning_threshold(
    p0: float,
    arl_bars: float,
    between: float = 0.0,
    within: float = 0.0,
    *,
    session_bars: float = SESSION_BARS,
) -> float | None:
    """The h at which the worst of the laws simulated gives one false alarm in `arl_bars` bars.

    A multiple of the sign CUSUM's; None where p0 moves too much to be watched. A p0 that moves
    costs this detector more, since it gets more out of a bar: the widening to the power 1.4.

    >>> f"{warning_threshold(0.68, 21 * 1560.0):.1f}"
    '9.4'
    """
    exact = threshold(p0, arl_bars, session_bars=session_bars)
    if exact is None or threshold(p0, arl_bars, between, within) is None:
        return None
    wider = widening(p0, arl_bars / session_bars, between, within)
    return exact * (1.25 + 1.4 * max(p0 - 0.66, 0.0)) * exp(1.4 * log(wider))


def expected_warning_bars(p0: float, h: float) -> float:
    """Mean number of bars to the alarm after a full break, within a fifth of simulation.

    That sums restart with a session is in it.

    >>> round(expected_warning_bars(p0=0.68, h=9.3) / 4)
    14
    """
    rho = sin(pi * (p0 - 0.5))
    return (2.1 - 4.2 * (p0 - 0.59)) * h / (rho * rho)
