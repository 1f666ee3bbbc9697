"""What an archive holds, a line a symbol, venue and kind."""

from __future__ import annotations

from pathlib import Path

import msgspec
import polars as pl

from daemon.archive.completeness import day_of, missing_closes, missing_days
from daemon.archive.stamps import POLARS, stamps_of
from daemon.archive.store import Kind, Shelf, shelves


class Holding(msgspec.Struct, frozen=True):
    """One shelf; `first` and `last` are days, `missing` those between that are not there."""

    symbol: str
    venue: str
    kind: Kind
    first: str
    last: str
    files: int
    rows: int
    bytes: int
    missing: tuple[str, ...]
    unreadable: tuple[str, ...]
    """Names of files."""


def holdings(*folders: Path) -> list[Holding]:
    """Of all that is there; ArchiveError where a folder is none."""
    return [_holding(shelf) for shelf in shelves(*folders)]


def _holding(shelf: Shelf) -> Holding:
    rows, unreadable = dict[str, int](), list[str]()
    stamps = list[int]()
    for path in shelf.paths:
        try:
            rows[path.stem] = pl.scan_parquet(path).select(pl.len()).collect().item()
            if shelf.kind is Kind.DAYS:
                stamps += stamps_of(path, pl.read_parquet(path, columns=["ts"]))
        except (OSError, *POLARS):
            unreadable.append(path.name)
    stamps.sort()
    filled = [name for name, count in rows.items() if count]
    missing = missing_days(filled) if shelf.kind is not Kind.DAYS else _days_without(stamps)
    first, last = shelf.paths[0].stem, shelf.paths[-1].stem
    if stamps:
        first, last = day_of(stamps[0]), day_of(stamps[-1])
    return Holding(
        symbol=shelf.symbol,
        venue=shelf.venue,
        kind=shelf.kind,
        first=first,
        last=last,
        files=len(shelf.paths),
        rows=sum(rows.values()),
        bytes=sum(path.stat().st_size for path in shelf.paths),
        missing=tuple(missing),
        unreadable=tuple(unreadable),
    )


def _days_without(stamps: list[int]) -> list[str]:
    return [day_of(ts) for ts in missing_closes(stamps)]
