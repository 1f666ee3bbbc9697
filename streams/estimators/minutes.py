"""What a sliding window of contributions holds of a correlation, gathered by the minute.

Each contribution is gone through twice at the most, once when it comes and once when its minute is
the one that is leaving, of which the sums of each tail are laid down. Nothing is ever subtracted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from math import floor

BLOCK = 60.0
"""Seconds of a block: long enough that neighbouring blocks are all but independent."""

Contribution = tuple[float, float, float, float]
"""When (s), and what it adds to the covariation and to both variations."""

Span = Callable[[int, int], Sequence[Contribution]]
"""Those from one number to before another."""

Moments = tuple[float, float, float, float, float, float]
"""Sums over blocks as `Squares.unfolded` takes them."""

_NONE: Moments = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


class _Block:
    __slots__ = ("begin", "c", "minute", "x", "y")

    def __init__(self, minute: int, begin: int) -> None:
        self.minute = minute
        self.begin = begin
        self.c = self.x = self.y = 0.0


class Minutes:
    """The minutes of a window; contributions are numbered from the first ever taken.

    Nothing here is to be saved: it comes out of the window's contributions alike, to the last bit.

    >>> ticks = [(20.0 * n, 1.0, 1.0, 2.0) for n in range(9)]
    >>> Minutes().moments(1, 9, lambda first, after: ticks[first:after])
    (3, (22.0, 22.0, 44.0, 22.0, 44.0, 88.0))
    """

    __slots__ = ("_blocks", "_leaving", "_tails", "_taken", "_whole")

    def __init__(self) -> None:
        self._blocks: deque[_Block] = deque()
        self._taken = 0
        self._leaving = -1
        self._tails: list[tuple[float, float, float]] = []
        self._whole: Moments | None = None

    def moments(self, first: int, taken: int, of: Span) -> tuple[int, Moments]:
        """How many minutes had a contribution, and their second moments.

        The window's are those from `first` to before `taken`, and `of` answers for them.
        """
        new = max(first, self._taken)
        for number, contribution in enumerate(of(new, taken), new):
            self._take(number, *contribution)
        self._taken = taken
        blocks = self._blocks
        while blocks and (blocks[1].begin if len(blocks) > 1 else taken) <= first:
            blocks.popleft()
            self._whole = None
        if not blocks:
            return 0, _NONE
        found = self._gather() if self._whole is None else self._whole
        if len(blocks) > 1:
            newest = blocks[-1]
            found = _added(found, newest.c, newest.x, newest.y)
        return len(blocks), _added(found, *self._oldest(first, taken, of))

    def _take(self, number: int, t: float, c: float, x: float, y: float) -> None:
        minute = floor(t / BLOCK)
        if not self._blocks or self._blocks[-1].minute != minute:
            self._blocks.append(_Block(minute, number))
            self._whole = None
        block = self._blocks[-1]
        block.c += c
        block.x += x
        block.y += y

    def _oldest(self, first: int, taken: int, of: Span) -> tuple[float, float, float]:
        """The sums of what is left of the minute that leaves."""
        end = self._blocks[1].begin if len(self._blocks) > 1 else taken
        if end != self._leaving:
            self._leaving = end
            self._tails = _tails(of(first, end))
        return self._tails[end - first - 1]

    def _gather(self) -> Moments:
        """Over the minutes between the one that leaves and the one that grows."""
        cc = cx = cy = xx = xy = yy = 0.0
        for block in islice(self._blocks, 1, len(self._blocks) - 1):
            c, x, y = block.c, block.x, block.y
            cc += c * c
            cx += c * x
            cy += c * y
            xx += x * x
            xy += x * y
            yy += y * y
        self._whole = cc, cx, cy, xx, xy, yy
        return self._whole


def _tails(leaving: Sequence[Contribution]) -> list[tuple[float, float, float]]:
    """The sums of the last one, of the last two, and so on."""
    c = x = y = 0.0
    found = []
    for _, more_c, more_x, more_y in reversed(leaving):
        c += more_c
        x += more_x
        y += more_y
        found.append((c, x, y))
    return found


def _added(moments: Moments, c: float, x: float, y: float) -> Moments:
    cc, cx, cy, xx, xy, yy = moments
    return cc + c * c, cx + c * x, cy + c * y, xx + x * x, xy + x * y, yy + y * y
