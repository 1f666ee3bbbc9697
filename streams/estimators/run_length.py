"""Run lengths of the sign CUSUM, by its Markov chain, and the threshold that keeps a budget.

S is followed on a grid of values, its moves shared out between the two nearest. Bars are taken to
be independent given the share that is concordant.
"""

from __future__ import annotations

from functools import lru_cache
from math import log

import numpy as np
from numpy.typing import NDArray

from streams.estimators.widening import MOST, widening

BROKEN_SHARE = 0.5
"""Share of concordant bars when there is no link."""

SESSION_BARS = 1560.0
"""Bars of 15 s in a session."""

_CELLS = 200
_LEAST = 0.2
_ROUNDS = 30
_CLOSE = 0.002

_Matrix = NDArray[np.float64]


def _moves(p0: float, h: float, p: float) -> _Matrix:
    """Chances to go from one value of S to another below `h`, where a share `p` is concordant."""
    grid = np.arange(_CELLS) * (h / _CELLS)
    moves = np.zeros((_CELLS, _CELLS))
    rows = np.arange(_CELLS)
    for ratio, chance in ((log(BROKEN_SHARE / p0), p), (log(0.5 / (1.0 - p0)), 1.0 - p)):
        place = np.maximum(grid + ratio, 0.0) * (_CELLS / h)
        lower = np.floor(place).astype(np.int64)
        upper = place - lower
        for cell, share in ((lower, 1.0 - upper), (lower + 1, upper)):
            inside = cell < _CELLS
            np.add.at(moves, (rows[inside], cell[inside]), chance * share[inside])
    return moves


def expected_delay_bars(p0: float, h: float, p: float = BROKEN_SHARE) -> float:
    """Mean number of (nonzero) bars to the alarm from S = 0 where a share `p` is concordant.

    With `p = p0` it is the mean time between false alarms, were there no sessions.

    >>> round(expected_delay_bars(p0=0.7048, h=9.011))
    91
    """
    onward = np.eye(_CELLS) - _moves(p0, h, p)
    return float(np.linalg.solve(onward, np.ones(_CELLS))[0])


def alarms_a_session(p0: float, h: float, p: float, bars: float = SESSION_BARS) -> float:
    """Mean number of alarms in a session, S being 0 at its start and after each."""
    step = _moves(p0, h, p)
    alarm = 1.0 - step.sum(axis=1)
    step[:, 0] += alarm
    power, total = step, alarm
    for bit in bin(round(bars))[3:]:
        total = total + power @ total
        power = power @ power
        if bit == "1":
            total = alarm + step @ total
            power = power @ step
    return float(total[0])


@lru_cache(maxsize=256)
def _exact(p0: float, arl_bars: float, session_bars: float) -> float:
    """By regula falsi (Illinois) between a threshold that is too low and ln ARL, never too low."""

    def excess(h: float) -> float:
        return log(max(alarms_a_session(p0, h, p0, session_bars), 1e-12) * arl_bars / session_bars)

    low, high = _LEAST, max(log(arl_bars), 2.0 * _LEAST)
    above, below = excess(low), min(excess(high), -1e-9)
    if above <= 0.0:
        return low
    middle = high
    for _ in range(_ROUNDS):
        middle = high - below * (high - low) / (below - above)
        found = excess(middle)
        if abs(found) < _CLOSE:
            break
        if found > 0.0:
            low, above, below = middle, found, below / 2.0
        else:
            high, below, above = middle, found, above / 2.0
    return middle


def threshold(
    p0: float,
    arl_bars: float,
    between: float = 0.0,
    within: float = 0.0,
    *,
    session_bars: float = SESSION_BARS,
) -> float | None:
    """The h at which there is one false alarm in `arl_bars` (nonzero) bars on average.

    `between` and `within` are the standard deviations of p0 from day to day (what is not known of
    its mean included) and in the course of a day; None where they are too large to allow for.
    S restarts with each session. Takes about 30 ms, and nothing for what was asked before.

    >>> f"{threshold(0.68, 21 * 1560.0):.1f} {threshold(0.68, 21 * 1560.0, 0.02, 0.03):.1f}"
    '7.3 11.2'
    """
    if max(between, within) > MOST:
        return None
    h = _exact(round(p0, 3), arl_bars, session_bars)
    return h * widening(p0, arl_bars / session_bars, between, within)
