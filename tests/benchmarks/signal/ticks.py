"""Ticks of two legs with a known correlation: an hour as it should be, and with its faults."""

from __future__ import annotations

from math import sqrt

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Leg = tuple[Floats, Floats]
"""Times in seconds, log prices."""

RHO = 0.6
RATE_X, RATE_Y = 2.0, 0.5
"""Ticks a second."""
HOUR = 3600.0
_SIGMA = 1e-4
"""A basis point a root second."""
_ARCH, _GARCH = 0.05, 0.93


class Case(msgspec.Struct, frozen=True):
    """What is between the prices and the ticks."""

    name: str
    noise: float = 0.0
    """Standard deviation of what each tick's log price is off by."""
    lead: float = 0.0
    """Seconds by which x moves before y."""
    poll: float = 0.0
    """Seconds between looks at y's quote, where it is polled."""


CLEAN = Case("clean")
CASES = (
    CLEAN,
    Case("noise .25 bp", noise=0.25e-4),
    Case("ETH leads 2 s", lead=2.0),
    Case("IWM polled every 15 s", poll=15.0),
)


def poisson(rng: np.random.Generator, rate: float, seconds: float) -> Floats:
    """Times of ticks, rising."""
    return np.sort(rng.uniform(0.0, seconds, rng.poisson(rate * seconds)))


def hour(rng: np.random.Generator, case: Case) -> tuple[Leg, Leg]:
    """An hour of Brownian prices with correlation `RHO`."""
    tx = poisson(rng, RATE_X, HOUR)
    ty = np.arange(case.poll, HOUR, case.poll) if case.poll else poisson(rng, RATE_Y, HOUR)
    sources = np.concatenate([tx, ty - case.lead])
    order = np.argsort(sources)
    common = np.empty(len(order))
    common[order] = _walk(rng, sources[order])
    x, y = common[: len(tx)], RHO * common[len(tx) :]
    y = y + sqrt(1.0 - RHO * RHO) * _walk(rng, ty)
    if case.noise:
        x = x + case.noise * rng.standard_normal(len(x))
        y = y + case.noise * rng.standard_normal(len(y))
    return (tx, x), (ty, y)


def _walk(rng: np.random.Generator, t: Floats) -> Floats:
    steps = np.sqrt(np.diff(t, prepend=t[0])) * rng.standard_normal(len(t))
    return np.asarray(_SIGMA * np.cumsum(steps))


def garch_t5(rng: np.random.Generator, minutes: int) -> tuple[Leg, Leg]:
    """Clean ticks of prices whose volatility is GARCH(.05, .93) by the minute, with t5 shocks."""
    seconds = 60.0 * minutes
    tx, ty = poisson(rng, RATE_X, seconds), poisson(rng, RATE_Y, seconds)
    t = np.sort(np.concatenate([tx, ty, 60.0 * np.arange(minutes + 1)]))
    minute = (t[:-1] // 60.0).astype(np.int64)
    z = rng.standard_normal((len(t) - 1, 2)) * np.sqrt(np.diff(t) / 60.0)[:, None]
    z[:, 1] = RHO * z[:, 0] + sqrt(1.0 - RHO * RHO) * z[:, 1]
    moves = np.bincount(minute, z[:, 0], minutes).astype(np.float64)
    z *= _volatility(rng, moves)[minute][:, None]
    path = np.vstack((np.zeros(2), 1e-3 * z.cumsum(axis=0)))
    return (tx, path[np.searchsorted(t, tx), 0]), (ty, path[np.searchsorted(t, ty), 1])


def _volatility(rng: np.random.Generator, normal: Floats) -> Floats:
    """Of each minute, given x's standard normal move in it."""
    mixing = 3.0 / rng.chisquare(5, len(normal))
    out, variance = np.empty(len(normal)), 1.0
    for minute, (move, scale) in enumerate(zip(normal, mixing, strict=True)):
        square = variance * scale
        out[minute] = sqrt(square)
        variance = 1.0 - _ARCH - _GARCH + _ARCH * square * move * move + _GARCH * variance
    return out
