"""Confidence intervals of correlations, and when there is none.

The estimators of a correlation are ratios, `rho = C / sqrt(VX VY)`. The interval holds every rho0
that the data do not reject: `|rho - rho0| <= 1.96 sqrt(sum(psi²))`, where psi is a datum's
influence were rho0 the truth, `c / sqrt(VX VY) - rho0 / 2 (vx / VX + vy / VY)`. That is a quadratic
in rho0 (Fieller 1954). No law of the returns is asked for, nor Fisher's transformation: that makes
the interval vanish at 1, where a ratio over overlapping returns may well be by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import copysign, inf, sqrt
from typing import Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.snapshot import Reading

Floats = NDArray[np.float64]

Z95 = 1.959964
"""Standard errors on either side of a 95 % interval, under a normal law."""

FEW = 2.0
"""Data on which a correlation has to rest, `1 / sum(share²)`, each one's share being of the
variation of a leg. Where there are fewer, one of them holds more than half: the sum is at most the
largest share. With a few more the interval is honest, if only by being everything."""

DOMINATED = "one move dominates"
TREND = "one trend moves both"

_ROUNDING = 1e-9
_ZZ = Z95 * Z95


def student(n: float) -> float:
    """`Z95` under Student's law with `n` degrees of freedom, to 1 % for `n` of 10 and more.

    >>> f"{student(10.0):.2f} {student(60.0):.2f}"
    '2.20 2.00'
    """
    return Z95 * (1.0 + (Z95 * Z95 + 1.0) / (4.0 * n))


class Squares(msgspec.Struct, frozen=True, gc=False):
    """What the data hold of a correlation, squared and summed.

    A datum's part of the correlation is `c / sqrt(VX VY)`: they add up to rho. Its share of the
    variation is the mean of `vx / VX` and `vy / VY`: they add up to 1.
    """

    part: float
    part_share: float
    share: float
    leg: float
    """The squared shares of one leg, of the two the greater sum."""

    @classmethod
    def unfolded(cls, vx: float, vy: float, moments: Sequence[float]) -> Self:
        """From both variations, and the sums over the data of cc, c vx, c vy, vx vx, vx vy, vy vy.

        Both variations must be positive.
        """
        cc, cx, cy, xx, xy, yy = moments
        p, q, r = 1.0 / sqrt(vx * vy), 0.5 / vx, 0.5 / vy
        x, y = q * q * xx, r * r * yy
        return cls(p * p * cc, p * (q * cx + r * cy), x + 2.0 * q * r * xy + y, 4.0 * max(x, y))

    @classmethod
    def of(cls, part: Floats, x: Floats, y: Floats) -> Self:
        """Over arrays, a datum a place: its part, and its shares of either leg's variation."""
        share = 0.5 * (x + y)
        leg = max(float(x @ x), float(y @ y))
        return cls(float(part @ part), float(part @ share), float(share @ share), leg)

    def influence(self, rho: float) -> float:
        """The variance of the correlation, were `rho` the truth (the sandwich)."""
        return self.part - 2.0 * rho * self.part_share + rho * rho * self.share


def correlation_interval(rho: float, squares: Squares) -> tuple[float, float]:
    """The 95 % interval, before it is cut to what a correlation can be.

    From minus to plus infinity where the data are too few to reject anything.

    >>> low, high = correlation_interval(0.6, Squares(0.03, 0.018, 0.03, 0.03))
    >>> f"{low:.3f} {high:.3f}"
    '0.311 0.889'
    """
    part_share, share = squares.part_share, squares.share
    room = 1.0 - _ZZ * share
    if room <= 0.0:
        return -inf, inf
    square = squares.influence(rho) - _ZZ * (squares.part * share - part_share * part_share)
    half = Z95 * sqrt(square) if square > 0.0 else 0.0
    middle = rho - _ZZ * part_share
    return (middle - half) / room, (middle + half) / room


def correlation_reading(rho: float, squares: Squares, *, n: float, note: str = "") -> Reading:
    """A correlation with its interval; `rho` may lie beyond 1 where it is a ratio that can.

    None where one datum holds most of a leg's variation: it is all that the correlation knows. And
    where the whole interval lies beyond 1: returns that overlap count a trend twice.
    """
    if squares.leg * FEW > 1.0:
        return Reading(None, DOMINATED, n=n)
    low, high = correlation_interval(rho, squares)
    if low > 1.0 + _ROUNDING or high < -1.0 - _ROUNDING:
        return Reading(None, TREND, n=n)
    return Reading(_cut(rho), n=n, low=_cut(low), high=_cut(high), note=note)


def _cut(rho: float) -> float:
    return rho if -1.0 <= rho <= 1.0 else copysign(1.0, rho)
