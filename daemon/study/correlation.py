"""Correlation of two files' returns: whole, by window, by length of return, by day, hour, year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from math import inf, sqrt

import msgspec
import numpy as np

from daemon.study.aligned import Aligned, Floats, Ints, Returns, returns
from daemon.texts import new_york
from streams.estimators.hayashi_yoshida import HayashiYoshida
from streams.estimators.interval import Squares, correlation_reading
from streams.history.prices import Prices
from streams.instrument import NS
from streams.metric import duration_text
from streams.sampling import Thinning
from streams.snapshot import Reading

WHOLE = "all"
_MIN = 10
_FLAT = 1e-12
_POINTS = 400
"""Points of the curve over time, about."""

_INTRADAY = (3600, 86_400, 5 * 86_400, 20 * 86_400)
_DAILY = (20, 60, 250)
_MULTIPLES = (1, 5, 15, 30, 60)
_THINNED = 5 * NS


class Window(msgspec.Struct, frozen=True):
    """Correlation over a window: the last one of the file, and the range over the file."""

    name: str
    bars: int
    latest: Reading
    lowest: float | None = None
    median: float | None = None
    highest: float | None = None


class Curve(msgspec.Struct, frozen=True):
    """Correlation over a sliding window, at places of the grid."""

    window: str
    at: Ints
    readings: tuple[Reading, ...]


def pearson(x: Floats, y: Floats) -> Reading:
    """Correlation with its 95 % interval: what `streams.estimators.pearson` gives, over arrays.

    >>> r = np.array([0.0, 1.0, 2.0] * 5)
    >>> f"{pearson(r, 2 * r).value:.2f}"
    '1.00'
    """
    n = len(x)
    if n < _MIN:
        return Reading(None, f"only {n} returns", n=n)
    dx, dy = x - x.mean(), y - y.mean()
    xx, yy = float(dx @ dx), float(dy @ dy)
    if xx <= _FLAT * float(x @ x) or yy <= _FLAT * float(y @ y):
        return Reading(None, "constant", n=n)
    part = dx * dy / sqrt(xx * yy)
    squares = Squares.of(part, dx * dx / xx, dy * dy / yy)
    return correlation_reading(float(part.sum()), squares, n=n)


def whole(found: Returns, x: Prices, y: Prices) -> Reading:
    """Over all that both files hold: of ticks Hayashi-Yoshida, else Pearson on bars."""
    if x.bar or y.bar:
        return pearson(found.x, found.y)
    return hayashi_yoshida(x, y, found)


def hayashi_yoshida(x: Prices, y: Prices, within: Returns) -> Reading:
    """On ticks thinned to 5 s, in the sessions of `within`, all weighted alike."""
    estimator = HayashiYoshida(inf)
    for start, end in _spans(within):
        estimator.break_()
        for ts, log_x, log_y in _merged(x, y, start, end):
            seconds = ts / NS
            if log_x is None:
                estimator.y_tick(seconds, log_y or 0.0)
            elif log_y is None:
                estimator.x_tick(seconds, log_x)
            else:
                estimator.both_tick(seconds, log_x, log_y)
    return estimator.value()


def _spans(within: Returns) -> Iterator[tuple[int, int]]:
    starts = np.flatnonzero(np.diff(within.session, prepend=-1))
    for first, last in zip(starts, [*starts[1:], len(within.ts)], strict=True):
        yield int(within.ts[first]), int(within.ts[last - 1])


def _thinned(prices: Prices, start: int, end: int) -> dict[int, float]:
    first, last = np.searchsorted(prices.ts, [start, end + 1])
    stamps = prices.ts[first:last].tolist()
    logs = np.log(prices.price[first:last]).tolist()
    thin = Thinning(_THINNED)
    return {ts: log for ts, log in zip(stamps, logs, strict=True) if thin.keep(ts)}


def _merged(
    x: Prices, y: Prices, start: int, end: int
) -> Iterator[tuple[int, float | None, float | None]]:
    of_x, of_y = _thinned(x, start, end), _thinned(y, start, end)
    for ts in sorted(of_x.keys() | of_y.keys()):
        yield ts, of_x.get(ts), of_y.get(ts)


def windows(aligned: Aligned, found: Returns) -> list[Window]:
    """The usual windows, as far as the files fill them."""
    counts = {name: bars for name, bars in _window_bars(aligned).items() if bars >= _MIN}
    return [_window(found, name, bars) for name, bars in counts.items() if bars <= len(found.x)]


def _window_bars(aligned: Aligned) -> dict[str, int]:
    if aligned.daily:
        return {f"{days}d": days for days in _DAILY}
    a_day = aligned.bars_a_session
    return {
        duration_text(seconds): seconds // 86_400 * a_day or seconds * NS // aligned.bar
        for seconds in _INTRADAY
    }


def _window(found: Returns, name: str, bars: int) -> Window:
    values = [r.value for r in slide(found, name, bars).readings if r.value is not None]
    latest = pearson(found.x[-bars:], found.y[-bars:])
    if not values:
        return Window(name, bars, latest)
    low, middle, high = (float(v) for v in np.quantile(values, (0.0, 0.5, 1.0)))
    return Window(name, bars, latest, low, middle, high)


def slide(found: Returns, name: str, bars: int) -> Curve:
    """Correlation over a window of `bars`, at a few hundred places, the last among them."""
    step = max((len(found.x) - bars) // _POINTS, 1)
    ends = np.arange(len(found.x), bars - 1, -step)[::-1]
    readings = tuple(pearson(found.x[e - bars : e], found.y[e - bars : e]) for e in ends)
    return Curve(name, found.at[ends - 1], readings)


def curve(aligned: Aligned, found: Returns) -> Curve:
    """For the eye: over 60 days, or hours enough to hold 60 bars; as far as the file goes."""
    usual = {name: bars for name, bars in _window_bars(aligned).items() if bars >= 60}
    name, bars = next(iter(usual.items()), ("60 bars", 60))
    if bars > len(found.x) // 2:
        bars = max(len(found.x) // 2, _MIN)
        name = f"{bars} bars"
    return slide(found, name, bars)


def by_interval(aligned: Aligned) -> dict[str, Reading]:
    """Of returns over one bar, and over several that do not overlap."""
    found: dict[str, Reading] = {}
    for multiple in _MULTIPLES:
        if not aligned.daily and multiple > aligned.bars_a_session // 3:
            break
        thinned = _every(aligned, multiple)
        reading = pearson(thinned.x, thinned.y)
        if reading.value is not None:
            found[duration_text(aligned.bar * multiple / NS)] = reading
    return found


def _every(aligned: Aligned, multiple: int) -> Returns:
    _, since, number = np.unique(aligned.session, return_index=True, return_inverse=True)
    place = np.arange(len(aligned.ts)) - since[number]
    kept = place % multiple == 0
    return returns(
        msgspec.structs.replace(
            aligned,
            ts=aligned.ts[kept],
            x=aligned.x[kept],
            y=aligned.y[kept],
            session=aligned.session[kept],
        )
    )


def by_day(found: Returns) -> dict[str, Reading]:
    """By date in New York, of returns within days."""
    return _grouped(found, [new_york(int(ts) - 1, "%Y-%m-%d") for ts in found.ts])


def by_hour(found: Returns) -> dict[str, Reading]:
    """By New York's hour in which the returns end, of returns within days."""
    return _grouped(found, [new_york(int(ts) - 1, "%H:00") for ts in found.ts])


def by_year(found: Returns) -> dict[str, Reading]:
    """By year, of returns of days."""
    years = [datetime.fromtimestamp((int(ts) - 1) // NS, UTC).strftime("%Y") for ts in found.ts]
    return _grouped(found, years)


def _grouped(found: Returns, keys: list[str]) -> dict[str, Reading]:
    labels = np.array(keys)
    return {
        str(key): pearson(found.x[labels == key], found.y[labels == key])
        for key in np.unique(labels)
    }
