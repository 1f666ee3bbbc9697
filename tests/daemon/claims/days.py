"""Made-up daily closes and rates with known answers."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from daemon.claims.data import Data
from daemon.study.hours import DAY
from daemon.study.quality import Source
from streams.context.series import Series
from streams.history.prices import Prices

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_EPOCH = date(1970, 1, 1).toordinal()
FIRST = date(2023, 1, 2)
"""A Monday."""


def day_of(text: str) -> int:
    return date.fromisoformat(text).toordinal() - _EPOCH


def weekdays(count: int, first: date = FIRST) -> Ints:
    start = first.toordinal() - _EPOCH
    days = np.arange(start, start + 2 * count + 7)
    return days[(days + 3) % 7 < 5][:count]


def correlated(count: int, rho: float, seed: int = 0) -> tuple[Floats, Floats]:
    """Returns of 1 % a day."""
    rng = np.random.default_rng(seed)
    a, b = rng.standard_normal((2, count))
    return 0.01 * a, 0.01 * (rho * a + np.sqrt(1.0 - rho * rho) * b)


def closes(name: str, days: Ints, returns: Floats, file: str = "") -> Source:
    """A file stamped at midnight, as vendors do; the first close has no return of its own."""
    price = 100.0 * np.exp(np.concatenate([[0.0], returns[1:].cumsum()]))
    return Source(name, file or f"{name}.csv", Prices((days + 1) * DAY, price, DAY))


def pair(rho: float = 0.5, count: int = 600, seed: int = 0) -> Data:
    days = weekdays(count)
    eth, iwm = correlated(count, rho, seed)
    return data(closes("ETH", days, eth), closes("IWM", days, iwm))


def data(*sources: Source, **series: Series) -> Data:
    by_symbol: dict[str, list[Source]] = {}
    for source in sources:
        by_symbol.setdefault(source.name, []).append(source)
    return Data(by_symbol, series)


def csv(path: Path, days: Ints, values: Floats, column: str) -> Path:
    lines = [f"date,{column}"]
    lines += [
        f"{date.fromordinal(int(day) + _EPOCH)},{value!r}"
        for day, value in zip(days, values.tolist(), strict=True)
    ]
    path.write_text("\n".join(lines) + "\n")
    return path
