"""Divergence: how far x is from what y implies over the horizon, in standard deviations.

The residual of a bar is `rx - beta * ry`. Those of the last bars of this session are added up and
divided by what such a sum usually is. The usual comes from bars that have left the horizon, so a
divergence does not widen the measure it is held against.

After the open prices move more: without allowing for that, the first window of the day gave
nearly every false alarm (|z| > 4 once a month on real data against 0.08 simulated). So the first
quarter of an hour is expected to be `opening` times as volatile.
"""

from __future__ import annotations

from math import exp, sqrt

from streams.estimators.decay import rate
from streams.estimators.state import restored
from streams.snapshot import Reading

OPENING_BARS = 15
OPENING = 1.85
"""Volatility of the first quarter of an hour over midday's: 1.8-1.9 on real data."""

HALFLIFE = 390.0
"""Bars in which the weight of a residual in the usual size halves: a session."""

MIN_BARS = 15
MIN_HISTORY = 120

_CLIP = 8.0
"""Standard deviations beyond which a residual teaches no more: a bad print is no volatility."""

AT, BARS, SUM = range(3)  # place of the next residual, bars of the session, sum in the horizon
VAR, SEEN = range(3, 5)  # usual squared residual of a midday bar, residuals it was learned from
MISSED = 5  # bars of the session that had passed before the first one taken in
HEAD = 6  # then the residuals of the horizon


def learn(s: list[float], residual: float, scale: float, f: float) -> None:
    """Let one residual, expected `scale` times as large as at midday, into the usual size."""
    square = residual * residual / (scale * scale)
    if s[SEEN] >= MIN_HISTORY:
        square = min(square, _CLIP * _CLIP * s[VAR])
    s[SEEN] += 1.0
    s[VAR] += max(1.0 - f, 1.0 / s[SEEN]) * (square - s[VAR])


def leave(s: list[float], horizon: int, opening: float, f: float, bars: int) -> None:
    """Learn from the oldest `bars` of the bars in the horizon."""
    held = min(int(s[BARS]), horizon)
    first = int(s[MISSED]) + int(s[BARS]) - held
    for i in range(bars):
        at = HEAD + (int(s[AT]) - held + i) % horizon
        learn(s, s[at], opening if first + i < OPENING_BARS else 1.0, f)
        s[SUM] -= s[at]


def step(s: list[float], horizon: int, opening: float, f: float, residual: float) -> None:
    """Take in the residual of one bar."""
    if s[BARS] >= horizon:
        leave(s, horizon, opening, f, 1)
    at = int(s[AT])
    s[HEAD + at] = residual
    s[AT] = float((at + 1) % horizon)
    s[BARS] += 1.0
    s[SUM] += residual


def end_session(s: list[float], horizon: int, opening: float, f: float) -> None:
    """Learn from what the horizon still holds, and begin a session without any."""
    leave(s, horizon, opening, f, min(int(s[BARS]), horizon))
    s[AT] = s[BARS] = s[SUM] = s[MISSED] = 0.0


def expected(s: list[float], horizon: int, opening: float) -> float:
    """The usual size of the sum in the horizon."""
    held = min(s[BARS], float(horizon))
    early = max(0.0, OPENING_BARS - s[MISSED] - (s[BARS] - held))
    early = min(early, held)
    return sqrt(s[VAR] * (held + early * (opening * opening - 1.0)))


class Divergence:
    """Divergence over the last `horizon` bars of a minute, at most since the session began.

    `opening` is 1 for a market without an open. Until told otherwise it starts at the open.

    >>> gap = Divergence(horizon=60)
    >>> for bar in range(200):
    ...     gap.update(0.001 * (bar % 2 - 0.5), 0.0, beta=1.0)
    >>> gap.new_session()
    >>> for bar in range(15):
    ...     gap.update(0.001, 0.0005, beta=1.0)
    >>> f"{gap.value().value:.1f}"
    '2.2'
    """

    __slots__ = ("_f", "_horizon", "_opening", "state")

    def __init__(
        self, horizon: int, opening: float = OPENING, state: list[float] | None = None
    ) -> None:
        self.state = restored(HEAD + horizon, state)
        self._horizon = horizon
        self._opening = opening
        self._f = exp(rate(HALFLIFE))

    def update(self, rx: float, ry: float, beta: float) -> None:
        """The returns of one bar, and the beta known before it."""
        step(self.state, self._horizon, self._opening, self._f, rx - beta * ry)

    def new_session(self, missed_bars: int = 0) -> None:
        """A session begins, or prices were broken off: nothing is summed across.

        `missed_bars` have passed since the open; what is joined at noon has no opening in it.
        """
        end_session(self.state, self._horizon, self._opening, self._f)
        self.state[MISSED] = float(missed_bars)

    def value(self) -> Reading:
        """Standard deviations; positive where x is above what y implies. `n` is the bars summed.

        None in the first bars of a session, until a volatility is known, and where there is none.
        """
        s = self.state
        n = min(s[BARS], float(self._horizon))
        if n < min(MIN_BARS, self._horizon):
            return Reading(None, f"warming up {n:.0f}/{min(MIN_BARS, self._horizon)}", n=n)
        if s[SEEN] < MIN_HISTORY:
            return Reading(None, f"volatility warming up {s[SEEN]:.0f}/{MIN_HISTORY}", n=n)
        usual = expected(s, self._horizon, self._opening)
        if usual <= 0.0:
            return Reading(None, "constant", n=n)
        return Reading(s[SUM] / usual, n=n)
