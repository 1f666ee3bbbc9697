"""Drawdown and drawup: the fall from the window's high, the rise from its low, O(1) a bar.

A price counts when it has lasted two bars: a high is the lower of two successive closes, and the
fall is that of the higher of the last two. So one bad print makes neither. The price is that highs
are a little low and a fall is told a bar late.

The candidates for the high are kept in a queue of falling values, so the oldest is the high.
"""

from __future__ import annotations

from math import expm1

from streams.estimators.state import restored
from streams.snapshot import Reading

FIRST, LAST, BEFORE = range(3)  # time of the first price; the last price and the one before
COUNT, OLDEST, HELD = range(3, 6)  # prices taken (3 at the most); the queue
NOW = 6
HEAD = 7  # then two a place: time, value


def size(bars: int) -> int:
    """Length of the state of a window of so many bars."""
    return HEAD + 2 * (bars + 1)


def step(s: list[float], window: float, bars: int, t: float, p: float) -> None:
    """Take in the log price `p` at `t`; time that steps back counts as standing still."""
    slots = bars + 1
    s[NOW] = max(t, s[NOW]) if s[COUNT] > 0.0 else t
    if s[COUNT] == 0.0:
        s[FIRST] = t
    s[BEFORE] = s[LAST]
    s[LAST] = p
    s[COUNT] = min(s[COUNT] + 1.0, 3.0)
    while s[HELD] > 0.0 and s[HEAD + 2 * int(s[OLDEST])] <= s[NOW] - window:
        pop(s, slots)
    if s[COUNT] > 1.0:
        push(s, slots, min(s[LAST], s[BEFORE]))


def pop(s: list[float], slots: int) -> None:
    """Let the oldest candidate leave."""
    s[OLDEST] = float((int(s[OLDEST]) + 1) % slots)
    s[HELD] -= 1.0


def push(s: list[float], slots: int, high: float) -> None:
    """Add a candidate; those it exceeds can never be the high again."""
    held = int(s[HELD])
    oldest = int(s[OLDEST])
    while held > 0 and s[HEAD + 2 * ((oldest + held - 1) % slots) + 1] <= high:
        held -= 1
    s[HELD] = float(held)
    if held == slots:
        pop(s, slots)
        held -= 1
        oldest = int(s[OLDEST])
    at = HEAD + 2 * ((oldest + held) % slots)
    s[at] = s[NOW]
    s[at + 1] = high
    s[HELD] = float(held + 1)


class Drawdown:
    """The fall from the high of the last `window` seconds, as a fraction, at most 0.

    Times are the instrument's trading seconds and a bar lasts `bar` of them; more bars than that
    shorten the window. With `rise` it is the drawup, the rise from the low, at least 0.

    >>> from math import log
    >>> fall = Drawdown(window=240.0)
    >>> for minute, price in enumerate((100.0, 110.0, 110.0, 99.0, 99.0)):
    ...     fall.update(60.0 * minute, log(price))
    >>> f"{fall.value().value:.0%}"
    '-10%'
    """

    __slots__ = ("_bars", "_side", "_window", "state")

    def __init__(
        self,
        window: float,
        *,
        rise: bool = False,
        bar: float = 60.0,
        state: list[float] | None = None,
    ) -> None:
        self._window = window
        self._bars = round(window / bar)
        self._side = -1.0 if rise else 1.0
        self.state = restored(size(self._bars), state)

    def update(self, t: float, log_price: float) -> None:
        """The log price at the end of the bar that ends at `t`."""
        step(self.state, self._window, self._bars, t, self._side * log_price)

    def break_(self) -> None:
        """Prices from here on are another venue's: nothing before can be compared with them."""
        self.state[:] = [0.0] * len(self.state)

    def value(self) -> Reading:
        """The fall or rise. None until prices span the window."""
        s = self.state
        spanned = s[NOW] - s[FIRST]
        if s[COUNT] < 3.0 or spanned < self._window:
            return Reading(None, f"warming up {spanned / 60:.0f}/{self._window / 60:.0f} min")
        high = s[HEAD + 2 * int(s[OLDEST]) + 1]
        fall = min(0.0, max(s[LAST], s[BEFORE]) - high)
        return Reading(expm1(fall) if self._side > 0.0 else expm1(-fall))
