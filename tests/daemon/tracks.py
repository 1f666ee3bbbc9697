"""Tracks to draw."""

from __future__ import annotations

import math

from daemon.trail import Row, Track
from streams.instrument import NS

OPEN = 1_773_754_200 * NS
"""Tue 17 Mar 2026, 09:30 in New York."""
MINUTE, DAY = 60 * NS, 86_400 * NS


def row(ts: int, minute: int) -> Row:
    corr = 0.5 + 0.2 * math.sin(minute / 20)
    return Row(
        ts=ts,
        x=2000.0 + minute,
        y=200.0 - minute / 100,
        corr=corr,
        low=corr - 0.15,
        high=corr + 0.1,
        divergence=math.sin(minute / 15),
    )


def session(day: int, minutes: int, first: int = 0) -> tuple[Row, ...]:
    """So many minutes of a day's session, the first of the track's being `first`."""
    return tuple(row(OPEN + day * DAY + m * MINUTE, first + m) for m in range(minutes))


def track(minutes: int = 120) -> Track:
    return Track("ETH", "IWM", session(0, minutes))


def two_days() -> Track:
    return Track("ETH", "IWM", (*session(0, 390)[-60:], *session(1, 60, 390)))
