"""Bars on the disk, as price files: Parquet, a day of minutes or a year of closes each.

    ETH/coinbase/1m/2026-11-23.parquet
    IWM/alpaca-sip/1d/2026.parquet

Columns: `ts` (the END of the bar, or the instant of the close; ns UTC), `close`, those of open,
high, low and volume that the venue gives, and `symbol`, the venue's name of what it is. A file is
written whole or not at all. All of this is heavy, in need of polars: for a worker.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from streams.history.backfill.source import Bar

if TYPE_CHECKING:
    import polars as pl

Price = tuple[int, float]
"""An instant (ns UTC) and a price."""

_OPTIONAL = ("open", "high", "low", "volume")


def read(folder: Path, names: Sequence[str], symbol: str) -> dict[str, list[Price]]:
    """The closes in those files that are there, readable, and of that symbol."""
    found = {name: _read(folder / f"{name}.parquet", symbol) for name in names}
    return {name: prices for name, prices in found.items() if prices}


def _read(path: Path, symbol: str) -> list[Price]:
    frame = _sound(path, symbol)
    return [] if frame is None else list(frame.select("ts", "close").iter_rows())


def _sound(path: Path, symbol: str) -> pl.DataFrame | None:
    """What the file has of the symbol; None where there is nothing, or any of it is damaged.

    Such a day is asked for again.
    """
    import polars as pl  # noqa: PLC0415  # heavy: in the worker alone

    if not path.exists():
        return None
    try:
        mine = pl.read_parquet(path).filter(pl.col("symbol") == symbol).sort("ts")
        stamped = mine["ts"].dtype == pl.Int64 and mine["ts"].null_count() == 0
        price = mine["close"].fill_null(0.0)
        priced = bool((price.is_finite() & (price > 0.0)).all())
    except (OSError, pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None
    return mine if stamped and priced and len(mine) else None


def write(folder: Path, files: Mapping[str, Sequence[Bar]], symbol: str) -> None:
    """Put each in its place, one after the other."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, bars in files.items():
        _write(folder / f"{name}.parquet", bars, symbol)


def add(folder: Path, files: Mapping[str, Sequence[Bar]], symbol: str) -> None:
    """The same, with the bars that a file of this symbol has already; of two, the new one stays."""
    write(
        folder,
        {name: _joined(folder / f"{name}.parquet", bars, symbol) for name, bars in files.items()},
        symbol,
    )


def _joined(path: Path, bars: Sequence[Bar], symbol: str) -> list[Bar]:
    held: dict[int, Bar] = {}
    frame = _sound(path, symbol)
    if frame is not None:
        rows = frame.drop("symbol").iter_rows(named=True)
        held = {row["ts"]: Bar(**row) for row in rows}
    held |= {one.ts: one for one in bars}
    return [held[ts] for ts in sorted(held)]


def _write(path: Path, bars: Sequence[Bar], symbol: str) -> None:
    import polars as pl  # noqa: PLC0415  # heavy: in the worker alone

    columns: dict[str, pl.Series] = {
        "ts": pl.Series([one.ts for one in bars], dtype=pl.Int64),
        "close": pl.Series([one.close for one in bars], dtype=pl.Float64),
    }
    for name in _OPTIONAL:
        values = [getattr(one, name) for one in bars]
        if any(value is not None for value in values):
            columns[name] = pl.Series(values, dtype=pl.Float64)
    columns["symbol"] = pl.Series([symbol] * len(bars), dtype=pl.String)
    beside = path.with_suffix(".new")
    with beside.open("wb") as file:
        pl.DataFrame(columns).write_parquet(file, compression="zstd")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
