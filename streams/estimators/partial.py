"""Partial correlation: how x and y move together once what controls explain is taken out.

x and y are regressed on a constant and the controls (SPY, BTC), all weights halving alike; it is
the correlation of what is left of them. A high correlation with small caps whose partial one given
the market is near 0 is the market's: on real minutes corr(ETH, IWM) is .52 and the partial
correlation given SPY .11. Beside it stands the correlation of x with y less the control (metric
`relative`), what small caps do other than the market.
"""

from __future__ import annotations

from math import exp

from streams.estimators.decay import rate
from streams.estimators.moments import SIZE, W, add, correlation
from streams.estimators.regression import rotate, size, square
from streams.estimators.state import restored
from streams.snapshot import Reading

_RESIDUE = 1e-20
"""Mean square of a control, given those before it, below which there is only rounding."""


def step(s: list[float], controls: int, f: float) -> None:
    """Take in the bar whose row stands at the head of the state: 1, the controls, x, y."""
    k = controls + 1
    m = k + 2
    w = rotate(s, 0, k, m, f)
    x, y = s[k], s[k + 1]
    add(s, size(k, m), f, w * x * y, w * x * x, w * y * y)


class Partial:
    """Partial correlation of bar returns with weights that halve every `halflife` bars.

    >>> partial = Partial(halflife=390.0)
    >>> for bar in range(60):
    ...     market = 0.001 * (bar % 5 - 2)
    ...     x, y = 0.001 * (bar % 3 - 1), 0.001 * (bar % 2)
    ...     partial.update(x + market, y + market, market)
    >>> f"{partial.value().value:.2f}"
    '0.00'
    """

    __slots__ = ("_controls", "_f", "state")

    def __init__(
        self, halflife: float, controls: int = 1, state: list[float] | None = None
    ) -> None:
        self.state = restored(size(controls + 1, controls + 3) + SIZE, state)
        self._controls = controls
        self._f = exp(rate(halflife))

    def update(self, rx: float, ry: float, *controls: float) -> None:
        """The returns of one bar; ValueError where the controls are not as many as announced."""
        if len(controls) != self._controls:
            raise ValueError(f"{len(controls)} controls where {self._controls} are expected")
        self.state[: self._controls + 3] = 1.0, *controls, rx, ry
        step(self.state, self._controls, self._f)

    def value(self, min_bars: int = 30) -> Reading:
        """The partial correlation, its 95 % interval and the effective number of bars.

        None until there are `min_bars`, and where a leg or a control has not moved, or a control
        says nothing that those before it do not: what that takes out of x and y is not known.
        """
        k = self._controls + 1
        at = size(k, k + 2)
        found = correlation(self.state, at, min_bars)
        if found.value is None:
            return found
        floor = _RESIDUE * self.state[at + W]
        if any(square(self.state, 0, k + 2, i) <= floor for i in range(1, k)):
            return Reading(None, "a control is constant or follows from another", n=found.n)
        return found
