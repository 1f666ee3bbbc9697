"""The files that claims are tested on, by symbol and by name of series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from daemon.claims.missing import MissingError
from daemon.study.aligned import Aligned, Floats, Ints, align
from daemon.study.hours import dates, day_text, is_daily
from daemon.study.quality import Source, bad_places, without
from daemon.study.study import Clock
from streams.context.series import Series
from streams.history.prices import Prices

_LONGEST = 7
"""Days between closes beyond which their difference is no day's move."""


class Closes(msgspec.Struct, frozen=True):
    """Daily closes by day (since 1970-01-01), as their file labels them."""

    file: str
    days: Ints
    price: Floats


class Moves(msgspec.Struct, frozen=True):
    """What each column moved by from one common day to the next, by the day it ends on.

    Prices in log, series in their own unit.
    """

    days: Ints
    columns: dict[str, Floats]

    @property
    def basis(self) -> str:
        """How many, and of which days."""
        return f"{len(self.days):,} days, {span(self.days)}"

    def where(self, kept: Floats | Ints) -> Moves:
        """Those days only."""
        return Moves(self.days[kept], {name: col[kept] for name, col in self.columns.items()})


def span(days: Ints) -> str:
    """`2017-11-09 to 2026-08-21`."""
    return f"{day_text(int(days[0]))} to {day_text(int(days[-1]))}" if len(days) else "none"


class Data(msgspec.Struct, frozen=True):
    """Everything given: files of prices by symbol, several of one allowed, and series by name."""

    sources: Mapping[str, Sequence[Source]]
    series: Mapping[str, Series] = {}
    clock: Clock = Clock()

    def closes(self, symbol: str) -> tuple[Closes, ...]:
        """Files of daily closes, the longest first; MissingError without any."""
        found = [s for s in self.sources.get(symbol, ()) if is_daily(s.prices)]
        if not found:
            raise MissingError(_needed(symbol))
        return tuple(sorted(map(self._closes, found), key=lambda c: -len(c.days)))

    def intraday(self, symbol: str) -> tuple[Source, ...]:
        """Files of bars shorter than a day, and of ticks, bad prints left out; maybe none."""
        return tuple(
            msgspec.structs.replace(source, prices=clean(source.prices))
            for source in self.sources.get(symbol, ())
            if not is_daily(source.prices)
        )

    def one(self, name: str) -> Series:
        """A series; MissingError where it was not given."""
        if name not in self.series:
            raise MissingError(f"the series {name}")
        return self.series[name]

    def moves(self, symbols: Sequence[str], series: Sequence[str] = ()) -> Moves:
        """Of the longest file of each, on the days that all have; MissingError names every lack."""
        lacking = [_needed(s) for s in dict.fromkeys(symbols) if not self._has_closes(s)]
        lacking += [f"the series {name}" for name in series if name not in self.series]
        if lacking:
            raise MissingError(" and ".join(lacking))
        levels = {s: (c.days, np.log(c.price)) for s in symbols for c in self.closes(s)[:1]}
        levels |= {n: (self.series[n].days, self.series[n].values) for n in series}
        return _moves(levels)

    def aligned(self, x: Prices, y: Prices, grid: int | None = None) -> Aligned:
        """Both at the same instants; AlignmentError where they have too few in common."""
        clock = self.clock
        return align(x, y, tz=clock.tz, stamped_at_start=clock.stamped_at_start, grid=grid)

    def _has_closes(self, symbol: str) -> bool:
        return any(is_daily(source.prices) for source in self.sources.get(symbol, ()))

    def _closes(self, source: Source) -> Closes:
        prices = clean(source.prices)
        days = dates(prices, self.clock.tz, stamped_at_start=self.clock.stamped_at_start)
        return Closes(source.file, days, prices.price)


def _needed(symbol: str) -> str:
    return f"{symbol} daily closes"


def clean(prices: Prices) -> Prices:
    """Without bad prints."""
    return without(prices, bad_places(prices.price))


def _moves(levels: Mapping[str, tuple[Ints, Floats]]) -> Moves:
    common: Ints | None = None
    for days, _ in levels.values():
        common = days if common is None else np.intersect1d(common, days)
    if common is None or len(common) < 3:
        raise MissingError("files with days in common")
    kept = np.diff(common) <= _LONGEST
    columns = {
        name: np.diff(values[np.searchsorted(days, common)])[kept]
        for name, (days, values) in levels.items()
    }
    return Moves(common[1:][kept], columns)
