"""Three markets that move together by the minute, in which ETH now and then drifts off alone."""

from __future__ import annotations

from math import sqrt

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SESSION = 390
MONTH = 21
DRIFT_BARS = 60

ON_Y, ON_Z = 0.52, 0.80
"""Correlation of ETH with IWM and with BTC; BTC's with IWM is .50."""
Y_Z = 0.50
SIZES = (1e-3, 5e-4, 8e-4)
"""Standard deviation of a minute's return of ETH, IWM and BTC."""


class World(msgspec.Struct, frozen=True):
    """Returns of x, y, z: (session, bar, path, leg); drifts: their sign, 0 where there is none."""

    returns: Floats
    signs: Floats
    """(session, path)"""
    starts: NDArray[np.int64]
    """(session, path): the bar of the session at which a drift begins."""

    @property
    def months(self) -> float:
        """Months simulated."""
        sessions, _, paths, _ = self.returns.shape
        return float(sessions * paths / MONTH)


def shape() -> Floats:
    """Volatility through the day: 1.85 in the first quarter of an hour, then a shallow U."""
    t = np.arange(SESSION) / SESSION
    day = 0.85 + 1.2 * (t - 0.55) ** 2
    day[:15] = 1.85
    return np.asarray(day / np.sqrt((day * day).mean()))


def legs(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Normal figures with the correlations of the three markets."""
    loading = np.linalg.cholesky([[1.0, Y_Z, ON_Y], [Y_Z, 1.0, ON_Z], [ON_Y, ON_Z, 1.0]])
    return (rng.standard_normal((*shape, 3)) @ loading.T)[..., [2, 0, 1]]


def simulate(
    rng: np.random.Generator, sessions: int, paths: int, sigmas: float = 0.0, every: int = 3
) -> World:
    """GARCH(.05, .93) with t5 returns; every third session ETH drifts by `sigmas` in an hour.

    A sigma is that of what IWM leaves of ETH in an hour.
    """
    returns = legs(rng, (sessions, SESSION, paths))
    square, day = np.ones(paths), shape()
    for session in range(sessions):
        for bar in range(SESSION):
            move = returns[session, bar] * np.sqrt(3 / rng.chisquare(5, paths) * square)[:, None]
            square = 0.02 + 0.05 * np.minimum(move[:, 1] ** 2, 50.0) + 0.93 * square
            returns[session, bar] = move * day[bar]
    returns *= SIZES
    signs = np.zeros((sessions, paths))
    starts = rng.integers(30, SESSION - 75, (sessions, paths))
    if sigmas:
        signs[1::every] = rng.choice([-1.0, 1.0], signs[1::every].shape)
        add_drifts(returns, signs, starts, sigmas)
    return World(returns, signs, starts)


def add_drifts(returns: Floats, signs: Floats, starts: NDArray[np.int64], sigmas: float) -> None:
    """Spread a drift evenly over its bars."""
    a_bar = sigmas * SIZES[0] * sqrt((1 - ON_Y * ON_Y) / DRIFT_BARS)
    for session, path in np.argwhere(signs != 0.0):
        begin = starts[session, path]
        returns[session, begin : begin + DRIFT_BARS, path, 0] += a_bar * signs[session, path]
