"""Price files: CSV or Parquet, ticks or bars, in whatever clock they were written."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from streams.instrument import NS

BarStamp = Literal["start", "end"]

_TIME_NAMES = ("datetime", "timestamp", "ts", "date", "time")
_PRICE_NAMES = ("close", "price", "last", "mid")
_HEADERLESS = ("ts", "open", "high", "low", "close", "volume")


class PriceFileError(Exception):
    """A price file that cannot be read; the text names the file, and the line if there is one."""

    def __init__(self, path: Path, message: str, line: int | None = None) -> None:
        place = f"{path}:{line}" if line else f"{path}"
        super().__init__(f"{place}: {message}")
        self.path = path
        self.line = line


class Prices(msgspec.Struct, frozen=True):
    """Prices in order of time: `ts` in ns UTC, bars stamped at their end; `bar` is their length.

    `bar` is 0 where the file holds ticks; `unordered` and `duplicates` count what was put right.
    """

    ts: NDArray[np.int64]
    price: NDArray[np.float64]
    bar: int
    unordered: int = 0
    duplicates: int = 0


def read_prices(path: Path, *, tz: str = "UTC", bar_stamp: BarStamp = "start") -> Prices:
    """Read a price file; PriceFileError says what is wrong with it and where."""
    frame = _read(path)
    if frame.is_empty():
        raise PriceFileError(path, "the file holds no prices")
    header = 0 if path.suffix == ".parquet" else _header_lines(frame, path)
    time_column = _find(frame, _TIME_NAMES, "time", path)
    price_column = _find(frame, _PRICE_NAMES, "price", path)
    ts = _times(frame[time_column], ZoneInfo(tz), path, header)
    price = _numbers(frame[price_column], path, header)
    return _ordered(ts, price, bar_stamp)


def _header_lines(frame: pl.DataFrame, path: Path) -> int:
    return 1 if tuple(frame.columns[:5]) != _HEADERLESS[:5] or _has_header(path) else 0


def _has_header(path: Path) -> bool:
    with path.open("rb") as file:
        first = file.readline(4096).split(b",")[0].strip()
    try:
        float(first)
    except ValueError:
        return True
    return False


def _read(path: Path) -> pl.DataFrame:
    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        if path.stat().st_size == 0:
            raise PriceFileError(path, "the file is empty")
        headed = _has_header(path)
        frame = pl.read_csv(path, has_header=headed, infer_schema=False)
    except OSError as error:
        raise PriceFileError(path, error.strerror or "cannot be read") from error
    except pl.exceptions.PolarsError as error:
        raise PriceFileError(path, f"not a table: {str(error).splitlines()[0]}") from error
    return frame if headed else _name_columns(frame, path)


def _name_columns(frame: pl.DataFrame, path: Path) -> pl.DataFrame:
    if len(frame.columns) < 5:
        raise PriceFileError(
            path, "without a header a file needs epoch, open, high, low, close, in that order", 1
        )
    return frame.rename(dict(zip(frame.columns, _HEADERLESS, strict=False)))


def _find(frame: pl.DataFrame, names: tuple[str, ...], what: str, path: Path) -> str:
    present = {column.lower(): column for column in frame.columns}
    for name in names:
        if name in present:
            return present[name]
    raise PriceFileError(
        path,
        f"no {what} column: one of {', '.join(names)} is needed, "
        f"the file has {', '.join(frame.columns)}",
        1,
    )


def _numbers(column: pl.Series, path: Path, header: int) -> NDArray[np.float64]:
    numbers = column.cast(pl.Float64, strict=False)
    good = numbers.is_finite().fill_null(value=False) & (numbers > 0).fill_null(value=False)
    _refuse_first(good, column, "not a price", path, header)
    return numbers.to_numpy()


def _refuse_first(good: pl.Series, column: pl.Series, what: str, path: Path, header: int) -> None:
    if not good.all():
        row = int(good.arg_min() or 0)
        raise PriceFileError(path, f"{what}: {column[row]!r}", row + 1 + header)


def _times(column: pl.Series, tz: ZoneInfo, path: Path, header: int) -> NDArray[np.int64]:
    if column.dtype.is_temporal():
        return _from_temporal(column, tz)
    numbers = column.cast(pl.Float64, strict=False)
    if numbers.null_count() <= len(numbers) / 2:
        finite = numbers.is_finite().fill_null(value=False)
        _refuse_first(finite, column, "not a time", path, header)
        return _from_epoch(column, numbers)
    text = column.cast(pl.String)
    parsed = [_from_text(cell, tz) for cell in text]
    good = pl.Series([ts is not None for ts in parsed])
    _refuse_first(good, text, "not a time", path, header)
    return np.array(parsed, np.int64)


def _from_temporal(column: pl.Series, tz: ZoneInfo) -> NDArray[np.int64]:
    stamps = column.cast(pl.Datetime("ns")) if column.dtype == pl.Date else column
    zone = getattr(stamps.dtype, "time_zone", None)
    if zone is None:
        stamps = stamps.dt.replace_time_zone(str(tz), ambiguous="earliest")
    ns: NDArray[np.int64] = stamps.dt.epoch("ns").to_numpy()
    return ns


def _from_epoch(column: pl.Series, numbers: pl.Series) -> NDArray[np.int64]:
    """Seconds, ms, µs or ns, told by their size."""
    size = float(np.abs(numbers.to_numpy()).max())
    factor = next((f for limit, f in ((1e11, NS), (1e14, 10**6), (1e17, 1000)) if size < limit), 1)
    whole = column.cast(pl.Int64, strict=False)
    if not whole.is_null().any():
        return np.asarray(whole.to_numpy() * factor, np.int64)
    # A float of so many seconds is no finer than 0.2 µs: what is written is taken digit by digit.
    digits = column.cast(pl.String)
    return np.array([round(Decimal(cell) * factor) for cell in digits], np.int64)


def _from_text(cell: str | None, tz: ZoneInfo) -> int | None:
    try:
        moment = datetime.fromisoformat((cell or "").strip())
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=tz)
    whole = int(moment.replace(microsecond=0).astimezone(UTC).timestamp())
    return whole * NS + moment.microsecond * 1000


def _ordered(ts: NDArray[np.int64], price: NDArray[np.float64], bar_stamp: BarStamp) -> Prices:
    unordered = int((np.diff(ts) < 0).sum())
    order = np.argsort(ts, kind="stable")
    ts, price = ts[order], price[order]
    last = np.append(np.diff(ts) > 0, [True]) if len(ts) else np.zeros(0, bool)
    duplicates = len(ts) - int(last.sum())
    bar = _bar_length(ts[last])
    if bar:
        # The last row of a repeated bar is the one its vendor corrected.
        ts, price = ts[last], price[last]
    shift = bar if bar_stamp == "start" else 0
    return Prices(ts + shift, price, bar, unordered, duplicates if bar else 0)


def _bar_length(ts: NDArray[np.int64]) -> int:
    """The step that nearly all differences are a multiple of, in whole seconds; 0 for ticks."""
    if len(ts) < 3:
        return 0
    steps = np.diff(ts)
    values, counts = np.unique(steps, return_counts=True)
    step = int(values[counts.argmax()])
    if step < NS or step % NS:
        return 0
    return step if float((steps % step == 0).mean()) > 0.9 else 0
