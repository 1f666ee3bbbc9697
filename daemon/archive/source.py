"""Prices out of an archive: of one symbol, from one venue, of one kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import msgspec
import polars as pl

from daemon.archive.store import ArchiveError, Kind, Shelf, shelves
from streams.history.prices import Prices
from streams.instrument import NS

_DAY = 86_400 * NS
_MINUTE = 60 * NS
_BARS = {Kind.TICKS: 0, Kind.MINUTES: _MINUTE, Kind.DAYS: _DAY}
_EPOCH = date(1970, 1, 1)


class Span(msgspec.Struct, frozen=True):
    """Days, both included; None: without end."""

    first: date | None = None
    last: date | None = None


class Wanted(msgspec.Struct, frozen=True):
    """`ETH`, `ETH@coinbase`, `ETH:1m` or `ETH@coinbase:1d`."""

    symbol: str
    venue: str = ""
    kind: Kind | None = None

    def fits(self, shelf: Shelf) -> bool:
        """Whether that shelf is meant, or may be."""
        return (
            shelf.symbol == self.symbol
            and self.venue in {"", shelf.venue}
            and self.kind in {None, shelf.kind}
        )


def wanted(text: str) -> Wanted:
    """What a text asks for; ArchiveError says how it is written."""
    rest, colon, kind = text.partition(":")
    symbol, _, venue = rest.partition("@")
    if colon and kind not in set(Kind):
        raise ArchiveError(f"{text!r}: after the colon stands one of {', '.join(Kind)}")
    if not symbol:
        raise ArchiveError(f"{text!r} names no symbol; write ETH, ETH@coinbase or ETH:1m")
    return Wanted(symbol, venue, Kind(kind) if colon else None)


def chosen(folders: Sequence[Path], texts: Sequence[str]) -> list[Shelf]:
    """A shelf for each text: the finest kind that all have, of the venue with the most days.

    ArchiveError names what there is where something is not there.
    """
    there = shelves(*folders)
    asked = [wanted(text) for text in texts]
    fitting = [[shelf for shelf in there if one.fits(shelf)] for one in asked]
    for text, found in zip(texts, fitting, strict=True):
        if not found:
            have = ", ".join(shelf.name for shelf in there) or "nothing"
            where = " or ".join(map(str, folders)) or "any archive"
            raise ArchiveError(f"{text} is not in {where}; there is {have}")
    for kind in Kind:
        if all(any(shelf.kind is kind for shelf in found) for found in fitting):
            return [_largest(shelf for shelf in found if shelf.kind is kind) for found in fitting]
    return [_largest(shelf for shelf in found if shelf.kind is found[0].kind) for found in fitting]


def _largest(found: Iterator[Shelf]) -> Shelf:
    return max(found, key=lambda shelf: len(shelf.paths))


def rows(shelf: Shelf, span: Span = Span()) -> pl.LazyFrame:  # noqa: B008  # a value, never changed
    """The rows of these days, in order of time; ArchiveError where there are none."""
    paths = [path for path in shelf.paths if _touches(path.stem, span)]
    if not paths:
        days = f"{shelf.paths[0].stem} to {shelf.paths[-1].stem}"
        raise ArchiveError(f"{shelf.name} has no prices of these days; it has {days}")
    frame = pl.scan_parquet(paths, extra_columns="ignore", missing_columns="insert")
    if shelf.kind is Kind.DAYS and span.first:
        frame = frame.filter(pl.col("ts") > _midnight(span.first))
    if shelf.kind is Kind.DAYS and span.last:
        frame = frame.filter(pl.col("ts") <= _midnight(span.last) + _DAY)
    return frame


def _touches(name: str, span: Span) -> bool:
    first, last = (day.isoformat()[: len(name)] if day else "" for day in (span.first, span.last))
    return first <= name and (not last or name <= last)


def _midnight(day: date) -> int:
    return (day - _EPOCH).days * _DAY


def prices(shelf: Shelf) -> Prices:
    """All prices, as `read_prices` gives those of a file; ArchiveError where they are damaged."""
    column = shelf.kind.price
    try:
        frame = rows(shelf).select("ts", column).collect()
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = str(error).splitlines()[0]
        raise ArchiveError(
            f"{shelf.name} cannot be read: {reason}; 'comove archive check' tells which file"
        ) from error
    frame = frame.sort("ts", maintain_order=True)
    ts, price = frame["ts"].to_numpy(), frame[column].to_numpy()
    if frame.is_empty() or not ((price > 0) & (price < float("inf"))).all():
        what = "no prices" if frame.is_empty() else "rows that are no price"
        raise ArchiveError(f"{shelf.name} has {what}; 'comove archive check' tells where")
    if shelf.kind is Kind.DAYS:
        # The midnight that ends the day, as of a file of daily bars.
        ts = ((ts - 1) // _DAY + 1) * _DAY
    return Prices(ts, price, _BARS[shelf.kind])


def export(shelf: Shelf, span: Span, out: Path) -> int:
    """Write one price file, CSV or Parquet by its name, that every command reads; the rows.

    Bars are stamped at their start, as readers take them to be unless told. Raises ArchiveError and
    OSError.
    """
    beside = out.with_name(f"{out.name}.new")
    try:
        shaped = _shaped(rows(shelf, span), shelf.kind)
        if out.suffix == ".parquet":
            shaped.sink_parquet(beside, compression="zstd")
            count = pl.scan_parquet(beside).select(pl.len()).collect().item()
        else:
            shaped.sink_csv(beside)
            count = pl.scan_csv(beside).select(pl.len()).collect().item()
    except pl.exceptions.PolarsError as error:
        beside.unlink(missing_ok=True)
        raise ArchiveError(f"{shelf.name} cannot be read: {str(error).splitlines()[0]}") from error
    beside.replace(out)
    return int(count)


_COLUMNS = {
    Kind.TICKS: ("ts", "price", "size", "bid", "ask", "id"),
    Kind.MINUTES: ("ts", "open", "high", "low", "close", "volume"),
    Kind.DAYS: ("date", "open", "high", "low", "close", "volume"),
}


def _shaped(frame: pl.LazyFrame, kind: Kind) -> pl.LazyFrame:
    stamped = _stamped(frame, kind)
    there = set(stamped.collect_schema().names())
    return stamped.select(name for name in _COLUMNS[kind] if name in there)


def _stamped(frame: pl.LazyFrame, kind: Kind) -> pl.LazyFrame:
    if kind is Kind.MINUTES:
        return frame.with_columns(pl.col("ts") - _MINUTE)
    days = (pl.col("ts") - 1) // _DAY
    return frame.with_columns(date=days.cast(pl.Int32).cast(pl.Date))


def day_from(text: str) -> date:
    """`2026-11-23`; ArchiveError says how it is written."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArchiveError(f"{text!r} is no day; write it as 2026-11-23") from None
