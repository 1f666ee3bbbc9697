"""Confidence intervals of correlations."""

from __future__ import annotations

from math import atanh, sqrt, tanh

Z95 = 1.959964
"""Standard errors on either side of a 95 % interval, under a normal law."""

_SURE = 1e-9
"""1 - rho² below which the interval is the point itself."""


def student(n: float) -> float:
    """The same under Student's law with `n` degrees of freedom, to 1 % for `n` of 10 and more.

    >>> f"{student(10.0):.2f} {student(60.0):.2f}"
    '2.20 2.00'
    """
    return Z95 * (1.0 + (Z95 * Z95 + 1.0) / (4.0 * n))


def correlation_interval(rho: float, variance: float, n: float) -> tuple[float, float]:
    """The 95 % interval of a correlation, by Fisher's z.

    `variance` is the plain sum of the squared influences of the data, `n` how many data it
    really rests on: `1 / sum(share²)`, each datum's share being of the variation. Under fat tails
    that is far fewer than there are, and the interval is widened as for so many degrees of freedom.

    >>> low, high = correlation_interval(0.6, 0.0025, 30.0)
    >>> f"{low:.3f} {high:.3f}"
    '0.486 0.694'
    """
    rest = 1.0 - rho * rho
    if rest < _SURE:
        return rho, rho
    n = max(n, 2.0)
    half = student(n) * sqrt(max(variance, 0.0) * n / (n - 1.0)) / rest
    middle = atanh(rho)
    return tanh(middle - half), tanh(middle + half)
