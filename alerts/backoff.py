"""How long to wait before the next try."""

from __future__ import annotations

from random import Random

_DOUBLINGS = 16
"""Past this many the cap has long been reached."""


def backoff(failures: int, rng: Random, *, first: float = 1.0, cap: float = 30.0) -> float:
    """Seconds to wait after `failures` in a row (1 or more): doubling, capped, with jitter."""
    doublings: int = min(failures - 1, _DOUBLINGS)
    return min(cap, first * 2.0**doublings) * rng.uniform(0.5, 1.0)
