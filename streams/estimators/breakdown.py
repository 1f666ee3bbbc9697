"""Breakdown of the link: a sign CUSUM on bar returns, latched until the mirrored one restores it.

A bar is concordant where both moved the same way; bars in which one did not move are skipped.
While the link holds, the share of concordant bars is at least p0; broken, it is 1/2. S sums the
log-likelihood ratio of broken against holding, never below 0; at `h = ln(ARL)` it alarms. Signs
do not depend on volatility or on fat tails, so neither does the rate of false alarms: at most one
in ARL bars on average, as long as p0 is a lower bound of the concordance given the past (and not
only of its average: a p0 that wanders within the day costs false alarms).
"""

from __future__ import annotations

from math import log

import numpy as np

from streams.estimators.state import restored
from streams.snapshot import Reading

BROKEN_SHARE = 0.5
"""Share of concordant bars when there is no link."""

WEAKEST = 0.58
"""The p0 below which a break could not be told from the link within a day or two."""

# P0 is the one in use, 0 where unknown. ONSET is that of the climb under way until it alarms,
# then that of the break. Bars end on whole seconds: multiples of 512 ns, exact in a float to 2116.
S, BROKEN, P0, ONSET = range(4)
SIZE = 4


def take_up(s: list[float], ts: float, p0: float) -> None:
    """Use `p0` from the bar that ends at `ts`, if S is 0 and the link holds.

    Once S has risen, p0 stays until it is 0 again: a break does not teach itself.
    """
    if s[S] <= 0.0 and s[BROKEN] == 0.0:
        s[P0] = p0
        s[ONSET] = ts


def step(s: list[float], rx: float, ry: float, h: float) -> None:
    """Take in the returns of one bar."""
    p0 = s[P0]
    sign = rx * ry
    if sign == 0.0 or p0 < WEAKEST or p0 >= 1.0:
        return
    ratio = log(BROKEN_SHARE / p0) if sign > 0.0 else log((1.0 - BROKEN_SHARE) / (1.0 - p0))
    if s[BROKEN] != 0.0:
        ratio = -ratio
    s[S] = max(0.0, s[S] + ratio)
    if s[S] >= h:
        s[BROKEN] = 1.0 - s[BROKEN]
        s[S] = 0.0


def expected_delay_bars(p0: float, h: float, p: float = BROKEN_SHARE) -> float:
    """Mean number of (nonzero) bars to the alarm from S = 0 where a share `p` is concordant.

    With `p = p0` it is the mean time between false alarms. The run length's equation is solved on
    200 values of S: within 3 % of simulation for h up to 10.

    >>> round(expected_delay_bars(p0=0.7048, h=9.011))
    91
    """
    cells = 200
    grid = np.arange(cells) * (h / cells)
    onward = np.eye(cells)
    rows = np.arange(cells)
    moves = (
        (log(BROKEN_SHARE / p0), p),
        (log((1.0 - BROKEN_SHARE) / (1.0 - p0)), 1.0 - p),
    )
    for ratio, chance in moves:
        place = np.maximum(grid + ratio, 0.0) * (cells / h)
        lower = np.floor(place).astype(np.int64)
        upper = place - lower
        for cell, share in ((lower, 1.0 - upper), (lower + 1, upper)):
            inside = cell < cells
            np.subtract.at(onward, (rows[inside], cell[inside]), chance * share[inside])
    return float(np.linalg.solve(onward, np.ones(cells))[0])


class Breakdown:
    """Whether the link is broken, at one false alarm in `arl_bars` nonzero bars.

    >>> link = Breakdown(arl_bars=1560.0)
    >>> for bar in range(100):
    ...     link.update(1.0, 1.0 if bar % 2 else -1.0, ts_ns=bar * 15_000_000_000, p0=0.7)
    >>> link.value().value
    True
    """

    __slots__ = ("h", "state")

    def __init__(self, arl_bars: float, state: list[float] | None = None) -> None:
        self.state = restored(SIZE, state)
        self.h = log(arl_bars)

    def update(self, rx: float, ry: float, ts_ns: int, p0: float | None) -> None:
        """The returns of the bar that ended at `ts_ns`.

        `p0` is the lower bound of the link's concordance (`Concordance.value().low`), None while
        it is not known.
        """
        take_up(self.state, float(ts_ns), p0 or 0.0)
        step(self.state, rx, ry, self.h)

    def new_session(self) -> None:
        """A session begins: S restarts, a break stays one."""
        self.state[S] = 0.0

    @property
    def onset_ns(self) -> int | None:
        """The end of the first bar of the climb that alarmed; None while the link holds."""
        return int(self.state[ONSET]) if self.state[BROKEN] != 0.0 else None

    @property
    def p0(self) -> float | None:
        """The p0 in use."""
        return self.state[P0] or None

    def value(self) -> Reading:
        """True from an alarm to the restoration; None where there is no link to watch."""
        s = self.state
        if s[BROKEN] != 0.0:
            return Reading(value=True)
        if s[P0] <= 0.0:
            return Reading(None, "link not learned yet")
        if s[P0] < WEAKEST:
            return Reading(None, "link too weak to watch")
        return Reading(value=False)
