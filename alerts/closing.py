"""When a pair's market closes."""

from __future__ import annotations

from collections.abc import Iterable

from streams.sessions import Calendar

_HOPS = 4
"""From any session to the next regular one there are fewer."""
_NEVER = 2**63 - 1


def closes_at(calendars: Iterable[Calendar], ts: int) -> int | None:
    """The next end of regular hours on any of the calendars; None where all are always open."""
    closes = [_close(calendar, ts) for calendar in calendars]
    return min((close for close in closes if close != _NEVER), default=None)


def _close(calendar: Calendar, ts: int) -> int:
    session = calendar.session(ts)
    for _ in range(_HOPS):
        if session.kind == "regular":
            break
        session = calendar.session(session.end_ns)
    return session.end_ns
