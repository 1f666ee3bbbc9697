"""Files of a figure a day, as the Federal Reserve's database exports them: date, value."""

from __future__ import annotations

from datetime import date
from math import isfinite
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from streams.history.prices import PriceFileError

_EPOCH = date(1970, 1, 1).toordinal()
_DATES = ("observation_date", "date")
_HOLIDAY = {"", "."}


class Series(msgspec.Struct, frozen=True):
    """Values by day (since 1970-01-01), in order; days without a value are left out."""

    days: NDArray[np.int64]
    values: NDArray[np.float64]


def read_series(path: Path, name: str) -> Series:
    """The column called `name`, `value` or `close`, else the last; PriceFileError says what ails.

    Empty cells and '.' are holidays.
    """
    frame = _table(path)
    columns = {column.lower(): column for column in frame.columns}
    dated = next((columns[key] for key in _DATES if key in columns), None)
    if dated is None:
        raise PriceFileError(path, "no column 'date' or 'observation_date'", 1)
    wanted = (name.lower(), "value", "close")
    valued = next((columns[key] for key in wanted if key in columns), frame.columns[-1])
    days: dict[int, float] = {}
    for line, (day, cell) in enumerate(zip(frame[dated], frame[valued], strict=True), start=2):
        if (cell or "").strip() not in _HOLIDAY:
            days[_day(path, line, day)] = _value(path, line, cell)
    if not days:
        raise PriceFileError(path, "the file holds no values")
    order = sorted(days)
    return Series(np.array(order, np.int64), np.array([days[day] for day in order]))


def _table(path: Path) -> pl.DataFrame:
    try:
        return pl.read_csv(path, infer_schema=False)
    except OSError as error:
        raise PriceFileError(path, error.strerror or "cannot be read") from error
    except pl.exceptions.PolarsError as error:
        raise PriceFileError(path, f"not a table: {str(error).splitlines()[0]}") from error


def _day(path: Path, line: int, cell: str | None) -> int:
    try:
        return date.fromisoformat((cell or "").strip()[:10]).toordinal() - _EPOCH
    except ValueError:
        raise PriceFileError(path, f"not a date: {cell!r}", line) from None


def _value(path: Path, line: int, cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        raise PriceFileError(path, f"not a figure: {cell!r}", line) from None
    if not isfinite(value):
        raise PriceFileError(path, f"not a figure: {cell!r}", line)
    return value
