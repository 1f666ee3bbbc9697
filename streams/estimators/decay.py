"""Exponential weights. A half-life is how long it takes a weight to halve, whatever its unit."""

from __future__ import annotations

from math import log

_LN2 = log(2.0)


def halflife(window: float) -> float:
    """The half-life at which data have the mean age they have in a flat window.

    >>> round(halflife(3600.0) / 60, 1)
    20.8
    """
    return window / 2.0 * _LN2


def rate(halflife: float) -> float:
    """The k by which a weight is `exp(k * age)`; 0 for an infinite half-life: nothing is forgotten.

    >>> round(rate(60.0), 4)
    -0.0116
    """
    return -_LN2 / halflife
