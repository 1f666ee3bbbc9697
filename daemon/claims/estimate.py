"""A figure with its standard error, where days that follow each other may be alike.

Errors are Newey and West's (Econometrica 55, 1987: 703-708): Bartlett weights over
`4 (n/100)^(2/9)` lags, applied to each figure's influence function, so that one method serves
means, slopes, correlations and their differences. Correlations get their interval on Fisher's
scale. Simulated under GARCH(1,1) (.05, .93) with Student's t of 5 degrees, intervals of 95 % held a
correlation, or a difference of two, in 89-92 % of files of 120 days, 92-93 % of 250 and 92-95 % of
2,200: of few days they are a little narrow.
"""

from __future__ import annotations

from math import atanh, sqrt, tanh
from statistics import NormalDist
from typing import Literal

import msgspec
import numpy as np

from daemon.claims.missing import MissingError
from daemon.study.aligned import Floats

Unit = Literal["correlation", "share", "times", "per 10 bp", "difference", "unexplained"]

FEWEST = 20
"""Observations below which no figure is given."""
_FLAT = 1e-12


class Estimate(msgspec.Struct, frozen=True):
    """A figure of `n` observations; `error` is None where it is read off and chance has no part.

    What correlation leaves unexplained, 1 - rho², carries the error of rho.
    """

    value: float
    n: int
    unit: Unit
    error: float | None = None

    def interval(self, looks: int = 1) -> tuple[float, float] | None:
        """Of 95 %, for `looks` such intervals together (Bonferroni); None where none is needed."""
        if self.error is None:
            return None
        z = NormalDist().inv_cdf(1.0 - 0.025 / looks)
        if self.unit == "correlation":
            return _fisher(self.value, z * self.error)
        if self.unit == "unexplained":
            low, high = _fisher(sqrt(1.0 - self.value), z * self.error)
            return 1.0 - max(low * low, high * high), 1.0 - max(low, 0.0) ** 2
        return self.value - z * self.error, self.value + z * self.error


def _fisher(rho: float, reach: float) -> tuple[float, float]:
    # At ±1 Fisher's scale ends.
    rho = min(max(rho, _FLAT - 1.0), 1.0 - _FLAT)
    wide = reach / (1.0 - rho * rho)
    return tanh(atanh(rho) - wide), tanh(atanh(rho) + wide)


def newey_west(influence: Floats, least: int = 0) -> float:
    """The standard error of the mean of `influence`; `least` lags where observations overlap."""
    n = len(influence)
    parts = influence - influence.mean()
    lags = min(max(int(4.0 * (n / 100.0) ** (2.0 / 9.0)), least), n - 1)
    total = float(parts @ parts)
    for lag in range(1, lags + 1):
        total += 2.0 * (1.0 - lag / (lags + 1.0)) * float(parts[lag:] @ parts[:-lag])
    return sqrt(max(total, 0.0)) / n


def mean(values: Floats, unit: Unit, scale: float = 1.0) -> Estimate:
    """The mean, times `scale`."""
    _must_suffice(len(values))
    return Estimate(
        scale * float(values.mean()), len(values), unit, abs(scale) * newey_west(values)
    )


def correlation(x: Floats, y: Floats, least: int = 0) -> Estimate:
    """Pearson's."""
    rho, influence = correlation_parts(x, y)
    return Estimate(rho, len(x), "correlation", newey_west(influence, least))


def correlation_parts(x: Floats, y: Floats) -> tuple[float, Floats]:
    """Pearson's correlation, and what each observation adds to its error."""
    _must_suffice(len(x))
    zx, zy = _standardised(x), _standardised(y)
    rho = float(np.mean(zx * zy))
    return rho, zx * zy - 0.5 * rho * (zx * zx + zy * zy)


def slope(x: Floats, y: Floats, unit: Unit, scale: float = 1.0) -> Estimate:
    """What y adds for each `scale` of x, by least squares."""
    _must_suffice(len(x))
    dx, dy = x - x.mean(), y - y.mean()
    square = float(np.mean(dx * dx))
    _must_vary(square)
    beta = float(np.mean(dx * dy)) / square
    error = newey_west(dx * (dy - beta * dx) / square)
    return Estimate(scale * beta, len(x), unit, abs(scale) * error)


def residuals(y: Floats, by: list[Floats]) -> Floats:
    """What is left of y when the columns of `by` and a mean are taken out."""
    columns = np.column_stack([np.ones(len(y)), *by])
    found: Floats = y - columns @ np.linalg.lstsq(columns, y, rcond=None)[0]
    return found


def _standardised(values: Floats) -> Floats:
    centred = values - values.mean()
    square = float(np.mean(centred * centred))
    _must_vary(square)
    return np.asarray(centred / sqrt(square))


def _must_suffice(n: int) -> None:
    if n < FEWEST:
        raise MissingError(f"{FEWEST} observations or more", f"there are {n}")


def _must_vary(square: float) -> None:
    if square <= _FLAT * _FLAT:
        raise MissingError("figures that change", "one column never does")
