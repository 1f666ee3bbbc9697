"""Which hours a price file keeps, and whether its clock can be right."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from streams.history.prices import Prices
from streams.holidays import FIRST
from streams.instrument import NS
from streams.sessions import Calendar, Session, calendar

DAY = 86_400 * NS
HOUR = 3600 * NS

_ALL_HOURS = 22
"""Hours of the day, of 24, in which a market that never closes shows prices."""
_LOOKED_AT = 1000
_EPOCH = date(1970, 1, 1).toordinal()
FIRST_DAY = FIRST.toordinal() - _EPOCH
"""The day from which holidays are known."""

_SATURDAY = 5


def is_daily(prices: Prices) -> bool:
    """Whether the file holds closes of days (or longer)."""
    return prices.bar >= DAY


def dates(prices: Prices, tz: str, *, stamped_at_start: bool) -> NDArray[np.int64]:
    """The days (since 1970-01-01) that daily closes are of, as their file labels them.

    A stamp at midnight of `tz` is that day's; any other is of its day in UTC.
    """
    labels = prices.ts - (prices.bar if stamped_at_start else 0)
    zone = ZoneInfo(tz)
    return np.array([_label(int(ts), zone) for ts in labels], np.int64)


def _label(ts: int, zone: ZoneInfo) -> int:
    local = datetime.fromtimestamp(ts // NS, zone)
    if (local.hour, local.minute) == (0, 0):
        return local.toordinal() - _EPOCH
    return ts // DAY


def day_text(day: int) -> str:
    """A day since 1970-01-01 as ISO 8601."""
    return date.fromordinal(day + _EPOCH).isoformat()


def hours_of_days(days: NDArray[np.int64]) -> Calendar:
    """The calendar of daily closes: 24/7 where weekends have closes."""
    # 1970-01-01 was a Thursday.
    weekend = (days + 3) % 7 >= _SATURDAY
    return calendar("24/7" if len(days) and weekend.mean() > 0.1 else "NYSE")


def hours_of_stamps(ts: NDArray[np.int64]) -> Calendar:
    """The calendar of prices within days: 24/7 where nearly every hour of the clock has some."""
    hours = np.unique(ts % DAY // HOUR)
    return calendar("24/7" if len(hours) >= _ALL_HOURS else "NYSE")


def sessions(hours: Calendar, first: int, last: int) -> list[Session]:
    """The regular sessions that `first` … `last` (ns) touch, cut to the days of these."""
    found: list[Session] = []
    at = first
    while at <= last:
        session = hours.session(at)
        if session.kind == "regular":
            start = max(session.start_ns, first - first % DAY)
            found.append(Session("regular", start, min(session.end_ns, last)))
        if session.end_ns >= last:
            break
        at = session.end_ns
    return found


def close_of(hours: Calendar, day: int) -> int:
    """The instant (ns) at which a day's close is taken."""
    midnight = day * DAY
    if hours.name == "24/7":
        return midnight + DAY
    # By 06:00 UTC of the next day New York's extended hours are over, whatever the season.
    return hours.prior_close(midnight + DAY + 6 * HOUR)


def clock_error_hours(ts: NDArray[np.int64]) -> int:
    """By how many hours the stamps of a market that closes must be moved to fall in its hours.

    0 where they are right, or where moving them does not help much.
    """
    hours = calendar("NYSE")
    some = ts[:: max(len(ts) // _LOOKED_AT, 1)].tolist()
    shares = {shift: _share_regular(hours, some, shift * HOUR) for shift in range(-14, 15)}
    best = max(shares, key=lambda shift: (shares[shift], -abs(shift)))
    return best if shares[best] > 0.8 and shares[0] < 0.7 * shares[best] else 0


def _share_regular(hours: Calendar, stamps: list[int], shift: int) -> float:
    inside = sum(hours.session(ts - 1 + shift).kind == "regular" for ts in stamps)
    return inside / max(len(stamps), 1)
