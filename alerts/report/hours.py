"""The sessions that reports are about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from alerts.moment import NEW_YORK
from streams.closes import last_close
from streams.instrument import NS, Pair
from streams.sessions import Calendar

_DAY = 86_400 * NS
_YEAR_OF_SESSIONS, _YEAR_OF_DAYS = 252, 365


def closing(pair: Pair, calendars: Mapping[str, Calendar]) -> Calendar:
    """The calendar of the one of a pair that closes, x's where neither does."""
    both = calendars[pair.x], calendars[pair.y]
    return next((hours for hours in both if hours.horizon_ns is not None), both[0])


def session_at(hours: Calendar, ts: int) -> tuple[int, int] | None:
    """The regular session (ns) that holds `ts`; a day in UTC where nothing ever closes."""
    if hours.horizon_ns is None:
        start = ts - ts % _DAY
        return start, start + _DAY
    session = hours.session(ts)
    return (session.start_ns, session.end_ns) if session.kind == "regular" else None


def sessions_a_year(hours: Calendar) -> int:
    """How many there are."""
    return _YEAR_OF_DAYS if hours.horizon_ns is None else _YEAR_OF_SESSIONS


def week_of(hours: Calendar, end: int) -> tuple[int, int]:
    """Year and week (ISO) of the session that ends at `end`."""
    zone = UTC if hours.horizon_ns is None else NEW_YORK
    year, week, _ = datetime.fromtimestamp((end - 1) // NS, zone).isocalendar()
    return year, week


def ends_week(hours: Calendar, end: int) -> bool:
    """Whether the session that ends at `end` is the last of its week."""
    ts, following = end, session_at(hours, end)
    while following is None:
        ts = hours.session(ts).end_ns
        following = session_at(hours, ts)
    return week_of(hours, following[1]) != week_of(hours, end)


def sessions_of_week(hours: Calendar, end: int) -> int:
    """How many sessions the week has had when the one that ends at `end` is over."""
    week, count = week_of(hours, end), 0
    while week_of(hours, end) == week:
        count += 1
        end = last_close(hours, end - 1)
    return count
