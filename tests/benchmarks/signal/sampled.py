"""The estimators of a correlation that B1 compares: ticks of two legs in, a figure out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import inf, sqrt

import numpy as np
from numpy.typing import NDArray

from streams.estimators.compiled import compiled, merge, run_hayashi_yoshida, run_thinning
from streams.estimators.decay import rate
from streams.estimators.hayashi_yoshida import totals
from tests.benchmarks.signal.ticks import Floats, Leg

THIN = 5 * 10**9
THINNED = "thinned HY"


def grid_returns(leg: Leg, grid: Floats) -> Floats:
    """Returns between the instants of a grid, each price the last before."""
    t, price = leg
    return np.diff(price[np.searchsorted(t, grid, side="right") - 1])


def instants(x: Leg, y: Leg, step: float) -> Floats:
    """The multiples of `step` at which both legs have a price."""
    begin, end = max(x[0][0], y[0][0]), max(x[0][-1], y[0][-1])
    return step * np.arange(np.ceil(begin / step), np.floor(end / step) + 1.0)


def previous_tick(x: Leg, y: Leg, step: float) -> float:
    """Pearson's on a grid."""
    grid = instants(x, y, step)
    return float(np.corrcoef(grid_returns(x, grid), grid_returns(y, grid))[0, 1])


def raw_hy(x: Leg, y: Leg) -> float:
    """Ours on every tick, nothing forgotten."""
    state = run_hayashi_yoshida(merge(*x, *y), inf)
    c, vx, vy = totals(state.tolist(), rate(inf))
    return c / sqrt(vx * vy)


def thin(leg: Leg) -> Leg:
    """At most a tick in five seconds."""
    kept = run_thinning((leg[0] * 1e9).astype(np.int64), THIN)
    return leg[0][kept], leg[1][kept]


def thinned_hy(x: Leg, y: Leg) -> float:
    """Ours as it runs."""
    return raw_hy(thin(x), thin(y))


def refresh(x: Leg, y: Leg) -> float:
    """Realised correlation at refresh times: whenever both have ticked anew."""
    most = min(len(x[0]), len(y[0]))
    at_x, at_y = np.zeros(most, np.int64), np.zeros(most, np.int64)
    n = compiled(_refresh)(x[0], y[0], at_x, at_y)
    dx, dy = np.diff(x[1][at_x[:n]]), np.diff(y[1][at_y[:n]])
    return float(dx @ dy / sqrt((dx @ dx) * (dy @ dy)))


def _refresh(tx: Floats, ty: Floats, at_x: NDArray[np.int64], at_y: NDArray[np.int64]) -> int:
    i = j = n = 0
    while i < len(tx) and j < len(ty):
        t = max(tx[i], ty[j])
        while i + 1 < len(tx) and tx[i + 1] <= t:
            i += 1
        while j + 1 < len(ty) and ty[j + 1] <= t:
            j += 1
        at_x[n] = i
        at_y[n] = j
        n += 1
        i += 1
        j += 1
    return n


ESTIMATORS: dict[str, Callable[[Leg, Leg], float]] = {
    "grid 1 s": partial(previous_tick, step=1.0),
    "grid 5 s": partial(previous_tick, step=5.0),
    "grid 60 s": partial(previous_tick, step=60.0),
    "raw HY": raw_hy,
    "refresh time": refresh,
    THINNED: thinned_hy,
}
