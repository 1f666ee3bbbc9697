"""How fast one may speak."""

from __future__ import annotations

from collections import deque


class Pace:
    """Limits of so many in so many seconds, all of them kept at once; any clock in seconds."""

    def __init__(self, *limits: tuple[int, float]) -> None:
        self._limits = limits
        self._spoken: deque[float] = deque(maxlen=max(count for count, _ in limits))

    def wait(self, now: float) -> float:
        """Seconds until one may speak, 0 if now."""
        until = now
        for count, seconds in self._limits:
            if len(self._spoken) >= count:
                until = max(until, self._spoken[-count] + seconds)
        return until - now

    def note(self, now: float) -> None:
        """One spoke."""
        self._spoken.append(now)
