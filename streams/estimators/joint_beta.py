"""Joint beta: the move of x for a move of 1 of y and of z, each with the other standing still.

Least squares of x on both, without an intercept, exponentially weighted. y (IWM) and z (BTC) move
together, so each one's own beta would count their common part twice. A bar whose residual is
beyond eight standard deviations is left out, as in `beta`.
"""

from __future__ import annotations

from math import exp

from streams.estimators.beta import outlier
from streams.estimators.decay import rate
from streams.estimators.regression import rotate
from streams.estimators.state import restored
from streams.snapshot import Reading

_RESIDUE = 1e-20
"""Mean square of a regressor below which there is only rounding."""

_ROW = 3  # y, z, x; then the triangle
YY, Y_Z, Y_X, ZZ, Z_X = range(_ROW, _ROW + 5)  # z and x on y; x on z given y
W, WW = range(_ROW + 5, _ROW + 7)
SIZE = _ROW + 9  # two more, for `outlier`


def step(s: list[float], x: float, y: float, z: float, f: float) -> None:
    """Take in the returns of one bar; earlier weights shrink by `f`."""
    residual = x - (s[Y_X] - s[Y_Z] * s[Z_X]) * y - s[Z_X] * z
    if outlier(s, W, residual, f):
        return
    s[0] = y
    s[1] = z
    s[2] = x
    rotate(s, 0, 2, _ROW, f)
    s[W] = s[W] * f + 1.0
    s[WW] = s[WW] * f * f + 1.0


class JointBeta:
    """Betas of bar returns with weights that halve every `halflife` bars.

    >>> beta = JointBeta(halflife=390.0)
    >>> for bar in range(60):
    ...     y, z = 0.001 * (bar % 3 - 1), 0.001 * (bar % 5 - 2) + 0.0005 * (bar % 3)
    ...     beta.update(0.5 * y + 1.2 * z, y, z)
    >>> [f"{reading.value:.2f}" for reading in beta.value()]
    ['0.50', '1.20']
    """

    __slots__ = ("_f", "state")

    def __init__(self, halflife: float, state: list[float] | None = None) -> None:
        self.state = restored(SIZE, state)
        self._f = exp(rate(halflife))

    def update(self, rx: float, ry: float, rz: float) -> None:
        """The returns of one bar."""
        step(self.state, rx, ry, rz, self._f)

    def value(self, min_bars: int = 30) -> tuple[Reading, Reading]:
        """The betas on y and on z, with the effective number of bars.

        Both None until there are `min_bars`, where y or z has not moved, and where z follows y.
        """
        s = self.state
        n = s[W] * s[W] / s[WW] if s[WW] > 0.0 else 0.0
        if n < min_bars - 0.5:
            none = Reading(None, f"warming up {n:.0f}/{min_bars}", n=n)
            return none, none
        if min(s[YY], s[ZZ]) <= _RESIDUE * s[W]:
            none = Reading(None, "constant", n=n)
            return none, none
        return Reading(s[Y_X] - s[Y_Z] * s[Z_X], n=n), Reading(s[Z_X], n=n)
