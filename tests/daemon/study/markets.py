"""Made-up price files with known answers."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from daemon.study.hours import DAY, sessions
from daemon.study.quality import Source
from daemon.study.study import Clock, Study, study
from streams.history.prices import Prices
from streams.instrument import NS
from streams.sessions import calendar

MINUTE = 60 * NS
MONDAY = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp()) * NS
"""Before New York's summer time begins, on the 8th."""

Floats = NDArray[np.float64]


def nyse_ends(days: int, bar: int = MINUTE) -> NDArray[np.int64]:
    """The ends of all bars in New York's sessions of so many calendar days."""
    found = sessions(calendar("NYSE"), MONDAY, MONDAY + days * DAY - 1)
    return np.concatenate([np.arange(s.start_ns + bar, s.end_ns + 1, bar) for s in found])


def all_ends(days: int, bar: int = MINUTE) -> NDArray[np.int64]:
    return np.arange(MONDAY + bar, MONDAY + days * DAY + 1, bar)


def linked(
    count: int, rho: float, *, lag: int = 0, seed: int = 0, volatility: float = 5e-4
) -> tuple[Floats, Floats]:
    """Two prices; y's returns follow x's by `lag` (x comes first where it is positive)."""
    rng = np.random.default_rng(seed)
    common = rng.standard_normal(count + 2 * abs(lag))
    own = rng.standard_normal((2, count))
    a, b = np.sqrt(rho), np.sqrt(1.0 - rho)
    start = abs(lag)
    rx = a * common[start : start + count] + b * own[0]
    ry = a * common[start - lag : start - lag + count] + b * own[1]
    return 100.0 * np.exp(volatility * rx.cumsum()), 200.0 * np.exp(volatility * ry.cumsum())


def bars_of(ts: NDArray[np.int64], price: Floats, bar: int = MINUTE) -> Prices:
    return Prices(ts, price, bar)


def pair(
    days: int = 12, rho: float = 0.5, *, lag: int = 0, seed: int = 0, late: int = 0
) -> tuple[Prices, Prices]:
    """x trades all day, y in New York's hours; x is stamped `late` bars too late."""
    ends = all_ends(days)
    x, y = linked(len(ends), rho, lag=lag, seed=seed)
    open_ = np.isin(ends, nyse_ends(days))
    return bars_of(ends + late * MINUTE, x), bars_of(ends[open_], y[open_])


def studied(x: Prices, y: Prices, clock: Clock | None = None) -> Study:
    return study(Source("ETH", "eth.csv", x), Source("IWM", "iwm.csv", y), clock)


def ticks(
    seconds: float, prices: Floats, rate: float, *, seed: int, start: int, delay: float = 0.0
) -> Prices:
    """Poisson ticks off a path of one price a tenth of a second, stamped `delay` seconds late."""
    rng = np.random.default_rng(seed)
    at = np.sort(rng.uniform(0.0, seconds, rng.poisson(rate * seconds)))
    place = np.minimum((at * 10).astype(np.int64), len(prices) - 1)
    ts = start + np.rint((at + delay) * 1e6).astype(np.int64) * 1000
    return Prices(ts, prices[place], 0)


def joined(parts: list[Prices]) -> Prices:
    return Prices(
        np.concatenate([part.ts for part in parts]),
        np.concatenate([part.price for part in parts]),
        parts[0].bar,
    )


def tick_pair(
    days: int, rho: float, *, lead: float = 0.0, seed: int = 0, hours: float = 2.0
) -> tuple[Prices, Prices]:
    """x at 1 tick a second leads y at one in 2 s by `lead` seconds, in the first hours of days."""
    seconds = 3600.0 * hours
    of_x, of_y = [], []
    for day in range(days):
        start = sessions(calendar("NYSE"), MONDAY, MONDAY + 40 * DAY)[day].start_ns
        count = int(seconds * 10)
        x, y = linked(count, rho, lag=round(lead * 10), seed=seed + 1000 * day, volatility=2e-5)
        of_x.append(ticks(seconds, x, 1.0, seed=seed + 7 * day + 1, start=start))
        of_y.append(ticks(seconds, y, 0.5, seed=seed + 7 * day + 2, start=start))
    return joined(of_x), joined(of_y)


def floored(prices: Prices, step: int) -> Prices:
    return msgspec.structs.replace(prices, ts=prices.ts // step * step)


def csv(path: Path, prices: Prices, *, candles: bool = False) -> Path:
    """Written as vendors do: bars stamped at their start, in seconds."""
    lines = ["timestamp,open,high,low,close" if candles else "timestamp,close"]
    for ts, price in zip((prices.ts - prices.bar) // NS, prices.price, strict=True):
        lines.append(",".join([str(ts), *[repr(float(price))] * (4 if candles else 1)]))
    path.write_text("\n".join(lines) + "\n")
    return path
