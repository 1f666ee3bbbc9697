"""Instants as venues write them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

NS = 1_000_000_000


@lru_cache(maxsize=256)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def rfc3339(ns: int, digits: int) -> str:
    """Nanoseconds UTC with so many decimals of the second.

    >>> rfc3339(1773756000_123456789, 6)
    '2026-03-17T14:00:00.123456Z'
    """
    seconds, rest = divmod(ns, NS)
    return f"{_second(seconds)}.{rest // 10 ** (9 - digits):0{digits}d}Z"
