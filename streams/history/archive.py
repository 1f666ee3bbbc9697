"""Recorded ticks as price files: Parquet by instrument, venue and day, for study and calibration.

    ETH/coinbase/2026-11-23.parquet

A day is archived once it is over, from its recordings; a file that is there is not made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from math import inf
from pathlib import Path

import msgspec

from streams.feeds.registry import VENUES
from streams.feeds.venue import Venue
from streams.history.recording import Playback, RecordingError
from streams.history.shelf import begins, files
from streams.history.tick_file import TickFile
from streams.instrument import NS, Instrument
from streams.tick import Item, Tick

_DAY = 86_400 * NS

Owners = Mapping[tuple[str, str], Instrument]
"""By venue and the venue's symbol."""


class Day(msgspec.Struct, frozen=True):
    """A venue's day (ns UTC), and the recordings in which its ticks are."""

    venue: str
    start: int
    paths: tuple[Path, ...]

    @property
    def name(self) -> str:
        """`2026-11-23`."""
        return f"{datetime.fromtimestamp(self.start // NS, UTC):%Y-%m-%d}"


def owners(instruments: Iterable[Instrument]) -> Owners:
    """Whose the symbols of the venues are."""
    return {
        (route.venue, route.symbol): instrument
        for instrument in instruments
        for route in instrument.routes
    }


def days_over(recordings: Path, now: int) -> list[Day]:
    """The recorded days that are over, oldest first. A file holds ticks of one day alone."""
    found: dict[tuple[int, str], list[Path]] = {}
    for path in files(recordings):
        began = begins(path)
        if began is not None and began - began % _DAY + _DAY <= now:
            found.setdefault((began - began % _DAY, path.parent.name), []).append(path)
    return [Day(venue, start, tuple(paths)) for (start, venue), paths in sorted(found.items())]


def archive(recordings: Path, folder: Path, known: Owners, now: int) -> list[Path]:
    """Archive all days that are over and are not there yet; the files that were made.

    Heavy, and in need of polars: for a worker. Where recordings cannot be read the other days are
    archived all the same, and then RecordingError is raised.
    """
    made: list[Path] = []
    faults: list[RecordingError] = []
    for day in days_over(recordings, now):
        wanted = {
            symbol: folder / one.name / day.venue / f"{day.name}.parquet"
            for (venue, symbol), one in known.items()
            if venue == day.venue
        }
        missing = {symbol: path for symbol, path in wanted.items() if not path.exists()}
        if missing and day.venue in VENUES:
            try:
                made += _archive_day(day, missing, known)
            except RecordingError as fault:
                faults.append(fault)
    if faults:
        raise faults[0]
    return made


def _archive_day(day: Day, missing: Mapping[str, Path], known: Owners) -> Iterator[Path]:
    files = {symbol: TickFile(path) for symbol, path in missing.items()}
    try:
        for item in _items(day, list(missing)):
            if isinstance(item, Tick) and item.kind == known[day.venue, item.symbol].price:
                files[item.symbol].append(item)
        for symbol, file in files.items():
            file.finish()
            yield missing[symbol]
    finally:
        for file in files.values():
            file.discard()


def _items(day: Day, symbols: Sequence[str]) -> Iterator[Item]:
    def make(name: str) -> tuple[Venue[float], Callable[[str, int], bool], float]:
        return VENUES[name](symbols, float), lambda *_: True, inf

    return Playback(day.paths, make).items()
