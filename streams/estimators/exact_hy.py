"""Correlation on asynchronous ticks: Hayashi-Yoshida over a flat window, O(1) a tick amortised.

A tick's contribution is what it adds to an empty block of the weighted estimator, dated when it is
made: a product of overlapping returns belongs to the instant at which the later one ends. The ring
holds `(t, c, vx, vy)`. Nothing is ever subtracted: when the oldest is to leave, the sums of each
tail of the ring are laid down, and the window is one of those tails plus what came since. What has
left is gone to the last bit, a bad print too.
"""

from __future__ import annotations

from math import sqrt

from streams.estimators.hayashi_yoshida import LIVE, NOW, VX, VY, C
from streams.estimators.hayashi_yoshida import SIZE as LEGS
from streams.estimators.hayashi_yoshida import both_tick as add_both
from streams.estimators.hayashi_yoshida import x_tick as add_x
from streams.estimators.hayashi_yoshida import y_tick as add_y
from streams.estimators.interval import Squares, correlation_reading
from streams.estimators.minutes import Contribution, Minutes
from streams.estimators.state import restored
from streams.snapshot import Reading

_RESIDUE = 1e-20
"""Variance of log prices below which there is only rounding."""

THIN = 5.0
"""Seconds from one thinned tick of a leg to the next."""

# The legs and the block of `hayashi_yoshida` come first.
OLDEST, COUNT, TAILS = range(LEGS, LEGS + 3)  # place of the oldest, how many, how many laid
SINCE_C, SINCE_VX, SINCE_VY = range(LEGS + 3, LEGS + 6)  # sums of those not laid
CUT = LEGS + 6  # when a contribution last left before its time
TAKEN = LEGS + 7  # contributions ever
HEAD = LEGS + 8  # then a slot a contribution: t, c, vx, vy, and three sums of the tail from it
_SLOT = 7


def size(slots: int) -> int:
    """Length of the state with room for so many contributions."""
    return HEAD + _SLOT * slots


def lay_tails(s: list[float], slots: int) -> None:
    """Sum the tails of the ring, shortest first."""
    c = vx = vy = 0.0
    for i in range(int(s[COUNT]) - 1, -1, -1):
        at = HEAD + _SLOT * ((int(s[OLDEST]) + i) % slots)
        c += s[at + 1]
        vx += s[at + 2]
        vy += s[at + 3]
        s[at + 4] = c
        s[at + 5] = vx
        s[at + 6] = vy
    s[TAILS] = s[COUNT]
    s[SINCE_C] = s[SINCE_VX] = s[SINCE_VY] = 0.0


def drop(s: list[float], slots: int) -> None:
    """Let the oldest contribution leave."""
    if s[TAILS] == 0.0:
        lay_tails(s, slots)
    s[TAILS] -= 1.0
    s[COUNT] -= 1.0
    s[OLDEST] = float((int(s[OLDEST]) + 1) % slots)


def keep(s: list[float], slots: int, window: float) -> None:
    """Move the contribution from the block into the ring; let what is too old leave."""
    now = s[NOW]
    while s[COUNT] > 0.0 and s[HEAD + _SLOT * int(s[OLDEST])] <= now - window:
        drop(s, slots)
    c, vx, vy = s[C], s[VX], s[VY]
    s[C] = s[VX] = s[VY] = 0.0
    if c == 0.0 and vx == 0.0 and vy == 0.0:
        return
    if int(s[COUNT]) == slots:
        drop(s, slots)
        s[CUT] = now
    at = HEAD + _SLOT * ((int(s[OLDEST]) + int(s[COUNT])) % slots)
    s[at] = now
    s[at + 1] = c
    s[at + 2] = vx
    s[at + 3] = vy
    s[COUNT] += 1.0
    s[TAKEN] += 1.0
    s[SINCE_C] += c
    s[SINCE_VX] += vx
    s[SINCE_VY] += vy


