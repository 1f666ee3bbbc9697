"""Instants and durations as people read them; on New York's clock, which both markets go by."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

NS = 1_000_000_000

NEW_YORK = ZoneInfo("America/New_York")


def elapsed(ns: int) -> str:
    """A duration in one or two units: `45 s`, `47 min`, `4 h 12 min`, `2 d 3 h`."""
    seconds = max(0, ns) // NS
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days:
        return _two(days, "d", hours % 24, "h")
    if hours:
        return _two(hours, "h", minutes % 60, "min")
    return f"{minutes} min" if minutes else f"{seconds} s"


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large} {large_unit}" + (f" {small} {small_unit}" if small else "")


def instant(ts: int) -> str:
    """`Wed 19 Mar 10:31:05 New York (14:31:05 UTC)`."""
    utc = datetime.fromtimestamp(ts // NS, UTC)
    return f"{utc.astimezone(NEW_YORK):%a %d %b %H:%M:%S} New York ({utc:%H:%M:%S} UTC)"


def clock(ts: int, said: int) -> str:
    """`16:00 New York`, with the day where it is another than that on which it is `said`."""
    local, today = (datetime.fromtimestamp(each // NS, NEW_YORK) for each in (ts, said))
    day = "" if local.date() == today.date() else f"{local:%a %d %b} "
    return f"{day}{local:%H:%M} New York"


def weekday_clock(ts: int) -> str:
    """`Mon 04:00 New York`."""
    return f"{datetime.fromtimestamp(ts // NS, NEW_YORK):%a %H:%M} New York"
