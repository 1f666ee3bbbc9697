"""Pearson correlation of bar returns over a flat window, O(1) a bar.

A sliding sum that subtracts what leaves keeps the rounding of a bad print for ever. Here nothing
is subtracted: when the window has been filled once more, the sums of each tail of it are laid
down, and from then on the window is one of those tails plus the sum of what came since. What has
left is gone to the last bit. The sums go up to the fourth power, which is what the interval needs.
"""

from __future__ import annotations

from math import sqrt

from streams.estimators.interval import Squares, correlation_reading
from streams.estimators.state import restored
from streams.snapshot import Reading

_FLAT = 1e-6
"""Share of the sum of squares below which a leg is constant: its returns differ by less than a
thousandth of their mean. Fourth powers about the mean would be rounding not far below."""

AT, COUNT = range(2)  # place of the next return, returns held
SUMS = 2  # sums of products since the tails were laid down
X, Y, XX, XY, YY = range(SUMS, SUMS + 5)
XXX, XXY, XYY, YYY = range(SUMS + 5, SUMS + 9)
XXXX, XXXY, XXYY, XYYY, YYYY = range(SUMS + 9, SUMS + 14)
_SUMS = 14
HEAD = SUMS + _SUMS  # then the returns of x, those of y, and the tails: all the sums a place


def size(window: int) -> int:
    """Length of the state of a window of so many bars."""
    return HEAD + 2 * window + _SUMS * (window + 1)


def add(s: list[float], at: int, x: float, y: float) -> None:
    """Add a pair of returns to the sums that begin at `at`."""
    xx = x * x
    xy = x * y
    yy = y * y
    s[at] += x
    s[at + 1] += y
    s[at + 2] += xx
    s[at + 3] += xy
    s[at + 4] += yy
    s[at + 5] += xx * x
    s[at + 6] += xx * y
    s[at + 7] += x * yy
    s[at + 8] += yy * y
    s[at + 9] += xx * xx
    s[at + 10] += xx * xy
    s[at + 11] += xx * yy
    s[at + 12] += xy * yy
    s[at + 13] += yy * yy


def lay_tails(s: list[float], window: int) -> None:
    """Sum the tails of the full window, shortest first, and begin at its start again."""
    tails = HEAD + 2 * window
    for i in range(window - 1, -1, -1):
        at = tails + _SUMS * i
        s[at : at + _SUMS] = s[at + _SUMS : at + 2 * _SUMS]
        add(s, at, s[HEAD + i], s[HEAD + window + i])
    for j in range(SUMS, HEAD):
        s[j] = 0.0
    s[AT] = 0.0


def step(s: list[float], window: int, x: float, y: float) -> None:
    """Take in the returns of one bar."""
    i = int(s[AT])
    s[HEAD + i] = x
    s[HEAD + window + i] = y
    add(s, SUMS, x, y)
    s[AT] = i + 1.0
    s[COUNT] = min(s[COUNT] + 1.0, float(window))
    if i + 1 == window:
        lay_tails(s, window)


def tail(s: list[float], window: int) -> int:
    """Where what must be added to each of the sums stands, less the sum's own place."""
    return HEAD + 2 * window + _SUMS * int(s[AT]) - SUMS


def moments(s: list[float], window: int) -> tuple[float, float, float, float, float]:
    """Means of x and y, then centred sums of squares of x, of y, and of products.

    A sum of squares that is only rounding comes out as 0.
    """
    n = s[COUNT]
    at = tail(s, window)
    mx = (s[X] + s[at + X]) / n
    my = (s[Y] + s[at + Y]) / n
    rawx = s[XX] + s[at + XX]
    rawy = s[YY] + s[at + YY]
    xx = rawx - n * mx * mx
    yy = rawy - n * my * my
    xy = s[XY] + s[at + XY] - n * mx * my
    return mx, my, xx if xx > _FLAT * rawx else 0.0, yy if yy > _FLAT * rawy else 0.0, xy


def squares(s: list[float], window: int) -> Squares:
    """What the bars hold of the correlation; both variances must be positive."""
    mx, my, vx, vy, _ = moments(s, window)
    at = tail(s, window)
    xx, xy, yy, xxx, xxy, xyy, yyy, xxxx, xxxy, xxyy, xyyy, yyyy = (
        s[j] + s[at + j] for j in range(XX, HEAD)
    )
    n, mm, nn = s[COUNT], mx * mx, my * my
    both = (
        xxyy - 2.0 * (my * xxy + mx * xyy) + nn * xx + mm * yy + 4.0 * mx * my * xy
    ) - 3.0 * n * mm * nn
    return Squares.unfolded(
        vx,
        vy,
        (
            both,
            xxxy - my * xxx - 3.0 * mx * (xxy - my * xx - mx * xy) - 3.0 * n * mm * mx * my,
            xyyy - mx * yyy - 3.0 * my * (xyy - mx * yy - my * xy) - 3.0 * n * nn * my * mx,
            xxxx - 4.0 * mx * xxx + 6.0 * mm * xx - 3.0 * n * mm * mm,
            both,
            yyyy - 4.0 * my * yyy + 6.0 * nn * yy - 3.0 * n * nn * nn,
        ),
    )


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

        None until there are `min_bars`, where a leg did not move in the window, and where one bar
        holds most of a leg's variation.
        """
        s, window = self.state, self._window
        n = s[COUNT]
        if n < min_bars:
            return Reading(None, f"warming up {n:.0f}/{min_bars}", n=n)
        _, _, xx, yy, xy = moments(s, window)
        if xx <= 0.0 or yy <= 0.0:
            return Reading(None, "constant", n=n)
        return correlation_reading(xy / sqrt(xx * yy), squares(s, window), n=n)
