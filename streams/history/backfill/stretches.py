"""Which stretches of time minutes are kept of, and which instants are closes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec

from streams.instrument import NS
from streams.sessions import Calendar

_DAY = 86_400 * NS


class Stretch(msgspec.Struct, frozen=True):
    """A regular session, or a whole day (UTC) of a market that never closes; ns UTC."""

    start: int
    end: int

    @property
    def name(self) -> str:
        """`2026-11-23`."""
        return f"{datetime.fromtimestamp(self.start // NS, UTC):%Y-%m-%d}"


def stretches(hours: Calendar, since: int, until: int) -> list[Stretch]:
    """Those that end after `since` and begin before `until`, oldest first."""
    if hours.horizon_ns is None:
        first = since - since % _DAY
        return [Stretch(day, day + _DAY) for day in range(first, until, _DAY)]
    return [Stretch(start, end) for start, end in _regular(hours, since, until)]


def closes(hours: Calendar, since: int, until: int) -> list[int]:
    """The ends of sessions (midnights UTC where there are none) after `since`, up to `until`."""
    ends = (one.end for one in stretches(hours, since, until))
    return [end for end in ends if since < end <= until]


def days_back(hours: Calendar, count: int, now: int) -> int:
    """When the last `count` stretches began, one that is under way included."""
    far = now - (2 * count + 7) * _DAY  # weekends and holidays between
    return stretches(hours, far, now)[-count:][0].start


def _regular(hours: Calendar, since: int, until: int) -> Iterator[tuple[int, int]]:
    at = since
    while at < until:
        session = hours.session(at)
        if session.kind == "regular":
            yield session.start_ns, session.end_ns
        at = session.end_ns
