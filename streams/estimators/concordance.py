"""Concordance: how often both move the same way in a bar; what a breakdown is measured against.

p0 is everything to the false-alarm rate: .01 too high doubles it. Hence the lower bound, which
counts how far sessions lie apart as well as chance. p0 depends on bar size, feeds and tick rate
(fewer ticks, fewer bars in which both moved together): keep one estimator for each.
"""

from __future__ import annotations

from math import exp, sqrt

from streams.estimators.decay import rate
from streams.estimators.state import restored
from streams.snapshot import Reading

HALFLIFE = 20.0
"""Sessions in which a weight halves."""

MIN_BARS = 5 * 1560 // 2
"""Nonzero bars of 15 s to start from: half of what five sessions have."""

DAY_HITS, DAY_BARS = range(2)  # this session
HITS, BARS = range(2, 4)  # earlier sessions, decayed
HH, HB, BB = range(4, 7)  # their second moments, by squared weights
SIZE = 7


def step(s: list[float], rx: float, ry: float) -> None:
    """Take in the returns of one bar."""
    sign = rx * ry
    if sign != 0.0:
        s[DAY_BARS] += 1.0
        if sign > 0.0:
            s[DAY_HITS] += 1.0


def end_session(s: list[float], f: float) -> None:
    """Add this session to the earlier ones, whose weights shrink by `f`."""
    hits, bars = s[DAY_HITS], s[DAY_BARS]
    if bars == 0.0:
        return
    ff = f * f
    s[HITS] = s[HITS] * f + hits
    s[BARS] = s[BARS] * f + bars
    s[HH] = s[HH] * ff + hits * hits
    s[HB] = s[HB] * ff + hits * bars
    s[BB] = s[BB] * ff + bars * bars
    s[DAY_HITS] = s[DAY_BARS] = 0.0


def deviation(s: list[float]) -> float:
    """Standard deviation of the share: what chance gives or what the sessions show, the larger.

    This session's bars must not be none at all, nor may the earlier ones.
    """
    bars = s[BARS] + s[DAY_BARS]
    p = (s[HITS] + s[DAY_HITS]) / bars
    today = s[DAY_HITS] - p * s[DAY_BARS]
    squares = s[HH] - 2.0 * p * s[HB] + p * p * s[BB] + today * today
    return sqrt(max(squares / (bars * bars), p * (1.0 - p) / bars))


class Concordance:
    """The share of concordant bars, learned over sessions. Do not update it while broken.

    >>> link = Concordance(min_bars=100)
    >>> for bar in range(100):
    ...     link.update(0.001, 0.001 if bar % 4 else -0.001)
    >>> found = link.value()
    >>> f"{found.value:.2f} {found.low:.2f}"
    '0.75 0.71'
    """

    __slots__ = ("_f", "_min_bars", "state")

    def __init__(self, min_bars: int = MIN_BARS, state: list[float] | None = None) -> None:
        self.state = restored(SIZE, state)
        self._min_bars = min_bars
        self._f = exp(rate(HALFLIFE))

    def update(self, rx: float, ry: float) -> None:
        """The returns of one bar; one without a move on both sides does not count."""
        step(self.state, rx, ry)

    def new_session(self) -> None:
        """A session begins."""
        end_session(self.state, self._f)

    def value(self) -> Reading:
        """p0, its lower bound `low` (one standard deviation), and the weighted bars behind it."""
        s = self.state
        n = s[BARS] + s[DAY_BARS]
        if n < max(self._min_bars, 1):
            return Reading(None, f"warming up {n:.0f}/{self._min_bars}", n=n)
        p0 = (s[HITS] + s[DAY_HITS]) / n
        return Reading(p0, n=n, low=p0 - deviation(s))
