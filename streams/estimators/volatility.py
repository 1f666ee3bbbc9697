"""Volatility: exponentially weighted, from bar returns, O(1) a bar.

The interval is the sandwich over bars, taken on the logarithm of the variance. A square beyond
eight standard deviations counts no more than that: a bad print is no volatility, and under a law
with a variance it takes next to nothing away.
"""

from __future__ import annotations

from math import exp, sqrt

from streams.estimators.decay import rate
from streams.estimators.interval import student
from streams.estimators.state import restored
from streams.snapshot import Reading

_RESIDUE = 1e-20
"""Squared return below which there is only rounding."""

_CLIP = 64.0
_UNCLIPPED = 30.0
"""Bars whose weight must be there before a square is clipped."""

SQUARES, W = range(2)  # weighted squares, and weights
S4, S2, WW = range(2, 5)  # by squared weights: squares squared, squares, and the weights
SIZE = 5


def step(s: list[float], r: float, f: float) -> None:
    """Take in the return of one bar; earlier weights shrink by `f`."""
    square = r * r
    if s[W] * s[W] >= _UNCLIPPED * s[WW] and s[SQUARES] > _RESIDUE * s[W]:
        square = min(square, _CLIP * s[SQUARES] / s[W])
    ff = f * f
    s[SQUARES] = s[SQUARES] * f + square
    s[W] = s[W] * f + 1.0
    s[S4] = s[S4] * ff + square * square
    s[S2] = s[S2] * ff + square
    s[WW] = s[WW] * ff + 1.0


class Volatility:
    """Standard deviation of returns over `bars_a_period` bars, from weights that halve.

    `halflife` is in bars; `bars_a_period` of 98,280 annualises minutes of New York's hours,
    525,600 those of a market that never closes.

    >>> volatility = Volatility(halflife=21.0, bars_a_period=98_280)
    >>> for bar in range(60):
    ...     volatility.update(0.0005 if bar % 2 else -0.0005)
    >>> f"{volatility.value().value:.1%}"
    '15.7%'
    """

    __slots__ = ("_f", "_period", "state")

    def __init__(
        self, halflife: float, bars_a_period: float = 1.0, state: list[float] | None = None
    ) -> None:
        self.state = restored(SIZE, state)
        self._f = exp(rate(halflife))
        self._period = bars_a_period

    def update(self, r: float) -> None:
        """The return of one bar."""
        step(self.state, r, self._f)

    def value(self, min_bars: int = 10) -> Reading:
        """The volatility, its 95 % interval and the effective number of bars.

        None until there are `min_bars`, and where the price has not moved.
        """
        s = self.state
        n = s[W] * s[W] / s[WW] if s[WW] > 0.0 else 0.0
        if n < min_bars - 0.5:
            return Reading(None, f"warming up {n:.0f}/{min_bars}", n=n)
        v = s[SQUARES] / s[W]
        if v <= _RESIDUE:
            return Reading(None, "constant", n=n)
        squares = max(0.0, s[S4] - 2.0 * v * s[S2] + v * v * s[WW])
        half = 0.5 * student(n) * sqrt(squares) / s[SQUARES]
        value = sqrt(v * self._period)
        return Reading(value, n=n, low=value * exp(-half), high=value * exp(half))
