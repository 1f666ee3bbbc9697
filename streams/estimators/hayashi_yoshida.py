"""Correlation on asynchronous ticks: Hayashi-Yoshida, exponentially weighted, O(1) a tick.

Hayashi and Yoshida (2005) sum the products of returns whose intervals overlap. The sum telescopes:
an x tick adds its return times what y did since the x tick before, and the other way round, so
each leg remembers the other's price at its own last tick.

Times are seconds of trading time, prices are logarithms. Contributions gather in an open block of
a minute; at its end they join the decayed totals, and their squares the second moments from which
the interval comes. Under noise or a lag between the legs, thin the ticks first
(`streams.sampling.Thinning`): raw ticks bias the estimate towards 0.
"""

from __future__ import annotations

from math import exp, floor, inf, sqrt

from streams.estimators.decay import rate
from streams.estimators.interval import Squares, correlation_reading
from streams.estimators.minutes import BLOCK
from streams.estimators.state import restored
from streams.snapshot import Reading

_RESIDUE = 1e-20
"""Variance of log prices below which there is only rounding."""

LIVE, X, Y, X_AT_Y, Y_AT_X = range(5)  # which legs have a price (1, 2, 3 = both); the prices
NOW, MINUTE, X_MOVED, Y_MOVED = range(5, 9)  # last tick, its block, last moves
C, VX, VY = range(9, 12)  # the open block, decayed to NOW
SINCE, SC, SVX, SVY = range(12, 16)  # closed blocks, decayed to SINCE
CC, CX, CY, XX, XY, YY = range(16, 22)  # their second moments, by squared weights
W, WW = range(22, 24)  # their weights, and squared
SIZE = 24


def close_block(s: list[float], k: float) -> None:
    """Add the open block to the totals and begin another."""
    c, vx, vy = s[C], s[VX], s[VY]
    if vx + vy <= 0.0:
        return
    f = exp(k * (s[NOW] - s[SINCE]))
    ff = f * f
    s[SC] = s[SC] * f + c
    s[SVX] = s[SVX] * f + vx
    s[SVY] = s[SVY] * f + vy
    s[CC] = s[CC] * ff + c * c
    s[CX] = s[CX] * ff + c * vx
    s[CY] = s[CY] * ff + c * vy
    s[XX] = s[XX] * ff + vx * vx
    s[XY] = s[XY] * ff + vx * vy
    s[YY] = s[YY] * ff + vy * vy
    s[W] = s[W] * f + 1.0
    s[WW] = s[WW] * ff + 1.0
    s[SINCE] = s[NOW]
    s[C] = s[VX] = s[VY] = 0.0


def advance(s: list[float], t: float, k: float) -> None:
    """Bring the open block to `t`; time that steps back counts as standing still."""
    if t <= s[NOW]:
        return
    minute = floor(t / BLOCK)
    if minute != s[MINUTE]:
        close_block(s, k)
        s[MINUTE] = float(minute)
    f = exp(k * (t - s[NOW]))
    s[C] *= f
    s[VX] *= f
    s[VY] *= f
    s[NOW] = t


def x_tick(s: list[float], t: float, x: float, k: float) -> None:
    """Take in a price of x at `t`."""
    if s[LIVE] == 3.0:
        advance(s, t, k)
        dx = x - s[X]
        if dx != 0.0:
            s[C] += dx * (s[Y] - s[Y_AT_X])
            s[VX] += dx * dx
            s[X_MOVED] = t
        s[Y_AT_X] = s[Y]
        s[X] = x
    else:
        begin_x(s, t, x)


def y_tick(s: list[float], t: float, y: float, k: float) -> None:
    """Take in a price of y at `t`."""
    if s[LIVE] == 3.0:
        advance(s, t, k)
        dy = y - s[Y]
        if dy != 0.0:
            s[C] += dy * (s[X] - s[X_AT_Y])
            s[VY] += dy * dy
            s[Y_MOVED] = t
        s[X_AT_Y] = s[X]
        s[Y] = y
    else:
        begin_y(s, t, y)


