"""Breakdown of the link: a sign CUSUM on bar returns, latched until the mirrored one restores it.

A bar is concordant where both moved the same way; bars in which one did not move are skipped.
While the link holds, a share p0 of bars is concordant; broken, it is 1/2. S sums the
log-likelihood ratio of broken against holding, and alarms at h. Signs do not depend on volatility
or on fat tails, so neither does the rate of false alarms: one in ARL bars on average, where p0 is
what was learned and moves as it was seen to move.
"""

from __future__ import annotations

from math import log

from streams.estimators import run_length
from streams.estimators.latch import BROKEN, P0, SIZE, WEAKEST, Detector, H, add, take_up
from streams.estimators.run_length import BROKEN_SHARE, SESSION_BARS, expected_delay_bars

__all__ = [
    "BROKEN",
    "BROKEN_SHARE",
    "SIZE",
    "WEAKEST",
    "Breakdown",
    "expected_delay_bars",
    "step",
    "take_up",
]


def step(s: list[float], rx: float, ry: float) -> None:
    """Take in the returns of one bar."""
    sign = rx * ry
    if sign == 0.0 or s[H] <= 0.0:
        return
    p0 = s[P0]
    add(s, log(BROKEN_SHARE / p0) if sign > 0.0 else log((1.0 - BROKEN_SHARE) / (1.0 - p0)))


class Breakdown(Detector):
    """Whether the link is broken, at one false alarm in `arl_bars` nonzero bars.

    >>> link = Breakdown(arl_bars=1560.0)
    >>> for bar in range(100):
    ...     link.update(1.0, 1.0 if bar % 2 else -1.0, ts_ns=bar * 15_000_000_000, p0=0.7)
    >>> link.value().value
    True
    """

    __slots__ = ("_session",)

    def __init__(
        self,
        arl_bars: float,
        state: list[float] | None = None,
        *,
        session_bars: float = SESSION_BARS,
    ) -> None:
        super().__init__(SIZE, arl_bars, state)
        self._session = session_bars

    def update(  # noqa: PLR0917  # the hot path
        self,
        rx: float,
        ry: float,
        ts_ns: int,
        p0: float | None,
        between: float = 0.0,
        within: float = 0.0,
    ) -> None:
        """The returns of the bar that ended at `ts_ns`, and what is known of the link.

        `p0` is None while it is not known; `between` and `within` are its standard deviations as
        `Concordance` measures them.
        """
        self._prepare(ts_ns, p0, between, within)
        step(self.state, rx, ry)

    def threshold(self, p0: float, between: float, within: float) -> float | None:
        """The h of a p0; None where p0 moves too much to be watched."""
        return run_length.threshold(p0, self._arl, between, within, session_bars=self._session)
