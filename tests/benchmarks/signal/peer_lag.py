"""The profile of 41 lags over an hour: ours, compiled and a tick at a time, and PyPI's lead-lag.

All are given the same ticks, floored to the tenth of a second that the peer works on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from functools import partial
from importlib import import_module, util
from io import StringIO
from math import inf
from time import perf_counter
from typing import Any

import numpy as np

from streams.estimators.compiled import Ticks, X, merge, run_lead_lag
from streams.estimators.lead_lag import LeadLag
from tests.benchmarks.figures import Figure, at_least
from tests.benchmarks.signal.ticks import Floats, Leg

_STEP = 0.1
"""Seconds: what lead-lag takes as its `min_precision`."""
_TIMES = 3
Profile = Callable[[], Sequence[float]]


def profile_costs(
    legs: tuple[Leg, Leg], lags: Sequence[float]
) -> tuple[list[Figure], tuple[str, ...]]:
    """ms a profile, best of three, and what was left out."""
    (tx, x), (ty, y) = (_floored(leg) for leg in legs)
    ticks = merge(tx, x, ty, y)
    ways: dict[str, Profile] = {
        "ours, compiled": partial(_compiled, ticks, lags),
        "ours, a tick at a time": partial(_interpreted, ticks, lags),
    }
    if util.find_spec("lead_lag") is None:
        return [], ("lead-lag is not installed: it was not timed.",)
    ways["PyPI lead-lag, one thread"] = _peer(((tx, x), (ty, y)), lags)
    found = {name: _timed(way) for name, way in ways.items()}
    return _figures(found, len(lags), len(ticks.t)), ()


def _figures(
    found: dict[str, tuple[float, Sequence[float]]], lags: int, ticks: int
) -> list[Figure]:
    title = f"{lags} lags over an hour"
    figures = [
        Figure(f"{title}: {name}", took, "ms", note=f"{ticks:,} ticks, best of {_TIMES}")
        for name, (took, _) in found.items()
    ]
    (mine, profile), (steps, _), (theirs, other) = found.values()
    apart = max(abs(abs(a) - b) for a, b in zip(profile, other, strict=True))
    return [
        *figures,
        Figure(f"{title}: lead-lag beside ours, compiled", theirs / mine, "times", at_least(100)),
        Figure(f"{title}: lead-lag beside ours, a tick at a time", theirs / steps, "times"),
        Figure(f"{title}: largest difference of the profiles", apart, "of correlation"),
    ]


def _floored(leg: Leg) -> Leg:
    """The last tick of each tenth of a second, at its beginning."""
    t, price = leg
    tenth = (t / _STEP).astype(np.int64)
    last = np.append(tenth[1:] != tenth[:-1], True)
    return tenth[last] * _STEP, price[last]


def _timed(way: Profile) -> tuple[float, Sequence[float]]:
    way()
    best = inf
    profile: tuple[float, ...] = ()
    for _ in range(_TIMES):
        began = perf_counter()
        profile = tuple(way())
        best = min(best, perf_counter() - began)
    return best * 1000, profile


def _compiled(ticks: Ticks, lags: Sequence[float]) -> list[float]:
    state = run_lead_lag(ticks, lags, inf).tolist()
    return _values(LeadLag(lags, inf, state=state))


def _interpreted(ticks: Ticks, lags: Sequence[float]) -> list[float]:
    pair = LeadLag(lags, inf)
    for t, leg, x, y in zip(*(column.tolist() for column in ticks), strict=True):
        if leg == X:
            pair.x_tick(t, x)
        elif leg == 2:
            pair.y_tick(t, y)
        else:
            pair.both_tick(t, x, y)
    return _values(pair)


def _values(pair: LeadLag) -> list[float]:
    pair.break_()
    return [correlation for _, correlation in pair.profile()]


def _peer(legs: tuple[Leg, Leg], lags: Sequence[float]) -> Profile:
    """With its own index of dates, made once: that is not timed."""
    pandas, lead_lag = import_module("pandas"), import_module("lead_lag")
    series = [_series(pandas, leg) for leg in legs]
    places = [round(lag / _STEP) for lag in lags]

    def scan() -> list[float]:
        with redirect_stdout(StringIO()):
            found = lead_lag.LeadLag(*series, lags[-1], min_precision=_STEP, specific_lags=places)
            found.run_inference()
        return [float(each) for each in found.contrasts]

    return scan


def _series(pandas: Any, leg: Leg) -> Any:
    t, price = leg
    at: Floats = np.round(t * 1e3).astype("datetime64[ms]").astype("datetime64[ns]")
    return pandas.Series(price.copy(), index=pandas.DatetimeIndex(at))
