"""New York's regular hours on weekdays. The simulated market knows no holidays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

NS = 1_000_000_000
Instants = NDArray[np.int64]

_NEW_YORK = ZoneInfo("America/New_York")
_OPEN, _CLOSE = time(9, 30), time(16)


def to_ns(moment: datetime) -> int:
    """Nanoseconds UTC of an aware whole-second datetime."""
    return int(moment.timestamp()) * NS


def new_york_day(ts: int) -> date:
    """The date in New York at an instant."""
    return datetime.fromtimestamp(ts // NS, _NEW_YORK).date()


def session(day: date) -> tuple[int, int] | None:
    """Open and close of a day's regular session; None at the weekend."""
    if day.weekday() >= 5:
        return None
    opened, closed = (datetime.combine(day, at, _NEW_YORK) for at in (_OPEN, _CLOSE))
    return to_ns(opened), to_ns(closed)


def sessions(first: date, last: date) -> Iterator[tuple[int, int]]:
    """The regular sessions from one date to another, both included."""
    day = first
    while day <= last:
        if hours := session(day):
            yield hours
        day += timedelta(days=1)


def sessions_back(day: date, count: int) -> date:
    """The date of the session that lies `count` sessions before `day`."""
    while count:
        day -= timedelta(days=1)
        count -= session(day) is not None
    return day


def midnights(start_ns: int, end_ns: int) -> Instants:
    """Every 00:00 UTC in an interval, its ends included."""
    day = 86_400 * NS
    return np.arange(-(-start_ns // day) * day, end_ns + 1, day, dtype=np.int64)


def in_session(times: Instants, hours: list[tuple[int, int]]) -> NDArray[np.bool_]:
    """Which instants lie after an open and not after its close."""
    mask = np.zeros(len(times), dtype=np.bool_)
    for opened, closed in hours:
        mask[np.searchsorted(times, opened, "right") : np.searchsorted(times, closed, "right")] = (
            True
        )
    return mask


START_NS = to_ns(datetime(2026, 3, 17, 14, tzinfo=UTC))
"""10:00 in New York, on a Tuesday."""
