"""Beta: the move of x for a move of 1 of y, exponentially weighted, O(1) a bar.

Least squares without an intercept (a bar's mean return is nothing beside its deviation). The
standard error is the sandwich: it holds where volatility comes in clusters. A bar whose residual
is beyond eight standard deviations is left out: one bad print would be all that the beta knows.
"""

from __future__ import annotations

from math import exp, sqrt

from streams.estimators.decay import rate
from streams.estimators.interval import Z95
from streams.estimators.state import restored
from streams.snapshot import Reading

_RESIDUE = 1e-20
"""Mean squared return of y below which there is only rounding."""

XY, YY = range(2)  # weighted sums of products
PP, PQ, QQ = range(2, 5)  # by squared weights, of p = x*y and q = y*y
W, WW = range(5, 7)  # weights, and squared
SCALE, SCALE_W = range(7, 9)  # weighted squares of the residuals, clipped, and their weights
SIZE = 9

_CLIP = 64.0
"""Variances beyond which a residual is a bad print."""

_SURE = 30.0
"""Bars that must be known before one can be told to be bad."""


def outlier(s: list[float], at: int, residual: float, f: float) -> bool:
    """Whether a residual is beyond belief; its square enters their scale, at most clipped.

    So a volatility that has risen for good is believed after a while. The four cells from W to
    SCALE_W stand at `at`.
    """
    square = residual * residual
    most = _CLIP * s[at + 2] / s[at + 3] if s[at + 3] > 0.0 else 0.0
    bad = s[at] * s[at] >= _SURE * s[at + 1] and most > _RESIDUE and square > most
    s[at + 2] = s[at + 2] * f + (most if bad else square)
    s[at + 3] = s[at + 3] * f + 1.0
    return bad


def step(s: list[float], x: float, y: float, f: float) -> None:
    """Take in the returns of one bar; earlier weights shrink by `f`."""
    if outlier(s, W, x - s[XY] / s[YY] * y if s[YY] > 0.0 else 0.0, f):
        return
    p = x * y
    q = y * y
    ff = f * f
    s[XY] = s[XY] * f + p
    s[YY] = s[YY] * f + q
    s[PP] = s[PP] * ff + p * p
    s[PQ] = s[PQ] * ff + p * q
    s[QQ] = s[QQ] * ff + q * q
    s[W] = s[W] * f + 1.0
    s[WW] = s[WW] * ff + 1.0


def standard_error(s: list[float]) -> float:
    """Of the beta; the sum of squares of y must be positive."""
    beta = s[XY] / s[YY]
    squares = s[PP] - 2.0 * beta * s[PQ] + beta * beta * s[QQ]
    return sqrt(max(squares, 0.0)) / s[YY]


class Beta:
    """Beta of bar returns with weights that halve every `halflife` bars.

    >>> beta = Beta(halflife=390.0)
    >>> for bar in range(60):
    ...     beta.update(0.0012 * (bar % 3 - 1), 0.001 * (bar % 3 - 1))
    >>> f"{beta.value().value:.2f}"
    '1.20'
    """

    __slots__ = ("_f", "state")

    def __init__(self, halflife: float, state: list[float] | None = None) -> None:
        self.state = restored(SIZE, state)
        self._f = exp(rate(halflife))

    def update(self, rx: float, ry: float) -> None:
        """The returns of one bar."""
        step(self.state, rx, ry, self._f)

    def value(self, min_bars: int = 30) -> Reading:
        """The beta, its 95 % interval and the effective number of bars.

        None until there are `min_bars`, and where y has not moved.
        """
        s = self.state
        n = s[W] * s[W] / s[WW] if s[WW] > 0.0 else 0.0
        if n < min_bars - 0.5:
            return Reading(None, f"warming up {n:.0f}/{min_bars}", n=n)
        if s[YY] < _RESIDUE * s[W]:
            return Reading(None, "constant", n=n)
        beta = s[XY] / s[YY]
        half = Z95 * standard_error(s)
        return Reading(beta, n=n, low=beta - half, high=beta + half)
