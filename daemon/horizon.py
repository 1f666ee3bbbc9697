"""How far the tables of holidays reach."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

from streams.instrument import NS, Instrument
from streams.sessions import calendar

SOON = 30
"""Days before a table's end from which on it is worth a word."""


def horizon(instruments: Iterable[Instrument], now: int) -> tuple[str, date, float] | None:
    """The calendar in use that ends first, its last day, and days until then from `now` (ns).

    None where no instrument has holidays.
    """
    ends = [
        (made.horizon_ns, made.name)
        for made in (calendar(name) for name in {each.calendar for each in instruments})
        if made.horizon_ns is not None
    ]
    if not ends:
        return None
    end, name = min(ends)
    last = datetime.fromtimestamp((end - 1) / NS - 86_400 / 2, UTC).date()
    return name, last, (end - now) / (86_400 * NS)
