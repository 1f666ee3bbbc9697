"""Weighted sums of what data contribute to a correlation, and their second moments, O(1).

A datum contributes `c` to the covariation and `vx`, `vy` to the variations. Its influence on
`rho = C / sqrt(VX VY)` is `c/sqrt(VX VY) - rho/2 (vx/VX + vy/VY)`; the influences' squares, by
squared weights, add up to the variance of rho (the sandwich). They unfold into six sums, so rho
need not be known when a datum comes.
"""

from __future__ import annotations

from math import sqrt

from streams.estimators.interval import correlation_interval
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


def spread(s: list[float], at: int) -> tuple[float, float]:
    """Variance of the correlation, and on how many data it really rests.

    Both variations must be positive.
    """
    c, vx, vy = s[at + C], s[at + VX], s[at + VY]
    p = 1.0 / sqrt(vx * vy)
    q = -0.5 * c * p / vx
    r = -0.5 * c * p / vy
    squares = (p * p * s[at + CC] + q * q * s[at + XX] + r * r * s[at + YY]) + 2.0 * (
        p * q * s[at + CX] + p * r * s[at + CY] + q * r * s[at + XY]
    )
    shares = s[at + XX] / (vx * vx) + s[at + YY] / (vy * vy)
    return squares, 2.0 / shares


def correlation(s: list[float], at: int, minimum: int) -> Reading:
    """The correlation, its 95 % interval and the effective number of data.

    None until there are `minimum`, and where a leg has not moved.

    >>> s = [0.0] * SIZE
    >>> for x, y in ((1.0, 2.0), (2.0, 1.0), (-1.0, -1.0)):
    ...     add(s, 0, 1.0, x * y, x * x, y * y)
    >>> f"{correlation(s, 0, 3).value:.3f}"
    '0.833'
    """
    n = s[at + W] * s[at + W] / s[at + WW] if s[at + WW] > 0.0 else 0.0
    if n < minimum - 0.5:
        return Reading(None, f"warming up {n:.0f}/{minimum}", n=n)
    if min(s[at + VX], s[at + VY]) <= _RESIDUE * s[at + W]:
        return Reading(None, "constant", n=n)
    rho = s[at + C] / sqrt(s[at + VX] * s[at + VY])
    rho = max(-1.0, min(1.0, rho))
    low, high = correlation_interval(rho, *spread(s, at))
    return Reading(rho, n=n, low=low, high=high)
