"""From ticks to the instants at which statistics are fed: thinning and bars."""

from __future__ import annotations

_NOTHING = range(0)


class Thinning:
    """Keeps the first tick at least `interval_ns` after the last kept one.

    >>> thin = Thinning(5)
    >>> [ts for ts in (0, 3, 5, 9, 11) if thin.keep(ts)]
    [0, 5, 11]
    """

    __slots__ = ("_interval", "_next")

    def __init__(self, interval_ns: int) -> None:
        self._interval = interval_ns
        self._next: int | None = None

    def keep(self, ts: int) -> bool:
        """Whether the tick stamped `ts` is one to use."""
        if self._next is not None and ts < self._next:
            return False
        self._next = ts + self._interval
        return True

    def reset(self) -> None:
        """Keep the next tick, whenever it comes."""
        self._next = None


class Bars:
    """The multiples of `interval_ns` that time passes: the ends of bars.

    A bar holds what is stamped at or after its start and before its end, so `due(ts)` is asked
    before the tick stamped `ts` is taken in, and its close is the last price then known.

    >>> bars = Bars(15)
    >>> [list(bars.due(ts)) for ts in (7, 14, 15, 16, 61)]
    [[], [], [15], [], [30, 45, 60]]
    """

    __slots__ = ("_interval", "_next")

    def __init__(self, interval_ns: int) -> None:
        self._interval = interval_ns
        self._next: int | None = None

    def due(self, ts: int) -> range:
        """The ends of bars up to and including `ts` not told before, in order; none at first."""
        upcoming = self._next
        if upcoming is None:
            self._next = self._after(ts)
            return _NOTHING
        if ts < upcoming:
            return _NOTHING
        self._next = self._after(ts)
        return range(upcoming, self._next, self._interval)

    def _after(self, ts: int) -> int:
        return ts - ts % self._interval + self._interval

    def reset(self) -> None:
        """Forget where time stood: no bar spans the gap."""
        self._next = None
