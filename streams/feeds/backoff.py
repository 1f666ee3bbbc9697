"""How long to wait before the next connection."""

from __future__ import annotations

import random
from collections import deque

_BASE = 1.0
_CAP = 60.0
_CONNECTS, _WINDOW = 10, 60.0
"""No more connections than that in so many seconds: venues ban an address for a storm of them
(Kraken for 150 in 10 minutes), and one that gives a tick and hangs up resets the doubling."""


class Backoff:
    """Doubling from 1 s up to 60 s with full jitter; `at` is in seconds of a monotonic clock."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._failures = 0
        self._starts: deque[float] = deque(maxlen=_CONNECTS)

    def started(self, at: float) -> None:
        """A connection is tried."""
        self._starts.append(at)

    def reset(self) -> None:
        """Good data came: the next loss is the first."""
        self._failures = 0

    def delay(self, at: float, *, slow: bool = False, retry_after: float | None = None) -> float:
        """Seconds to wait after a loss."""
        ceiling = min(_CAP, _BASE * 2**self._failures)
        self._failures = min(self._failures + 1, 16)
        if retry_after is not None:
            wait = max(retry_after, self._rng.uniform(0, ceiling)) + self._rng.uniform(0, _BASE)
        else:
            wait = self._rng.uniform(_CAP / 2, _CAP) if slow else self._rng.uniform(0, ceiling)
        if len(self._starts) == _CONNECTS:
            wait = max(wait, self._starts[0] + _WINDOW - at)
        return wait
