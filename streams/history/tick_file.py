"""Ticks on their way into a price file, however many a day has: in parts, and then as one.

Each part is sorted when it is laid down beside the file; what came in its last minute waits for the
next one, since venues' times step back and forth. A tick that is there already, by id, time and
price, is left out: several recordings of a day may hold it. Heavy, in need of polars: for a worker.
"""

from __future__ import annotations

from array import array
from math import nan
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from streams.instrument import NS
from streams.tick import Tick

if TYPE_CHECKING:
    import polars as pl

PART = 250_000
"""Ticks, of some 100 bytes each while they wait."""
_LATE = 60 * NS


class TickFile:
    """A price file being made: `ts` is the venue's time, or receipt where it gives none."""

    def __init__(self, path: Path, *, part: int = PART) -> None:
        self._path = path
        self._parts = path.with_suffix(".parts")
        self._size = part
        self._count = 0
        self._last = 0
        """The newest `ts` that is laid down."""
        self._ordered = True
        self._waiting: pl.DataFrame | None = None
        self._seen: list[NDArray[np.uint64]] = []
        """What is laid down of ticks with an id, each hashed, in order."""
        self._begin()

    def _begin(self) -> None:
        self._ts, self._ts_recv = array("q"), array("q")
        self._price, self._size_of = array("d"), array("d")
        self._bid, self._ask = array("d"), array("d")
        self._id: list[str | None] = []

    def append(self, tick: Tick[float]) -> None:
        """Take a tick."""
        self._ts.append(tick.ts_recv if tick.ts_event is None else tick.ts_event)
        self._ts_recv.append(tick.ts_recv)
        self._price.append(tick.price)
        self._size_of.append(nan if tick.size is None else tick.size)
        self._bid.append(nan if tick.bid is None else tick.bid)
        self._ask.append(nan if tick.ask is None else tick.ask)
        self._id.append(None if tick.id is None else str(tick.id))
        if len(self._ts) >= self._size:
            self._lay_down()

    def finish(self) -> None:
        """Put the file in its place. Raises OSError; what is there then is as it was."""
        import polars as pl  # noqa: PLC0415  # heavy: only where a day is archived

        self._lay_down(last=True)
        beside = self._path.with_suffix(".new")
        whole = pl.scan_parquet([self._part(n) for n in range(self._count)])
        if not self._ordered:
            whole = whole.sort("ts", maintain_order=True)
        whole.sink_parquet(beside, compression="zstd", row_group_size=PART)
        beside.replace(self._path)
        self.discard()

    def discard(self) -> None:
        """Leave nothing behind but the file."""
        rmtree(self._parts, ignore_errors=True)

    def _part(self, number: int) -> Path:
        return self._parts / f"{number:04}.parquet"

    def _lay_down(self, *, last: bool = False) -> None:
        import polars as pl  # noqa: PLC0415  # heavy: only where a day is archived

        frame = self._frame()
        if self._waiting is not None:
            frame = pl.concat([self._waiting, frame])
        frame = frame.sort("ts", maintain_order=True)
        hashes = frame.select(pl.struct("id", "ts", "price").hash()).to_series()
        new = frame["id"].is_null() | (hashes.is_first_distinct() & ~self._known(hashes))
        frame, hashes = frame.filter(new), hashes.filter(new)
        if not last and len(frame):
            self._waiting = frame.filter(pl.col("ts") > frame["ts"][-1] - _LATE)
            rest = len(frame) - len(self._waiting)
            frame, hashes = frame.head(rest), hashes.head(rest)
        self._write(frame, hashes)

    def _frame(self) -> pl.DataFrame:
        import polars as pl  # noqa: PLC0415  # heavy: only where a day is archived

        numbers: dict[str, array[int] | array[float]] = {
            "ts": self._ts,
            "price": self._price,
            "size": self._size_of,
            "bid": self._bid,
            "ask": self._ask,
            "ts_recv": self._ts_recv,
        }
        columns = {name: np.frombuffer(column, column.typecode) for name, column in numbers.items()}
        ids = pl.Series("id", self._id, dtype=pl.String)
        frame = (
            pl.DataFrame(columns)
            .with_columns(ids)
            .with_columns(pl.col("size", "bid", "ask").fill_nan(None))
        )
        self._begin()
        return frame

    def _known(self, hashes: pl.Series) -> pl.Series:
        import polars as pl  # noqa: PLC0415  # heavy: only where a day is archived

        values = hashes.to_numpy()
        known = np.zeros(len(values), bool)
        for seen in self._seen:
            place = np.minimum(np.searchsorted(seen, values), len(seen) - 1)
            known |= seen[place] == values
        return pl.Series(known)

    def _write(self, frame: pl.DataFrame, hashes: pl.Series) -> None:
        if len(frame):
            self._ordered &= int(frame["ts"][0]) >= self._last
            self._last = max(self._last, int(frame["ts"][-1]))
            self._seen.append(np.sort(hashes.filter(frame["id"].is_not_null()).to_numpy()))
            self._seen = [seen for seen in self._seen if len(seen)]
        if len(frame) or not self._count:
            if not self._count:
                self.discard()
                self._parts.mkdir(parents=True)
            frame.write_parquet(self._part(self._count), compression="zstd")
            self._count += 1
