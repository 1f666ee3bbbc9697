"""Of daily closes: each year's low, and how far and how soon the price rose from it."""

from __future__ import annotations

import msgspec
import numpy as np

from daemon.study.aligned import Floats, Ints
from daemon.study.hours import day_text

RISE = 0.42
"""The rise whose first day is looked for: the one a well-known story of 2025 rests on."""
_REACH = 365
_ROUNDING = 1e-9


class Low(msgspec.Struct, frozen=True):
    """A year's lowest close, and the rise in the 365 days after it."""

    year: str
    day: str
    close: float
    drawdown: float
    """From the highest close of the 365 days before it, as a (negative) fraction."""
    rise: float
    """To the highest close, as a fraction."""
    rise_day: str
    whole: bool
    """Whether the file goes on for those 365 days."""
    reached: str | None
    """The first day with a close `RISE` or more above the low; None where there was none."""


def lows(days: Ints, price: Floats) -> list[Low]:
    """One a calendar year."""
    years = np.array([day_text(int(day))[:4] for day in days])
    return [
        _low(str(year), days, price, np.flatnonzero(years == year)) for year in np.unique(years)
    ]


def _low(year: str, days: Ints, price: Floats, places: Ints) -> Low:
    low = int(places[price[places].argmin()])
    before = price[(days >= days[low] - _REACH) & (days <= days[low])]
    after = np.flatnonzero((days >= days[low]) & (days <= days[low] + _REACH))
    rises = price[after] / price[low] - 1.0
    top, enough = int(rises.argmax()), np.flatnonzero(rises > RISE - _ROUNDING)
    return Low(
        year=year,
        day=day_text(int(days[low])),
        close=float(price[low]),
        drawdown=float(price[low] / before.max() - 1.0),
        rise=float(rises[top]),
        rise_day=day_text(int(days[after[top]])),
        whole=bool(days[-1] >= days[low] + _REACH),
        reached=day_text(int(days[after[enough[0]]])) if len(enough) else None,
    )
