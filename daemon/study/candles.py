"""The candles of a price file, of which only the closes are prices to the rest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

_CANDLE = ("open", "high", "low", "close")


def flat_share(path: Path) -> float | None:
    """The share of a file's bars with open = high = low = close; None where it has no candles.

    The file must be one that `read_prices` can read.
    """
    parquet = path.suffix == ".parquet"
    frame = pl.read_parquet(path) if parquet else pl.read_csv(path, infer_schema=False)
    columns = {column.lower(): column for column in frame.columns}
    if any(name not in columns for name in _CANDLE) or frame.is_empty():
        return None
    opened, high, low, close = (_numbers(frame[columns[name]]) for name in _CANDLE)
    return float(((opened == high) & (high == low) & (low == close)).mean())


def _numbers(column: pl.Series) -> NDArray[np.float64]:
    numbers: NDArray[np.float64] = column.cast(pl.Float64, strict=False).to_numpy()
    return numbers
