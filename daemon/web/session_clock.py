"""What a market's clock says: open, closes in 2 h 10 min; closed for Good Friday."""

from __future__ import annotations

from datetime import date, datetime

from alerts.moment import NEW_YORK, clock, elapsed
from streams.holidays import EARLY_CLOSES, HOLIDAYS
from streams.instrument import NS
from streams.sessions import Calendar, Session

_HOPS = 4
"""From any session to the next regular one there are fewer."""

_NAMES = (
    ("01-01", "01-03", "New Year's Day"),
    ("01-15", "01-21", "Martin Luther King Jr. Day"),
    ("02-15", "02-21", "Washington's Birthday"),
    ("03-20", "04-23", "Good Friday"),
    ("05-25", "05-31", "Memorial Day"),
    ("06-18", "06-20", "Juneteenth"),
    ("07-03", "07-05", "Independence Day"),
    ("09-01", "09-07", "Labor Day"),
    ("11-22", "11-28", "Thanksgiving"),
    ("12-24", "12-26", "Christmas"),
)
"""Between which days of the year a holiday is kept."""


def clock_text(calendar: Calendar, now: int) -> str:
    """How a market stands at `now` (ns UTC), and what comes next."""
    if calendar.horizon_ns is None:
        return "open around the clock"
    session = calendar.session(now)
    left = elapsed(session.end_ns - now)
    if session.kind == "regular":
        early = ", early today" if _today(now, EARLY_CLOSES) else ""
        return f"open, closes in {left}{early}"
    opens = _next_regular(calendar, session).start_ns
    when = f"opens in {elapsed(opens - now)} ({clock(opens, now)})"
    if session.kind == "extended":
        return f"extended hours, {when}"
    day = holiday(now)
    return f"closed for {day}, {when}" if day else f"closed, {when}"


def holiday(now: int) -> str:
    """The name of the holiday that New York keeps at `now` (ns UTC); empty where it keeps none."""
    if not _today(now, HOLIDAYS):
        return ""
    day = f"{_date(now):%m-%d}"
    return next((name for first, last, name in _NAMES if first <= day <= last), "a special day")


def _next_regular(calendar: Calendar, session: Session) -> Session:
    for _ in range(_HOPS):
        session = calendar.session(session.end_ns)
        if session.kind == "regular":
            break
    return session


def _today(now: int, table: dict[int, str]) -> bool:
    today = _date(now)
    return f"{today:%m-%d}" in table.get(today.year, "").split()


def _date(now: int) -> date:
    return datetime.fromtimestamp(now // NS, NEW_YORK).date()
