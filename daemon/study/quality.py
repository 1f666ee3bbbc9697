"""What is wrong with one price file: gaps, repeats, bad prints, stamps, clock."""

from __future__ import annotations

from collections import Counter
from typing import Literal

import msgspec
import numpy as np

from daemon.study.aligned import Floats, Ints
from daemon.study.hours import (
    DAY,
    FIRST_DAY,
    HOUR,
    clock_error_hours,
    dates,
    hours_of_days,
    hours_of_stamps,
    is_daily,
)
from streams.history.prices import Prices
from streams.instrument import NS
from streams.sessions import Calendar

_BAD = 12.0
"""Typical returns that a bad print jumps away and back by."""
_LISTED = 5


class Source(msgspec.Struct, frozen=True):
    """What was read from a file, and the names of both."""

    name: str
    file: str
    prices: Prices
    flat_share: float | None = None
    """Of bars with open = high = low = close; None where the file has no such columns."""


class Gap(msgspec.Struct, frozen=True):
    """A stretch without bars, inside the market's hours."""

    after: int
    """The end of the last bar before it (ns)."""
    missing: int
    """How many bars."""


class BadPrint(msgspec.Struct, frozen=True):
    """A price that jumps away from its neighbours and straight back."""

    ts: int
    price: float
    jump: float
    """As a fraction of the price before."""


class FileFacts(msgspec.Struct, frozen=True):
    """A price file in figures. Times are ns UTC, of bars their ends."""

    name: str
    file: str
    rows: int
    first: int
    last: int
    bar: int
    calendar: str
    missing: int
    gaps: tuple[Gap, ...]
    """The longest few."""
    duplicates: int
    unordered: int
    bad_prints: tuple[BadPrint, ...]
    flat_share: float | None
    stamped: Literal["start", "end"] | None
    """Where bars are stamped, as far as the market's hours tell."""
    stamps_fit: bool | None
    """Whether that is how the file was read."""
    clock_hours: int = 0
    """By how many hours the stamps must be moved to fall in the market's hours."""


def examine(source: Source, *, tz: str = "UTC", stamped_at_start: bool = True) -> FileFacts:
    """Look a file over."""
    prices = source.prices
    daily = is_daily(prices)
    days = dates(prices, tz, stamped_at_start=stamped_at_start) if daily else None
    hours = hours_of_stamps(prices.ts) if days is None else hours_of_days(days)
    gaps = _gaps(prices, hours, days)
    closes = not daily and hours.name != "24/7"
    stamped = _stamped(prices, hours, read_at_start=stamped_at_start) if closes else None
    return FileFacts(
        name=source.name,
        file=source.file,
        rows=len(prices.ts),
        first=int(prices.ts[0]),
        last=int(prices.ts[-1]),
        bar=prices.bar,
        calendar=hours.name,
        missing=sum(gap.missing for gap in gaps),
        gaps=tuple(sorted(gaps, key=lambda gap: -gap.missing)[:_LISTED]),
        duplicates=prices.duplicates,
        unordered=prices.unordered,
        bad_prints=tuple(_bad_print(prices, int(at)) for at in bad_places(prices.price)),
        flat_share=source.flat_share,
        stamped=stamped,
        stamps_fit=None if stamped is None else (stamped == "start") == stamped_at_start,
        clock_hours=clock_error_hours(prices.ts) if closes else 0,
    )


def _gaps(prices: Prices, hours: Calendar, days: Ints | None) -> list[Gap]:
    """Of files of bars; ticks come when they come."""
    if not prices.bar:
        return []
    # New York's hours on the day a close is of: 14:00 UTC is before any close, after any night.
    stamps = prices.ts if days is None else days * DAY + (14 * HOUR if _closes(hours) else 0)
    usual = 23_400 * NS if days is not None and _closes(hours) else prices.bar
    # Before the table of holidays begins, each would count as a gap.
    known = stamps[:-1] // DAY >= FIRST_DAY if _closes(hours) else True
    wide = np.flatnonzero((np.diff(stamps) > prices.bar) & known)
    return [
        Gap(int(prices.ts[at]), missing)
        for at in wide.tolist()
        if (missing := _missing(hours, int(stamps[at]), int(stamps[at + 1]), usual)) > 0
    ]


def _closes(hours: Calendar) -> bool:
    return hours.name != "24/7"


def _missing(hours: Calendar, before: int, after: int, usual: int) -> int:
    passed = hours.trading_seconds(after) - hours.trading_seconds(before)
    return round(passed * NS / usual) - 1


def bad_places(price: Floats) -> Ints:
    """Places of prices that jump away from both neighbours, which agree with each other."""
    moves = np.diff(np.log(price))
    usual = float(np.median(np.abs(moves[moves != 0.0]))) if np.any(moves) else 0.0
    away, back = moves[:-1], moves[1:]
    smaller = np.minimum(np.abs(away), np.abs(back))
    # In a fast market prices jump to and fro as well: measure against the moves around, too.
    around = np.maximum(_around(np.abs(moves)), usual)
    bad = (away * back < 0.0) & (smaller > _BAD * around) & (np.abs(away + back) < 0.25 * smaller)
    return np.asarray(np.flatnonzero(bad) + 1)


def _around(sizes: Floats, reach: int = 10) -> Floats:
    """The median size of the moves within `reach` of each pair of moves."""
    if len(sizes) < 2:
        return np.zeros(0)
    padded = np.pad(sizes, reach, mode="edge")
    medians = np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1), axis=1)
    return np.asarray(medians[:-1])


def without(prices: Prices, places: Ints) -> Prices:
    """The prices but those at `places`."""
    return msgspec.structs.replace(
        prices, ts=np.delete(prices.ts, places), price=np.delete(prices.price, places)
    )


def _bad_print(prices: Prices, at: int) -> BadPrint:
    before, price = float(prices.price[at - 1]), float(prices.price[at])
    return BadPrint(int(prices.ts[at]), price, price / before - 1.0)


def _stamped(
    prices: Prices, hours: Calendar, *, read_at_start: bool
) -> Literal["start", "end"] | None:
    """Told by the day's first bar: most begin with the session, or end a bar after it began."""
    if not prices.bar:
        return None
    raw = prices.ts - (prices.bar if read_at_start else 0)
    day = raw // DAY
    firsts = raw[np.flatnonzero(np.diff(day, prepend=-1))].tolist()
    since = Counter(ts - hours.session(ts + prices.bar).start_ns for ts in firsts)
    (offset, count), *_ = since.most_common(1)
    if count <= len(firsts) / 2:
        return None
    return {0: "start", prices.bar: "end"}.get(offset)  # type: ignore[return-value]  # the literals
