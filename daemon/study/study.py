"""Everything that two price files say about each other."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np

from daemon.study.aligned import Aligned, Returns, align, returns, shifted
from daemon.study.breaks import Breaks, breaks
from daemon.study.correlation import (
    Curve,
    Window,
    by_day,
    by_hour,
    by_interval,
    by_year,
    curve,
    pearson,
    whole,
    windows,
)
from daemon.study.divergences import Divergences, divergences
from daemon.study.hours import HOUR, dates, is_daily
from daemon.study.leadlag import LeadLag, judge
from daemon.study.lows import Low, lows
from daemon.study.profile import Profile, bar_profile, tick_profile
from daemon.study.quality import FileFacts, Source, bad_places, examine, without
from daemon.study.stamps import Stamps
from streams.history.prices import Prices
from streams.instrument import NS
from streams.snapshot import Reading

STEPS = 6
"""How often `study` tells its progress."""

_MOST_HOURS = 14
_LINK = 0.15
"""The correlation at a shift by whole hours from which the clock is doubted."""
_ROUNDED = 5 * NS
"""What stamps rounded to seconds hide: a second of rounding still tilts the lags beside it."""


class Clock(msgspec.Struct, frozen=True):
    """How the files were read: the clock of naive times, and where bars are stamped."""

    tz: str = "UTC"
    stamped_at_start: bool = True


class Grouped(msgspec.Struct, frozen=True):
    """Correlations by length of return, and by date, hour or year; empty where it has no sense."""

    interval: dict[str, Reading]
    day: dict[str, Reading]
    hour: dict[str, Reading]
    year: dict[str, Reading]


class Study(msgspec.Struct, frozen=True):
    """What was found."""

    x: FileFacts
    y: FileFacts
    aligned: Aligned
    returns: Returns
    whole: Reading
    windows: tuple[Window, ...]
    by: Grouped
    curve: Curve
    lead_lag: LeadLag
    divergences: Divergences
    breaks: Breaks
    lows: dict[str, list[Low]]
    """Of the files of daily closes, by name."""


def study(
    x: Source,
    y: Source,
    clock: Clock | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Study:
    """Study two files; AlignmentError where they have too little in common.

    `progress` is told what is done next. Bad prints are left out of all statistics.
    """
    clock = clock or Clock()
    progress("data quality")
    facts_x, facts_y = (_facts(source, clock) for source in (x, y))
    clean_x, clean_y = _clean(x.prices), _clean(y.prices)
    progress("aligning")
    aligned = align(clean_x, clean_y, tz=clock.tz, stamped_at_start=clock.stamped_at_start)
    found = returns(aligned)
    facts_x, facts_y = _with_clocks(facts_x, facts_y, clean_x, clean_y, aligned)
    progress("correlation")
    overall, usual = whole(found, clean_x, clean_y), tuple(windows(aligned, found))
    groups, curved = _grouped(aligned, found), curve(aligned, found)
    progress("lead-lag")
    profile = _profile(clean_x, clean_y, aligned, found)
    finest = max(_finest(clean_x), _finest(clean_y), aligned.bar if _bars(x, y) else 0)
    lead_lag = judge(profile, Stamps(facts_x, facts_y, finest, aligned.apart))
    progress("divergences")
    strayed = divergences(aligned, found)
    progress("breaks")
    return Study(
        x=facts_x,
        y=facts_y,
        aligned=aligned,
        returns=found,
        whole=overall,
        windows=usual,
        by=groups,
        curve=curved,
        lead_lag=lead_lag,
        divergences=strayed,
        breaks=breaks(aligned, found),
        lows={source.name: _lows(source, clock) for source in (x, y) if is_daily(source.prices)},
    )


def _facts(source: Source, clock: Clock) -> FileFacts:
    return examine(source, tz=clock.tz, stamped_at_start=clock.stamped_at_start)


def _clean(prices: Prices) -> Prices:
    return without(prices, bad_places(prices.price))


def _bars(x: Source, y: Source) -> bool:
    return bool(x.prices.bar or y.prices.bar)


def _grouped(aligned: Aligned, found: Returns) -> Grouped:
    intervals = by_interval(aligned)
    if aligned.daily:
        return Grouped(intervals, {}, {}, by_year(found))
    return Grouped(intervals, by_day(found), by_hour(found), {})


def _lows(source: Source, clock: Clock) -> list[Low]:
    days = dates(source.prices, clock.tz, stamped_at_start=clock.stamped_at_start)
    return lows(days, source.prices.price)


def _profile(x: Prices, y: Prices, aligned: Aligned, found: Returns) -> Profile:
    if x.bar or y.bar:
        return bar_profile(aligned, found)
    starts = np.flatnonzero(np.diff(found.session, prepend=-1))
    ends = [*starts[1:].tolist(), len(found.ts)]
    spans = [
        (int(found.ts[start]) - aligned.bar, int(found.ts[end - 1]))
        for start, end in zip(starts.tolist(), ends, strict=True)
    ]
    return tick_profile(x, y, spans)


def _finest(prices: Prices) -> int:
    """The lead (ns) that a file of ticks shows out of staleness or rounding; 0 of bars."""
    if prices.bar:
        return 0
    gaps = np.diff(np.unique(prices.ts))
    stale = 2 * int(np.quantile(gaps, 0.9)) if len(gaps) else 0
    rounded = 0 if np.any(prices.ts % NS) else _ROUNDED
    return max(stale + -stale % NS, rounded)


def _with_clocks(
    x: FileFacts, y: FileFacts, of_x: Prices, of_y: Prices, aligned: Aligned
) -> tuple[FileFacts, FileFacts]:
    """With the hours by which a file of all hours is off, which its own stamps cannot tell."""
    if aligned.daily or x.clock_hours or y.clock_hours:
        return x, y
    if x.calendar == "24/7":
        return msgspec.structs.replace(x, clock_hours=_hours_off(of_x, of_y, aligned)), y
    if y.calendar == "24/7":
        return x, msgspec.structs.replace(y, clock_hours=_hours_off(of_y, of_x, aligned))
    return x, y


def _hours_off(moved: Prices, fixed: Prices, aligned: Aligned) -> int:
    at: dict[int, Reading] = {}
    for hours in range(-_MOST_HOURS, _MOST_HOURS + 1):
        found = returns(align(shifted(moved, hours * HOUR), fixed, grid=aligned.bar))
        at[hours] = pearson(found.x, found.y)
    best = max(at, key=lambda hours: abs(float(at[hours].value or 0.0)))
    low, high = at[best].low or 0.0, at[best].high or 0.0
    surely = min(abs(low), abs(high)) if low * high > 0.0 else 0.0
    now = abs(float(at[0].value or 0.0))
    return best if best and surely > max(_LINK, 2.0 * now) else 0
