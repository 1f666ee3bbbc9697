"""Which days a shelf ought to have, and which of them are missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from streams.closes import last_close
from streams.instrument import NS
from streams.sessions import Calendar, calendar

_DAY = 86_400 * NS
_EPOCH = date(1970, 1, 1)
_EVENING = 23 * 3600 * NS
"""Of a day in UTC, when New York's session is over and the next has not begun."""
_SATURDAY = 5


def missing_days(filled: Sequence[str]) -> list[str]:
    """The days between the first and the last that ought to have prices too.

    `filled` are those that have some (`2026-11-23`), rising; with weekends, all days are expected.
    """
    days = [date.fromisoformat(name) for name in filled]
    weekend = any(day.weekday() >= _SATURDAY for day in days)
    hours, held = calendar("24/7" if weekend else "NYSE"), set(days)
    between = (days[0] + timedelta(days=n) for n in range((days[-1] - days[0]).days if days else 0))
    return [day.isoformat() for day in between if day not in held and _trades(day, hours)]


def _trades(day: date, hours: Calendar) -> bool:
    evening = (day - _EPOCH).days * _DAY + _EVENING
    return evening - last_close(hours, evening) < _DAY


def hours_of_closes(stamps: Sequence[int]) -> Calendar:
    """The calendar that closes were taken by: New York's unless most are at midnight UTC."""
    midnights = sum(ts % _DAY == 0 for ts in stamps)
    return calendar("24/7" if 2 * midnights > len(stamps) else "NYSE")


def missing_closes(stamps: Sequence[int]) -> list[int]:
    """The closes between the first and the last, which rise, that are not there (ns UTC)."""
    hours, held, found = hours_of_closes(stamps), set(stamps), []
    ts = stamps[-1] if stamps else 0
    while stamps and (ts := last_close(hours, ts - 1)) > stamps[0]:
        if ts not in held:
            found.append(ts)
    return found[::-1]


def day_of(ts: int) -> str:
    """The day that a close ends: of midnight the one before."""
    return (_EPOCH + timedelta(days=(ts - 1) // _DAY)).isoformat()
