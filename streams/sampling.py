"""From ticks to the instants at which statistics are fed: thinning and bars."""

from __future__ import annotations

_NOTHING = range(0)

NEXT = 0  # the first stamp to keep, or the end of the bar under way
BEGINNING = -(2**62)
"""The `NEXT` of a state that knows of no time yet."""


def keep(s: list[int], interval: int, ts: int) -> bool:
    """Whether the tick stamped `ts` is one to use."""
    if ts < s[NEXT]:
        return False
    s[NEXT] = ts + interval
    return True


def end_bar(s: list[int], interval: int, ts: int) -> int:
    """The end of the first bar that `ts` ends and that was not told before; `BEGINNING` if none."""
    end = s[NEXT]
    if ts >= end:
        s[NEXT] = ts - ts % interval + interval
        return end
    return BEGINNING


class Thinning:
    """Keeps the first tick at least `interval_ns` after the last kept one.

    >>> thin = Thinning(5)
    >>> [ts for ts in (0, 3, 5, 9, 11) if thin.keep(ts)]
    [0, 5, 11]
    """

    __slots__ = ("_interval", "state")

    def __init__(self, interval_ns: int) -> None:
        self.state = [BEGINNING]
        self._interval = interval_ns

    def keep(self, ts: int) -> bool:
        """Whether the tick stamped `ts` is one to use."""
        return keep(self.state, self._interval, ts)

    def reset(self) -> None:
        """Keep the next tick, whenever it comes."""
        self.state[NEXT] = BEGINNING


class Bars:
    """The multiples of `interval_ns` that time passes: the ends of bars.

    A bar holds what is stamped at or after its start and before its end, so `due(ts)` is asked
    before the tick stamped `ts` is taken in, and its close is the last price then known.

    >>> bars = Bars(15)
    >>> [list(bars.due(ts)) for ts in (7, 14, 15, 16, 61)]
    [[], [], [15], [], [30, 45, 60]]
    """

    __slots__ = ("_interval", "state")

    def __init__(self, interval_ns: int) -> None:
        self.state = [BEGINNING]
        self._interval = interval_ns

    def due(self, ts: int) -> range:
        """The ends of bars up to and including `ts` not told before, in order; none at first."""
        first = end_bar(self.state, self._interval, ts)
        if first == BEGINNING:
            return _NOTHING
        return range(first, self.state[NEXT], self._interval)

    def reset(self) -> None:
        """Forget where time stood: no bar spans the gap."""
        self.state[NEXT] = BEGINNING
