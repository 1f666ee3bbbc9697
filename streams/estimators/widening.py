"""How much higher a threshold must lie where the concordance moves.

Figures of the CUSUM's Markov chain on 15 s bars, run over a session together with the law of
p0: normal from day to day, an Ornstein-Uhlenbeck process of one hour's half-life within the day
(`python -m tests.benchmarks.signal.widening` computes them). On longer bars less is needed.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import product
from math import log

MOST = 0.04
"""The largest standard deviation of p0 that there are figures for."""

_SESSIONS = (log(5.0), log(21.0), log(252.0))
_P0 = (0.58, 0.61, 0.65, 0.72)
_SQUARES = (0.0, 0.0001, 0.0004, 0.0009, 0.0016)
_RATIOS = (
    (
        (
            (1.00, 1.04, 1.16, 1.38, 1.71),
            (1.05, 1.09, 1.21, 1.44, 1.78),
            (1.21, 1.25, 1.40, 1.64, 1.98),
            (1.54, 1.59, 1.75, 2.00, 2.35),
            (2.08, 2.14, 2.30, 2.54, 2.87),
        ),
        (
            (1.00, 1.03, 1.13, 1.31, 1.59),
            (1.04, 1.07, 1.17, 1.36, 1.65),
            (1.15, 1.18, 1.31, 1.51, 1.83),
            (1.39, 1.44, 1.58, 1.82, 2.16),
            (1.83, 1.88, 2.05, 2.31, 2.66),
        ),
        (
            (1.00, 1.02, 1.09, 1.23, 1.45),
            (1.02, 1.04, 1.12, 1.26, 1.49),
            (1.10, 1.13, 1.22, 1.38, 1.63),
            (1.27, 1.30, 1.40, 1.59, 1.88),
            (1.56, 1.61, 1.74, 1.97, 2.30),
        ),
        (
            (1.00, 1.02, 1.07, 1.16, 1.31),
            (1.02, 1.03, 1.09, 1.18, 1.33),
            (1.07, 1.09, 1.15, 1.25, 1.42),
            (1.17, 1.19, 1.26, 1.38, 1.57),
            (1.35, 1.37, 1.45, 1.60, 1.84),
        ),
    ),
    (
        (
            (1.00, 1.06, 1.25, 1.59, 2.09),
            (1.08, 1.15, 1.35, 1.71, 2.21),
            (1.40, 1.48, 1.71, 2.09, 2.60),
            (2.10, 2.19, 2.42, 2.78, 3.25),
            (3.20, 3.25, 3.42, 3.73, 4.15),
        ),
        (
            (1.00, 1.05, 1.19, 1.48, 1.95),
            (1.06, 1.11, 1.27, 1.57, 2.06),
            (1.26, 1.33, 1.53, 1.89, 2.40),
            (1.79, 1.88, 2.13, 2.52, 3.05),
            (2.87, 2.93, 3.14, 3.51, 4.01),
        ),
        (
            (1.00, 1.03, 1.14, 1.35, 1.73),
            (1.04, 1.07, 1.19, 1.42, 1.82),
            (1.17, 1.21, 1.36, 1.64, 2.09),
            (1.49, 1.55, 1.75, 2.11, 2.63),
            (2.24, 2.33, 2.57, 2.97, 3.53),
        ),
        (
            (1.00, 1.02, 1.09, 1.23, 1.47),
            (1.02, 1.04, 1.12, 1.26, 1.51),
            (1.10, 1.13, 1.22, 1.38, 1.67),
            (1.27, 1.30, 1.42, 1.64, 2.00),
            (1.61, 1.66, 1.83, 2.13, 2.60),
        ),
    ),
    (
        (
            (1.00, 1.09, 1.37, 1.86, 2.50),
            (1.15, 1.25, 1.56, 2.07, 2.71),
            (1.82, 1.94, 2.25, 2.73, 3.34),
            (3.01, 3.12, 3.39, 3.79, 4.30),
            (4.29, 4.42, 4.72, 5.09, 5.53),
        ),
        (
            (1.00, 1.07, 1.30, 1.77, 2.45),
            (1.10, 1.18, 1.45, 1.96, 2.66),
            (1.58, 1.71, 2.06, 2.61, 3.34),
            (2.81, 2.95, 3.31, 3.83, 4.47),
            (4.42, 4.55, 4.93, 5.40, 5.97),
        ),
        (
            (1.00, 1.05, 1.22, 1.59, 2.23),
            (1.06, 1.12, 1.32, 1.73, 2.41),
            (1.34, 1.43, 1.72, 2.26, 3.03),
            (2.25, 2.40, 2.80, 3.42, 4.22),
            (3.97, 4.17, 4.63, 5.23, 5.97),
        ),
        (
            (1.00, 1.03, 1.14, 1.37, 1.81),
            (1.04, 1.07, 1.20, 1.45, 1.93),
            (1.17, 1.22, 1.39, 1.72, 2.32),
            (1.54, 1.63, 1.90, 2.41, 3.22),
            (2.64, 2.79, 3.23, 3.92, 4.84),
        ),
    ),
)
"""Threshold over the exact one: by sessions to a false alarm, p0, variance between and within."""


def widening(p0: float, sessions: float, between: float, within: float) -> float:
    """What to multiply the exact threshold by, at one false alarm in so many sessions.

    `between` and `within` are standard deviations of p0 between and within days, at most `MOST`.

    >>> f"{widening(0.65, 21.0, 0.0, 0.0):.2f} {widening(0.65, 21.0, 0.02, 0.03):.2f}"
    '1.00 1.64'
    """
    places = (
        _place(_SESSIONS, log(sessions)),
        _place(_P0, p0),
        _place(_SQUARES, between * between),
        _place(_SQUARES, within * within),
    )
    total = 0.0
    for (a, u), (b, v), (c, w), (d, z) in product(*places):
        total += u * v * w * z * _RATIOS[a][b][c][d]
    return total


def _place(axis: tuple[float, ...], x: float) -> tuple[tuple[int, float], tuple[int, float]]:
    """The two entries beside `x` and their shares; beyond the ends, the end."""
    lower = min(max(bisect_right(axis, x) - 1, 0), len(axis) - 2)
    share = (x - axis[lower]) / (axis[lower + 1] - axis[lower])
    share = min(max(share, 0.0), 1.0)
    return (lower, 1.0 - share), (lower + 1, share)
