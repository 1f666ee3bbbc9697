"""The estimators' own steps, compiled by numba, over arrays: for replay, sweeps and studies.

Needs the extra `[research]`; the daemon never imports it. The source is the one that runs a tick
at a time, and so are the states: after the same data they are equal bit for bit. A run goes on
from the state it is given (changing it) and returns it, so what an estimator would have said at
some instant is had by cutting the data there: `Beta(390.0, run_beta(bars, 390.0).tolist())`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import exp, inf
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from streams.estimators import (
    beta,
    breakdown,
    concordance,
    divergence,
    hayashi_yoshida,
    lead_lag,
    pearson,
)
from streams.estimators.beta import step as beta_step
from streams.estimators.breakdown import step as breakdown_step
from streams.estimators.concordance import BLOCK
from streams.estimators.concordance import step as concordance_step
from streams.estimators.decay import rate
from streams.estimators.divergence import HALFLIFE, OPENING, take, usual_scale
from streams.estimators.hayashi_yoshida import both_tick, x_tick, y_tick
from streams.estimators.latch import BROKEN, take_up
from streams.estimators.lead_lag import x_tick as lead_x_tick
from streams.estimators.lead_lag import y_tick as lead_y_tick
from streams.estimators.pearson import step as pearson_step
from streams.sampling import BEGINNING, NEXT, end_bar, keep

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Truths = NDArray[np.bool_]

X, Y, BOTH = 1, 2, 3


class Ticks(NamedTuple):
    """Two legs merged in time: which ticked (X, Y or BOTH), and the last price of each."""

    t: Floats
    leg: Ints
    x: Floats
    y: Floats


class Bars(NamedTuple):
    """Returns of both legs, and the ends of the bars in ns."""

    end: Ints
    x: Floats
    y: Floats


@cache
def compiled(step: Any) -> Any:
    """`step`, compiled, and with it the plain functions of ours that it calls.

    >>> compiled(rate)(60.0) == rate(60.0)
    True
    """
    scope = dict(step.__globals__)
    for name in step.__code__.co_names:
        callee = scope.get(name)
        if isinstance(callee, FunctionType) and callee.__module__.startswith("streams."):
            scope[name] = compiled(callee)
    return njit(FunctionType(step.__code__, scope, step.__name__, step.__defaults__))


def merge(tx: Floats, x: Floats, ty: Floats, y: Floats) -> Ticks:
    """Ticks of both legs, each in order of time; one of each at the same instant becomes BOTH."""
    t = np.concatenate([tx, ty])
    order = np.argsort(t, kind="stable")
    t = t[order]
    leg = np.repeat([X, Y], [len(tx), len(ty)])[order]
    prices = np.concatenate([x, y])[order]
    last_x, last_y = (_latest(prices, leg == which) for which in (X, Y))
    second = np.zeros(len(t), np.bool_)
    second[1:] = (t[1:] == t[:-1]) & (leg[:-1] == X) & (leg[1:] == Y)
    leg[second] = BOTH
    kept = ~np.roll(second, -1)
    return Ticks(t[kept], leg[kept], last_x[kept], last_y[kept])


def _latest(prices: Floats, mine: Truths) -> Floats:
    """The last price of one leg at each tick; 0 before its first."""
    at = np.maximum.accumulate(np.where(mine, np.arange(len(mine)), -1))
    return np.where(at >= 0, prices[at], 0.0)


def run_hayashi_yoshida(ticks: Ticks, halflife: float, state: Floats | None = None) -> Floats:
    """The state of `HayashiYoshida(halflife)` after the ticks."""
    s = np.zeros(hayashi_yoshida.SIZE) if state is None else state
    compiled(_hayashi_yoshida)(s, ticks, rate(halflife))
    return s


def run_lead_lag(
    ticks: Ticks,
    lags: Sequence[float],
    halflife: float = inf,
    capacity: int = 1024,
    state: Floats | None = None,
) -> Floats:
    """The state of `LeadLag(lags, halflife, capacity)` after the ticks."""
    s = np.zeros(lead_lag.size(len(lags), capacity)) if state is None else state
    compiled(_lead_lag)(s, np.array(lags), ticks, rate(halflife))
    return s


def run_thinning(ts: Ints, interval: int) -> Truths:
    """Which ticks `Thinning(interval)` keeps."""
    kept = np.zeros(len(ts), np.bool_)
    compiled(_thinning)(np.array([BEGINNING]), interval, ts, kept)
    return kept


def run_bars(ts: Ints, interval: int) -> tuple[Ints, Ints]:
    """The ends of bars that `Bars(interval)` tells of, and the place of the last tick before."""
    most = int(ts[-1] // interval - ts[0] // interval) if len(ts) else 0
    ends, last = np.zeros(most, np.int64), np.zeros(most, np.int64)
    compiled(_bars)(np.array([BEGINNING]), interval, ts, ends, last)
    return ends, last


def run_pearson(bars: Bars, window: int, state: Floats | None = None) -> Floats:
    """The state of `Pearson(window)` after the bars."""
    s = np.zeros(pearson.size(window)) if state is None else state
    compiled(_pearson)(s, bars, window)
    return s


def run_beta(bars: Bars, halflife: float, state: Floats | None = None) -> Floats:
    """The state of `Beta(halflife)` after the bars."""
    s = np.zeros(beta.SIZE) if state is None else state
    compiled(_beta)(s, bars, exp(rate(halflife)))
    return s


def run_concordance(bars: Bars, block: int = BLOCK, state: Floats | None = None) -> Floats:
    """The state of `Concordance(block=block)` after the bars of a session."""
    s = np.zeros(concordance.SIZE) if state is None else state
    compiled(_concordance)(s, bars, float(block))
    return s


def run_breakdown(
    bars: Bars, p0: float, low: float, h: float, state: Floats | None = None
) -> tuple[Floats, Truths]:
    """The state of `Breakdown` after the bars of a session, and after which it was broken.

    `p0`, its lower bound and `h` are what is known of the link; h is 0 where it is not watched.
    """
    s = np.zeros(breakdown.SIZE) if state is None else state
    broken = np.zeros(len(bars.x), np.bool_)
    compiled(_breakdown)(s, bars, (p0, low, h), broken)
    return s, broken


def run_divergence(
    bars: Bars, betas: Floats, horizon: int, opening: float = OPENING, state: Floats | None = None
) -> Floats:
    """The state of `Divergence(horizon, opening)` after the bars of a session."""
    s = np.zeros(divergence.size(horizon)) if state is None else state
    compiled(_divergence)(s, bars, betas, horizon, opening, exp(rate(HALFLIFE)))
    return s


# The loops: plain functions too, so that their types are those of the steps.


def _hayashi_yoshida(s: list[float], ticks: Ticks, k: float) -> None:
    for i in range(len(ticks.t)):
        if ticks.leg[i] == X:
            x_tick(s, ticks.t[i], ticks.x[i], k)
        elif ticks.leg[i] == Y:
            y_tick(s, ticks.t[i], ticks.y[i], k)
        else:
            both_tick(s, ticks.t[i], ticks.x[i], ticks.y[i], k)


def _lead_lag(s: list[float], lags: list[float], ticks: Ticks, k: float) -> None:
    for i in range(len(ticks.t)):
        if ticks.leg[i] != Y:
            lead_x_tick(s, lags, k, ticks.t[i], ticks.x[i])
        if ticks.leg[i] != X:
            lead_y_tick(s, lags, k, ticks.t[i], ticks.y[i])


def _thinning(s: list[int], interval: int, ts: list[int], kept: list[bool]) -> None:
    for i in range(len(ts)):
        kept[i] = keep(s, interval, ts[i])


def _bars(s: list[int], interval: int, ts: list[int], ends: list[int], last: list[int]) -> None:
    n = 0
    for i in range(len(ts)):
        end = end_bar(s, interval, ts[i])
        while BEGINNING < end < s[NEXT]:
            ends[n] = end
            last[n] = i - 1
            end += interval
            n += 1


def _pearson(s: list[float], bars: Bars, window: int) -> None:
    for i in range(len(bars.x)):
        pearson_step(s, window, bars.x[i], bars.y[i])


def _beta(s: list[float], bars: Bars, f: float) -> None:
    for i in range(len(bars.x)):
        beta_step(s, bars.x[i], bars.y[i], f)


def _concordance(s: list[float], bars: Bars, block: float) -> None:
    for i in range(len(bars.x)):
        concordance_step(s, bars.x[i], bars.y[i], block)


def _breakdown(
    s: list[float], bars: Bars, known: tuple[float, float, float], broken: list[bool]
) -> None:
    p0, low, h = known
    for i in range(len(bars.x)):
        take_up(s, float(bars.end[i]), p0, low, h)
        breakdown_step(s, bars.x[i], bars.y[i])
        broken[i] = s[BROKEN] != 0.0


def _divergence(  # noqa: PLR0917  # as `take` has them
    s: list[float], bars: Bars, betas: list[float], horizon: int, opening: float, f: float
) -> None:
    for i in range(len(bars.x)):
        y = betas[i] * bars.y[i]
        take(s, horizon, f, bars.x[i] - y, usual_scale(s, opening), y, 0.0)