def x_tick(s: list[float], t: float, x: float, slots: int, window: float) -> None:
    """Take in a price of x at `t`."""
    add_x(s, t, x, 0.0)
    keep(s, slots, window)


def y_tick(s: list[float], t: float, y: float, slots: int, window: float) -> None:
    """Take in a price of y at `t`."""
    add_y(s, t, y, 0.0)
    keep(s, slots, window)


def both_tick(  # noqa: PLR0917  # a step takes plain figures
    s: list[float], t: float, x: float, y: float, slots: int, window: float
) -> None:
    """Take in prices of both at the same instant."""
    add_both(s, t, x, y, 0.0)
    keep(s, slots, window)


def totals(s: list[float]) -> tuple[float, float, float]:
    """Covariation and both variations in the window."""
    if s[TAILS] == 0.0:
        return s[SINCE_C], s[SINCE_VX], s[SINCE_VY]
    at = HEAD + _SLOT * int(s[OLDEST])
    return s[at + 4] + s[SINCE_C], s[at + 5] + s[SINCE_VX], s[at + 6] + s[SINCE_VY]


class ExactHayashiYoshida:
    """Correlation of x and y over the last `window` trading seconds.

    `slots` is room for the window's ticks; where more come the oldest leave early, and the reading
    says so. Ticks are to be thinned (`streams.sampling.Thinning`).

    >>> hy = ExactHayashiYoshida(window=3600.0)
    >>> for minute in range(12):
    ...     price = 0.001 * (minute % 3)
    ...     hy.both_tick(60.0 * minute, price, 2.0 * price)
    >>> f"{hy.value().value:.2f}"
    '1.00'
    """

    __slots__ = ("_minutes", "_slots", "_window", "state")

    def __init__(
        self, window: float, slots: int | None = None, state: list[float] | None = None
    ) -> None:
        self._window = window
        self._slots = slots or 2 * round(window / THIN) + 2
        self.state = restored(size(self._slots), state)
        self._minutes = Minutes()

    def x_tick(self, t: float, x: float) -> None:
        """A log price of x at trading time `t`, in seconds."""
        x_tick(self.state, t, x, self._slots, self._window)

    def y_tick(self, t: float, y: float) -> None:
        """A log price of y at trading time `t`, in seconds."""
        y_tick(self.state, t, y, self._slots, self._window)

    def both_tick(self, t: float, x: float, y: float) -> None:
        """Log prices of both, stamped alike."""
        both_tick(self.state, t, x, y, self._slots, self._window)

    def break_(self) -> None:
        """Forget the prices, keep what was learned: the next pair of ticks starts afresh."""
        self.state[LIVE] = 0.0

    def value(self, min_blocks: int = 10) -> Reading:
        """The correlation, its 95 % interval, and the number of minutes with a move as `n`.

        None until there are `min_blocks`, where one of them dominates or a trend does (`interval`),
        and where a leg has not moved in the window.
        """
        s = self.state
        taken = int(s[TAKEN])
        n, moments = self._minutes.moments(taken - int(s[COUNT]), taken, self._contributions)
        if n < min_blocks:
            return Reading(None, f"warming up {n}/{min_blocks}", n=n)
        c, vx, vy = totals(s)
        if vx < _RESIDUE or vy < _RESIDUE:
            return Reading(None, "constant", n=n)
        cut = s[CUT] > max(0.0, s[NOW] - self._window)
        note = f"the last {self._slots} ticks only" if cut else ""
        squares = Squares.unfolded(vx, vy, moments)
        return correlation_reading(c / sqrt(vx * vy), squares, n=n, note=note)

    def _contributions(self, first: int, after: int) -> list[Contribution]:
        """Those from one number to before another, of all ever taken."""
        s, slots = self.state, self._slots
        oldest = int(s[OLDEST]) + int(s[COUNT]) - int(s[TAKEN])
        places = [HEAD + _SLOT * ((oldest + number) % slots) for number in range(first, after)]
        return [(s[at], s[at + 1], s[at + 2], s[at + 3]) for at in places]
