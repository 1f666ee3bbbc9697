"""Pearson's correlation over a window, a bar at a time: ours and what others offer, in turns."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module, util
from math import nan, sqrt
from statistics import fmean
from time import perf_counter_ns
from typing import Any

import numpy as np
import polars as pl

from streams.estimators.pearson import Pearson, moments
from tests.benchmarks.figures import Figure, at_least, at_most
from tests.benchmarks.signal.ticks import Floats

WINDOW = 390
OURS = "ours, the correlation alone"
RIVER = "river Rolling(PearsonCorr)"
Bar = Callable[[int, float, float], float]
"""Number and returns of a bar to the correlation over the last `WINDOW`."""


def peer_costs(returns: Floats, bars: int) -> tuple[list[Figure], tuple[str, ...]]:
    """Mean µs a bar, the figure after it included, and how many times ours; then what was left out.

    A mean, since ours pays for many bars at one: a median would not see it.
    """
    ways, absent = _ways(returns)
    rows = returns[: WINDOW + bars].tolist()
    taken: dict[str, list[float]] = {name: [] for name in ways}
    found = dict.fromkeys(ways, nan)
    for bar, (x, y) in enumerate(rows):
        for name, way in ways.items():
            began = perf_counter_ns()
            found[name] = way(bar, x, y)
            taken[name].append((perf_counter_ns() - began) / 1000)
    return _figures(taken, found), absent


def _figures(taken: dict[str, list[float]], found: dict[str, float]) -> list[Figure]:
    cost = {name: fmean(each[WINDOW:]) for name, each in taken.items()}
    figures = []
    for name, each in cost.items():
        title = f"correlation over {WINDOW} bars: {name}"
        ratio = "" if name == OURS else f"{each / cost[OURS]:.2g} times ours"
        figures.append(Figure(title, each, "µs a bar", note=ratio))
    if RIVER in cost:
        title = f"correlation over {WINDOW} bars: river beside ours"
        figures.append(Figure(title, cost[RIVER] / cost[OURS], "times", at_least(1)))
    error = max(abs(each - found[OURS]) for each in found.values())
    figures.append(Figure("largest difference between them", error, "at the end", at_most(1e-9)))
    return figures


def _ways(returns: Floats) -> tuple[dict[str, Bar], tuple[str, ...]]:
    x, y = np.ascontiguousarray(returns[:, 0]), np.ascontiguousarray(returns[:, 1])
    ways: dict[str, Bar] = {
        OURS: _ours(),
        "ours, value() with its 95 % interval": _with_interval(),
        "numpy corrcoef, anew": _numpy(x, y),
        "polars corr, anew": _polars(x, y),
    }
    absent = []
    peers = (("river", _river), ("wickra", _wickra), ("pandas", _pandas(x, y)))
    for name, make in peers:
        if util.find_spec(name) is None:
            absent.append(f"{name} is not installed: it was not timed.")
        else:
            ways.update(make())
    return ways, tuple(absent)


def _last(column: Any, bar: int) -> Any:
    """The window that ends with a bar, at least two bars long."""
    return column[max(0, bar + 1 - WINDOW) : max(bar + 1, 2)]


def _ours() -> Bar:
    pearson = Pearson(WINDOW)

    def bar(at: int, x: float, y: float) -> float:
        pearson.update(x, y)
        if at == 0:
            return nan
        _, _, xx, yy, xy = moments(pearson.state, WINDOW)
        return xy / sqrt(xx * yy)

    return bar


def _with_interval() -> Bar:
    pearson = Pearson(WINDOW)

    def bar(_: int, x: float, y: float) -> float:
        pearson.update(x, y)
        found = pearson.value().value
        return nan if found is None else float(found)

    return bar


def _numpy(x: Floats, y: Floats) -> Bar:
    return lambda at, _, __: float(np.corrcoef(_last(x, at), _last(y, at))[0, 1])


def _polars(x: Floats, y: Floats) -> Bar:
    frame = pl.DataFrame({"x": x, "y": y})
    corr = pl.corr("x", "y")
    return lambda at, _, __: float(_last(frame, at).select(corr).item())


def _pandas(x: Floats, y: Floats) -> Callable[[], dict[str, Bar]]:
    def make() -> dict[str, Bar]:
        series = import_module("pandas").Series
        sx, sy = series(x), series(y)
        return {
            "pandas Series.corr, anew": lambda at, _, __: float(_last(sx, at).corr(_last(sy, at)))
        }

    return make


def _river() -> dict[str, Bar]:
    stats, utils = import_module("river.stats"), import_module("river.utils")
    rolling = utils.Rolling(stats.PearsonCorr, window_size=WINDOW)

    def bar(_: int, x: float, y: float) -> float:
        rolling.update(x, y)
        return float(rolling.get())

    return {RIVER: bar}


def _wickra() -> dict[str, Bar]:
    rolling = import_module("wickra").PearsonCorrelation(WINDOW)

    def bar(_: int, x: float, y: float) -> float:
        found = rolling.update(x, y)
        return nan if found is None else float(found)

    return {"wickra PearsonCorrelation, in Rust": bar}
