"""What is wrong with an archive: each fault by file and row, with its remedy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import polars as pl

from daemon.archive.completeness import (
    day_of,
    hours_of_closes,
    missing_closes,
    missing_days,
)
from daemon.archive.stamps import POLARS, of_year, stamps_of
from daemon.archive.store import Kind, Shelf, shelves
from streams.closes import session_ends
from streams.instrument import NS

_AGAIN = {
    Kind.TICKS: "'--repair' sets it aside; it is made again if its recordings are still there",
    Kind.MINUTES: "'--repair' sets it aside; it is fetched again",
    Kind.DAYS: "'--repair' sets it aside; it is fetched again",
}
_LACK = {
    Kind.TICKS: "nothing was recorded then; bars of a minute may stand in",
    Kind.MINUTES: "it is fetched at the next start, if the venue still has it",
    Kind.DAYS: "it is fetched at the next start, if the venue still has it",
}


class Fault(msgspec.Struct, frozen=True):
    """`row` counts from 1, the first of those that are wrong; None where it is of the whole.

    `damaged` where the file is to be set aside, and not where something is merely missing.
    """

    path: Path
    row: int | None
    message: str
    remedy: str
    damaged: bool = True

    @property
    def text(self) -> str:
        """`FILE:ROW: message; remedy`."""
        place = f"{self.path}:{self.row}" if self.row else f"{self.path}"
        return f"{place}: {self.message}; {self.remedy}"


def faults(*folders: Path, looked_at: Callable[[Path], None] = lambda _: None) -> Iterator[Fault]:
    """All there are, file by file; ArchiveError where a folder is none."""
    for shelf in shelves(*folders):
        stamps, filled = list[int](), list[str]()
        for path in shelf.paths:
            frame = _frame(path, shelf.kind)
            if isinstance(frame, Fault):
                yield frame
                filled.append(path.stem)
            else:
                yield from _of_file(path, shelf.kind, frame)
                stamps += stamps_of(path, frame) if shelf.kind is Kind.DAYS else []
                filled += [path.stem] if len(frame) else []
            looked_at(path)
        if shelf.kind is Kind.DAYS:
            yield from _lacking_closes(shelf, sorted(stamps))
        else:
            yield from _lacking_days(shelf, filled)


def repaired(found: list[Fault]) -> dict[Path, Path]:
    """Set damaged files aside, so that they are made or fetched again: from → to."""
    moved = {}
    for path in dict.fromkeys(fault.path for fault in found if fault.damaged):
        moved[path] = path.with_name(f"{path.name}.bad")
        path.replace(moved[path])
    return moved


def _frame(path: Path, kind: Kind) -> pl.DataFrame | Fault:
    columns = ["ts", kind.price] + ["id"] * (kind is Kind.TICKS)
    try:
        there = pl.read_parquet_schema(path)
        lacking = [name for name in columns if name not in there]
        if lacking:
            return Fault(path, None, f"no column {', '.join(lacking)}", _AGAIN[kind])
        return pl.read_parquet(path, columns=columns)
    except (OSError, *POLARS):
        return Fault(path, None, "not a Parquet file that can be read", _AGAIN[kind])


def _of_file(path: Path, kind: Kind, frame: pl.DataFrame) -> Iterator[Fault]:
    for message, wrong in _wrongs(path, kind, frame):
        count = int(wrong.sum() or 0)
        if count:
            row = int(wrong.arg_max() or 0) + 1
            rest = f", and {count - 1:,} more" if count > 1 else ""
            yield Fault(path, row, f"{message}{rest}", _AGAIN[kind])


def _wrongs(path: Path, kind: Kind, frame: pl.DataFrame) -> Iterator[tuple[str, pl.Series]]:
    """What may be wrong, and the rows in which it is."""
    ts, price = frame["ts"], frame[kind.price]
    if not ts.dtype.is_integer() or not price.dtype.is_numeric():
        yield "times or prices are of another type", pl.Series([True])
        return
    yield "no time", ts.is_null()
    yield "no price", price.is_null() | price.cast(pl.Float64).is_nan().fill_null(value=False)
    yield "not a price", (~(price > 0) | price.is_infinite()).fill_null(value=False)
    yield "earlier than the row before", (ts.diff() < 0).fill_null(value=False)
    if kind is Kind.TICKS:
        yield "the same tick again", _again(frame)
        return
    yield "a second bar of that time", ~ts.is_first_distinct()
    if kind is Kind.MINUTES:
        yield "no end of a minute", (ts % (60 * NS) != 0).fill_null(value=False)
        return
    hours = hours_of_closes(ts.drop_nulls().to_list())
    yield "no instant at which a session closes", _where(ts, lambda t: not session_ends(hours, t))
    yield f"not of {path.stem}", _where(ts, lambda t: not of_year(path, t))


def _where(ts: pl.Series, wrong: Callable[[int], bool]) -> pl.Series:
    """Row by row, those without a time left out."""
    return pl.Series([t is not None and wrong(t) for t in ts.to_list()], dtype=pl.Boolean)


def _again(frame: pl.DataFrame) -> pl.Series:
    whole = frame.select(pl.struct("id", "ts", "price")).to_series()
    return frame["id"].is_not_null() & ~whole.is_first_distinct()


def _lacking_days(shelf: Shelf, filled: list[str]) -> Iterator[Fault]:
    there = {path.stem: path for path in shelf.paths}
    for day in missing_days(filled):
        path = there.get(day, shelf.paths[0].with_stem(day))
        yield _lack(path, shelf.kind, "no price of that day" if day in there else "not there")


def _lacking_closes(shelf: Shelf, stamps: list[int]) -> Iterator[Fault]:
    folder = shelf.paths[0].parent
    by_year: dict[str, list[str]] = {}
    for ts in missing_closes(stamps):
        by_year.setdefault(day_of(ts)[:4], []).append(day_of(ts))
    for year, days in by_year.items():
        rest = f" and {len(days) - 3} more" if len(days) > 3 else ""
        text = f"no close of {', '.join(days[:3])}{rest}"
        yield _lack(folder / f"{year}.parquet", shelf.kind, text)


def _lack(path: Path, kind: Kind, message: str) -> Fault:
    return Fault(path, None, message, _LACK[kind], damaged=False)
