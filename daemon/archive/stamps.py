"""The instants in a file of closes, as far as they can be believed."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from daemon.archive.completeness import day_of

POLARS = (pl.exceptions.PolarsError, pl.exceptions.PanicException)
"""What reading a damaged file raises."""


def stamps_of(path: Path, frame: pl.DataFrame) -> list[int]:
    """Those (ns UTC) of the year that the file is of: one far off would say that decades lack."""
    ts = frame["ts"]
    if not ts.dtype.is_integer():
        return []
    return [each for each in ts.drop_nulls().to_list() if of_year(path, each)]


def of_year(path: Path, ts: int) -> bool:
    """Whether a close at `ts` belongs into the file."""
    return day_of(ts).startswith(path.stem)
