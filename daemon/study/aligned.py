"""Two price files at the same instants."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from daemon.study.hours import (
    DAY,
    close_of,
    dates,
    hours_of_days,
    hours_of_stamps,
    is_daily,
    sessions,
)
from streams.history.prices import Prices
from streams.instrument import NS
from streams.sessions import Calendar, calendar

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_GRIDS = tuple(seconds * NS for seconds in (60, 300, 900, 3600))
_TICKS_A_BAR = 5


class AlignmentError(Exception):
    """Two files that have too little in common; the text says why."""


class Aligned(msgspec.Struct, frozen=True):
    """Log prices of both files at `ts` (ns UTC); NaN, inside these arrays only, where none is new.

    `session` numbers the stretches that returns must not cross. Daily closes carry the midnight
    UTC that ends their day.
    """

    ts: Ints
    x: Floats
    y: Floats
    session: Ints
    bar: int
    """The distance of instants (ns)."""
    hours: Calendar
    apart: int = 0
    """By how much the instants of the two closes differ within a day (ns)."""

    @property
    def daily(self) -> bool:
        """Whether it is closes of days."""
        return self.bar >= DAY

    @property
    def bars_a_session(self) -> int:
        """Of a full one; of daily closes, one."""
        seconds = 86_400 if self.hours.name == "24/7" else 23_400
        return 1 if self.daily else max(seconds * NS // self.bar, 1)


class Returns(msgspec.Struct, frozen=True):
    """Log returns of both from one instant of the grid to the next, where both have prices."""

    ts: Ints
    """The instants they end at."""
    x: Floats
    y: Floats
    session: Ints
    at: Ints
    """Their places in the grid."""


def align(
    x: Prices, y: Prices, *, tz: str = "UTC", stamped_at_start: bool = True, grid: int | None = None
) -> Aligned:
    """Both files' last prices at common instants; AlignmentError where there are hardly any.

    Within days: at the ends of the longer bars (ticks: of bars of a minute or more) in regular
    hours, a price no older than its own bar. Of days: by date; where one file is intraday, at the
    instant of the other's close.
    """
    if is_daily(x) or is_daily(y):
        aligned = _align_days(x, y, tz, stamped_at_start=stamped_at_start)
    else:
        aligned = _align_intraday(x, y, grid)
    if int((np.isfinite(aligned.x) & np.isfinite(aligned.y)).sum()) < 3:
        raise AlignmentError(
            "the files have fewer than three instants in common, within regular hours; "
            "look at their dates and at --tz"
        )
    return aligned


def returns(aligned: Aligned) -> Returns:
    """The returns that both have, none across a break."""
    dx, dy = np.diff(aligned.x), np.diff(aligned.y)
    kept = np.isfinite(dx) & np.isfinite(dy) & (np.diff(aligned.session) == 0)
    at = np.flatnonzero(kept) + 1
    return Returns(aligned.ts[at], dx[kept], dy[kept], aligned.session[at], at)


def shifted(prices: Prices, shift: int) -> Prices:
    """The same prices, stamped `shift` ns later."""
    return msgspec.structs.replace(prices, ts=prices.ts + shift)


def median_gap(ts: Ints) -> int:
    """Half of the prices follow the one before within this time (ns); ties in time count once."""
    gaps = np.diff(np.unique(ts))
    return int(np.median(gaps)) if len(gaps) else 0


def _align_intraday(x: Prices, y: Prices, grid: int | None) -> Aligned:
    bar = grid or _grid(x, y)
    hours = pair_hours(x, y)
    first, last = max(int(x.ts[0]), int(y.ts[0])), min(int(x.ts[-1]), int(y.ts[-1]))
    open_hours = sessions(hours, first, last)
    stretches = [np.arange(s.start_ns + bar, s.end_ns + 1, bar) for s in open_hours]
    ts = np.concatenate([*stretches, np.zeros(0, np.int64)]).astype(np.int64)
    session = np.repeat(np.arange(len(stretches)), [len(stretch) for stretch in stretches])
    return Aligned(ts, _at(x, ts, bar), _at(y, ts, bar), session, bar, hours)


def pair_hours(x: Prices, y: Prices) -> Calendar:
    """The calendar of the pair: of the one that closes, if one does."""
    always = all(hours_of_stamps(prices.ts).name == "24/7" for prices in (x, y))
    return calendar("24/7" if always else "NYSE")


def _grid(x: Prices, y: Prices) -> int:
    bars = max(x.bar, y.bar)
    if bars:
        return bars
    gap = max(median_gap(x.ts), median_gap(y.ts))
    return next((grid for grid in _GRIDS if grid >= _TICKS_A_BAR * gap), _GRIDS[-1])


def _at(prices: Prices, ts: Ints, bar: int) -> Floats:
    """The last log price at or before each instant, if it is younger than a bar."""
    place = np.searchsorted(prices.ts, ts, side="right") - 1
    known = place >= 0
    place = np.maximum(place, 0)
    known &= ts - prices.ts[place] < (prices.bar or bar)
    return np.where(known, np.log(prices.price[place]), np.nan)


def _align_days(x: Prices, y: Prices, tz: str, *, stamped_at_start: bool) -> Aligned:
    days = {
        name: dates(prices, tz, stamped_at_start=stamped_at_start)
        for name, prices in (("x", x), ("y", y))
        if is_daily(prices)
    }
    hours = [hours_of_days(labels) for labels in days.values()]
    if len(days) == 1:
        (name, labels), own = *days.items(), hours[0]
        closes = np.array([close_of(own, int(day)) for day in labels], np.int64)
        whole, other = (x, y) if name == "x" else (y, x)
        logs = {name: np.log(whole.price), _other(name): _closes_at(other, closes)}
        return Aligned((labels + 1) * DAY, logs["x"], logs["y"], 0 * labels, DAY, own)
    common, at_x, at_y = np.intersect1d(days["x"], days["y"], return_indices=True)
    same = hours[0] is hours[1]
    own = hours[0] if same else calendar("NYSE")
    # 16:00 in New York is 20:00 or 21:00 UTC.
    apart = 0 if same else 4 * 3600 * NS
    bar = max(x.bar, y.bar)
    logs_x, logs_y = np.log(x.price[at_x]), np.log(y.price[at_y])
    return Aligned((common + 1) * DAY, logs_x, logs_y, 0 * common, bar, own, apart)


def _other(name: str) -> str:
    return "y" if name == "x" else "x"


def _closes_at(prices: Prices, closes: Ints) -> Floats:
    """Like `_at`, but a price of the last quarter of an hour will do."""
    place = np.searchsorted(prices.ts, closes, side="right") - 1
    known = (place >= 0) & (closes - prices.ts[np.maximum(place, 0)] <= 900 * NS)
    return np.where(known, np.log(prices.price[np.maximum(place, 0)]), np.nan)
