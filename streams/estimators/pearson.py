"""Pearson correlation of bar returns over a flat window, O(1) a bar.

A sliding sum that subtracts what leaves keeps the rounding of a bad print for ever. Here nothing
is subtracted: when the window has been filled once more, the sums of each tail of it are laid
down, and from then on the window is one of those tails plus the sum of what came since. What has
left is gone to the last bit.
"""

from __future__ import annotations

from math import sqrt

from streams.estimators.interval import correlation_interval
from streams.estimators.state import restored
from streams.snapshot import Reading

_FLAT = 1e-12
"""Share of the sum of squares below which a variance is rounding."""

AT, COUNT = range(2)  # place of the next return, returns held
X, Y, XX, YY, XY = range(2, 7)  # sums since the tails were laid down
HEAD = 7  # then the returns of x, those of y, and the tails: five sums a place


def size(window: int) -> int:
    """Length of the state of a window of so many bars."""
    return HEAD + 2 * window + 5 * (window + 1)


def add(s: list[float], at: int, x: float, y: float) -> None:
    """Add a pair of returns to the five sums that stand at `at`."""
    s[at] += x
    s[at + 1] += y
    s[at + 2] += x * x
    s[at + 3] += y * y
    s[at + 4] += x * y


def lay_tails(s: list[float], window: int) -> None:
    """Sum the tails of the full window, shortest first, and begin at its start again."""
    tails = HEAD + 2 * window
    for i in range(window - 1, -1, -1):
        at = tails + 5 * i
        for j in range(5):
            s[at + j] = s[at + 5 + j]
        add(s, at, s[HEAD + i], s[HEAD + window + i])
    for j in range(X, HEAD):
        s[j] = 0.0
    s[AT] = 0.0


def step(s: list[float], window: int, x: float, y: float) -> None:
    """Take in the returns of one bar."""
    i = int(s[AT])
    s[HEAD + i] = x
    s[HEAD + window + i] = y
    add(s, X, x, y)
    s[AT] = i + 1.0
    s[COUNT] = min(s[COUNT] + 1.0, float(window))
    if i + 1 == window:
        lay_tails(s, window)


def moments(s: list[float], window: int) -> tuple[float, float, float, float, float]:
    """Means of x and y, then centred sums of squares of x, of y, and of products.

    A sum of squares that is only rounding comes out as 0.
    """
    n = s[COUNT]
    at = HEAD + 2 * window + 5 * int(s[AT])
    mx = (s[X] + s[at]) / n
    my = (s[Y] + s[at + 1]) / n
    rawx = s[XX] + s[at + 2]
    rawy = s[YY] + s[at + 3]
    xx = rawx - n * mx * mx
    yy = rawy - n * my * my
    xy = s[XY] + s[at + 4] - n * mx * my
    return mx, my, xx if xx > _FLAT * rawx else 0.0, yy if yy > _FLAT * rawy else 0.0, xy


def spread(s: list[float], window: int) -> tuple[float, float]:
    """Variance of the correlation, and on how many bars it really rests: the sandwich, O(window).

    Both variances must be positive.
    """
    mx, my, xx, yy, xy = moments(s, window)
    rho = xy / sqrt(xx * yy)
    squares = 0.0
    shares = 0.0
    for i in range(int(s[COUNT])):
        dx = (s[HEAD + i] - mx) / sqrt(xx)
        dy = (s[HEAD + window + i] - my) / sqrt(yy)
        vx = dx * dx
        vy = dy * dy
        influence = dx * dy - 0.5 * rho * (vx + vy)
        squares += influence * influence
        shares += vx * vx + vy * vy
    return squares, 2.0 / shares


class Pearson:
    """Correlation over the last `window` bars; returns are differences of log prices.

    >>> pearson = Pearson(window=60)
    >>> for bar in range(20):
    ...     pearson.update(0.001 * (bar % 3), 0.002 * (bar % 3))
    >>> f"{pearson.value().value:.2f}"
    '1.00'
    """

    __slots__ = ("_window", "state")

    def __init__(self, window: int, state: list[float] | None = None) -> None:
        self.state = restored(size(window), state)
        self._window = window

    def update(self, rx: float, ry: float) -> None:
        """The returns of one bar."""
        step(self.state, self._window, rx, ry)

    def value(self, min_bars: int = 10) -> Reading:
        """The correlation, its 95 % interval and the number of bars.

        None until there are `min_bars`, and where a leg did not move in the window.
        """
        s, window = self.state, self._window
        n = s[COUNT]
        if n < min_bars:
            return Reading(None, f"warming up {n:.0f}/{min_bars}", n=n)
        _, _, xx, yy, xy = moments(s, window)
        if xx <= 0.0 or yy <= 0.0:
            return Reading(None, "constant", n=n)
        rho = max(-1.0, min(1.0, xy / sqrt(xx * yy)))
        low, high = correlation_interval(rho, *spread(s, window))
        return Reading(rho, n=n, low=low, high=high)
