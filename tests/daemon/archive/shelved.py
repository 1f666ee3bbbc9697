"""A small archive, as the daemon makes one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from streams.history.tick_file import TickFile
from streams.instrument import NS
from streams.sessions import calendar
from streams.tick import Tick

DAY = 86_400 * NS
MINUTE = 60 * NS
MONDAY = date(2026, 11, 16)
WEEK = [MONDAY + timedelta(days=n) for n in range(5)]


def midnight(day: date) -> int:
    return (day - date(1970, 1, 1)).days * DAY


def close_of(day: date) -> int:
    """16:00 in New York, in winter."""
    return midnight(day) + 21 * 3600 * NS


def walk(count: int, seed: int, price: float, size: float = 1e-3) -> list[float]:
    steps = np.random.default_rng(seed).normal(0, size, count)
    prices: list[float] = (price * np.exp(np.cumsum(steps))).tolist()
    return prices


def minutes(folder: Path, name: str, days: Sequence[date], seed: int = 1) -> Path:
    """Bars of the regular sessions, in `NAME/VENUE`."""
    for day in days:
        session = calendar("NYSE").session(midnight(day) + 18 * 3600 * NS)
        ts = list(range(session.start_ns + MINUTE, session.end_ns + 1, MINUTE))
        closes = walk(len(ts), seed + day.toordinal(), 100.0)
        _write(folder / name / "1m" / f"{day}.parquet", ts, closes)
    return folder / name / "1m"


def closes(folder: Path, name: str, days: Sequence[date], seed: int = 1) -> Path:
    """Closes of New York, in `NAME/VENUE`."""
    stamps, prices = [close_of(day) for day in days], walk(len(days), seed, 100.0, 0.02)
    for year in {day.year for day in days}:
        here = [n for n, day in enumerate(days) if day.year == year]
        path = folder / name / "1d" / f"{year}.parquet"
        _write(path, [stamps[n] for n in here], [prices[n] for n in here])
    return folder / name / "1d"


def ticks(folder: Path, name: str, days: Sequence[date], count: int = 5) -> Path:
    """Trades in the middle of the day, in `NAME/VENUE`."""
    for day in days:
        path = folder / name / f"{day}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        file = TickFile(path)
        for n in range(count):
            ts = midnight(day) + 18 * 3600 * NS + n * n * NS + n
            file.append(Tick("trade", "v", "s", 100.0 + n, 1.0, None, None, ts, ts + 5, n))
        file.finish()
    return folder / name


def _write(path: Path, ts: Sequence[int], closes: Sequence[float]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame({"ts": ts, "close": closes, "symbol": ["s"] * len(ts)}).write_parquet(path)
