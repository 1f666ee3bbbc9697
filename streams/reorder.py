"""Ticks of several instruments, put in event-time order inside a short window.

Receipt is not order: venues differ in latency, and exchange time steps back within one feed. A
tick is held until core time is a window past its event time; one that comes later still is counted
and dropped, for the statistics only.
"""

from __future__ import annotations

from heapq import heappop, heappush

Held = tuple[int, int, int, int, float]
"""Event time, arrival number, instrument number, epoch, price."""


class Reorder:
    """A heap of held ticks, and the instant up to which all were let go."""

    __slots__ = ("_arrivals", "_heap", "late", "released", "window")

    def __init__(self, window: int) -> None:
        self.window = window
        self.released = 0
        """Event time up to which everything has been let go."""
        self.late = 0
        self._arrivals = 0
        self._heap: list[Held] = []

    def push(self, ts: int, instrument: int, epoch: int, price: float) -> None:
        """Hold a tick, or count it as late."""
        if ts <= self.released:
            self.late += 1
            return
        self._arrivals += 1
        heappush(self._heap, (ts, self._arrivals, instrument, epoch, price))

    def clear(self) -> None:
        """Let go of what is held, unread."""
        self._heap.clear()

    def pop(self, core: int) -> Held | None:
        """The next tick that core time lets go, in order; None when there is none."""
        heap = self._heap
        if heap and heap[0][0] <= core - self.window:
            return heappop(heap)
        return None

    def advance(self, core: int) -> int:
        """All of `pop` having been taken, move the mark; returns it."""
        self.released = max(self.released, core - self.window)
        return self.released