def both_tick(s: list[float], t: float, x: float, y: float, k: float) -> None:
    """Take in prices of both at the same instant: both contributions first, then both prices."""
    if s[LIVE] == 3.0:
        advance(s, t, k)
        dx = x - s[X]
        dy = y - s[Y]
        s[C] += dx * (s[Y] - s[Y_AT_X]) + dy * (s[X] - s[X_AT_Y]) + dx * dy
        s[VX] += dx * dx
        s[VY] += dy * dy
        if dx != 0.0:
            s[X_MOVED] = t
        if dy != 0.0:
            s[Y_MOVED] = t
        s[X] = s[X_AT_Y] = x
        s[Y] = s[Y_AT_X] = y
    else:
        begin_x(s, t, x)
        begin_y(s, t, y)
        s[LIVE] = 3.0


def begin_x(s: list[float], t: float, x: float) -> None:
    """Take the price to start from; returns count from the first pair of prices."""
    s[X] = s[X_AT_Y] = x
    s[X_MOVED] = t
    s[LIVE] = 3.0 if s[LIVE] == 2.0 else 1.0


def begin_y(s: list[float], t: float, y: float) -> None:
    """Likewise for y."""
    s[Y] = s[Y_AT_X] = y
    s[Y_MOVED] = t
    s[LIVE] = 3.0 if s[LIVE] == 1.0 else 2.0


def totals(s: list[float], k: float) -> tuple[float, float, float]:
    """Covariation and both variations at the last tick."""
    f = exp(k * (s[NOW] - s[SINCE]))
    return s[SC] * f + s[C], s[SVX] * f + s[VX], s[SVY] * f + s[VY]


def squares(s: list[float], k: float, vx: float, vy: float) -> Squares:
    """What the blocks hold of the correlation at the last tick, the open one included.

    `vx` and `vy` are the `totals`; both must be positive.
    """
    ff = exp(2.0 * k * (s[NOW] - s[SINCE]))
    c, x, y = s[C], s[VX], s[VY]
    return Squares.unfolded(
        vx,
        vy,
        (
            ff * s[CC] + c * c,
            ff * s[CX] + c * x,
            ff * s[CY] + c * y,
            ff * s[XX] + x * x,
            ff * s[XY] + x * y,
            ff * s[YY] + y * y,
        ),
    )


class HayashiYoshida:
    """Correlation of x and y with weights that halve every `halflife` trading seconds.

    >>> hy = HayashiYoshida(halflife=1248.0)
    >>> for minute in range(12):
    ...     price = 0.001 * (minute % 3)
    ...     hy.both_tick(60.0 * minute, price, 2.0 * price)
    >>> f"{hy.value().value:.2f}"
    '1.00'
    """

    __slots__ = ("_k", "_window", "state")

    def __init__(self, halflife: float, state: list[float] | None = None) -> None:
        self.state = restored(SIZE, state)
        self._k = rate(halflife)
        self._window = 2.0 / -self._k if self._k else inf

    def x_tick(self, t: float, x: float) -> None:
        """A log price of x at trading time `t`, in seconds."""
        x_tick(self.state, t, x, self._k)

    def y_tick(self, t: float, y: float) -> None:
        """A log price of y at trading time `t`, in seconds."""
        y_tick(self.state, t, y, self._k)

    def both_tick(self, t: float, x: float, y: float) -> None:
        """Log prices of both, stamped alike."""
        both_tick(self.state, t, x, y, self._k)

    def break_(self) -> None:
        """Forget the prices, keep what was learned: the next pair of ticks starts afresh."""
        self.state[LIVE] = 0.0

    def forget(self) -> None:
        """Begin as new."""
        self.state[:] = [0.0] * SIZE

    def value(self, min_blocks: int = 10) -> Reading:
        """The correlation, its 95 % interval, and the effective number of blocks as `n`.

        None until there are `min_blocks`, where one of them dominates or a trend does
        (`interval`), and where a leg has not moved for as long as a flat window of the same mean
        age: what is left then is history and would decay towards 0.
        """
        s = self.state
        n = s[W] * s[W] / s[WW] if s[WW] > 0.0 else 0.0
        if n < min_blocks - 0.5:
            return Reading(None, f"warming up {n:.0f}/{min_blocks}", n=n)
        c, vx, vy = totals(s, self._k)
        flat = s[NOW] - min(s[X_MOVED], s[Y_MOVED]) > self._window
        if flat or vx < _RESIDUE or vy < _RESIDUE:
            return Reading(None, "constant", n=n)
        return correlation_reading(c / sqrt(vx * vy), squares(s, self._k, vx, vy), n=n)
