"""Weighted sums of what data contribute to a correlation, and their second moments, O(1).

A datum contributes `c` to the covariation and `vx`, `vy` to the variations. Its influence on
`rho = C / sqrt(VX VY)` is `c/sqrt(VX VY) - rho/2 (vx/VX + vy/VY)`; the influences' squares, by
squared weights, add up to the variance of rho (the sandwich; `interval`). They unfold into six
sums, so rho need not be known when a datum comes.
"""

from __future__ import annotations

from math import sqrt

from streams.estimators.interval import Squares, correlation_reading
from streams.snapshot import Reading

C, VX, VY = range(3)
CC, CX, CY, XX, XY, YY = range(3, 9)  # by squared weights
W, WW = range(9, 11)  # weights, and squared
SIZE = 11

_RESIDUE = 1e-20
"""Mean square below which there is only rounding."""


def add(  # noqa: PLR0917  # a step takes plain figures
    s: list[float], at: int, f: float, c: float, vx: float, vy: float
) -> None:
    """Take in a datum; earlier weights shrink by `f`."""
    ff = f * f
    s[at + C] = s[at + C] * f + c
    s[at + VX] = s[at + VX] * f + vx
    s[at + VY] = s[at + VY] * f + vy
    s[at + CC] = s[at + CC] * ff + c * c
    s[at + CX] = s[at + CX] * ff + c * vx
    s[at + CY] = s[at + CY] * ff + c * vy
    s[at + XX] = s[at + XX] * ff + vx * vx
    s[at + XY] = s[at + XY] * ff + vx * vy
    s[at + YY] = s[at + YY] * ff + vy * vy
    s[at + W] = s[at + W] * f + 1.0
    s[at + WW] = s[at + WW] * ff + 1.0


def correlation(s: list[float], at: int, minimum: int) -> Reading:
    """The correlation, its 95 % interval and the effective number of data.

    None until there are `minimum`, where a leg has not moved, and where one datum dominates.

    >>> s = [0.0] * SIZE
    >>> for x, y in ((1.0, 2.0), (2.0, 1.0), (-1.0, -1.0), (1.0, -1.0), (-2.0, -2.0)):
    ...     add(s, 0, 1.0, x * y, x * x, y * y)
    >>> f"{correlation(s, 0, 5).value:.3f}"
    '0.727'
    """
    n = s[at + W] * s[at + W] / s[at + WW] if s[at + WW] > 0.0 else 0.0
    if n < minimum - 0.5:
        return Reading(None, f"warming up {n:.0f}/{minimum}", n=n)
    if min(s[at + VX], s[at + VY]) <= _RESIDUE * s[at + W]:
        return Reading(None, "constant", n=n)
    vx, vy = s[at + VX], s[at + VY]
    squares = Squares.unfolded(vx, vy, s[at + CC : at + W])
    return correlation_reading(s[at + C] / sqrt(vx * vy), squares, n=n)
