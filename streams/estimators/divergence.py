"""Divergence: how far x is from what y implies over the horizon, in standard deviations.

The residual of a bar is what its betas leave of x: `rx - beta * ry`, or `rx - beta * ry - beta_z *
rz` where a second market (BTC) is fed. Those of the last bars of this session are added up and
divided by what such a sum usually is. The usual comes from bars that have left the horizon, so a
divergence does not widen the measure it is held against.

After the open prices move more: without allowing for that, the first window of the day gave
nearly every false alarm (|z| > 4 once a month on real data against 0.08 simulated). So each bar
brings its own scale: `Profile.scale` of its minute, or, while none is given, `opening` in the
first quarter of an hour.

A residual beyond eight standard deviations counts as eight until the bar after confirms it; one
that the bar after takes back never happened. So a bad print is no divergence, a true jump is told
in full a minute late.
"""

from __future__ import annotations

from math import exp, sqrt

import msgspec

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
"""Standard deviations beyond which a residual is doubted, and teaches no more."""

AT, BARS = range(2)  # place of the next bar, bars of the session
VAR, SEEN = range(2, 4)  # usual squared residual at scale 1, residuals it was learned from
MISSED = 4  # bars of the session that had passed before the first one taken in
SUM, SQUARES, DUE_Y, DUE_Z = range(5, 9)  # in the horizon: residuals, squared scales, shares
TAILS = 9  # tails of the horizon that are laid down
SINCE = 10  # the four sums over the bars after them, save the newest
HEAD = 14  # then eight a bar: residual, squared scale, shares of y and z; sums of the tail from it
_BAR = 8


def size(horizon: int) -> int:
    """Length of the state of a horizon of so many bars."""
    return HEAD + _BAR * horizon


def learn(s: list[float], residual: float, squared_scale: float, f: float) -> None:
    """Let one residual into the usual size."""
    square = residual * residual / squared_scale
    if s[SEEN] >= MIN_HISTORY:
        square = min(square, _CLIP * _CLIP * s[VAR])
    s[SEEN] += 1.0
    s[VAR] += max(1.0 - f, 1.0 / s[SEEN]) * (square - s[VAR])


def leave(s: list[float], horizon: int, f: float, bars: int) -> None:
    """Learn from the oldest `bars` of the bars in the horizon."""
    held = min(int(s[BARS]), horizon)
    for i in range(bars):
        at = HEAD + _BAR * ((int(s[AT]) - held + i) % horizon)
        learn(s, s[at], s[at + 1], f)


def limit(s: list[float], squared_scale: float) -> float:
    """The residual beyond which a bar is doubted; none can be while the usual is not known."""
    if s[SEEN] < MIN_HISTORY:
        return 1e300
    return _CLIP * sqrt(s[VAR] * squared_scale)


def take_back(s: list[float], horizon: int, at: int) -> None:
    """Where the bar at `at` undoes the one before, both doubted, leave their sum in it alone."""
    before = HEAD + _BAR * ((int(s[AT]) - 1) % horizon)
    doubted = limit(s, min(s[at + 1], s[before + 1]))
    if abs(s[before]) <= doubted or abs(s[at]) <= doubted or abs(s[before] + s[at]) > doubted:
        return
    for column in (0, 2, 3):
        s[at + column] += s[before + column]
        s[before + column] = 0.0


def lay_tails(s: list[float], horizon: int) -> None:
    """Sum the tails of the full horizon, shortest first, the newest bar left out."""
    residual = squares = y = z = 0.0
    for i in range(horizon - 2, -1, -1):
        at = HEAD + _BAR * ((int(s[AT]) + i) % horizon)
        residual += s[at]
        squares += s[at + 1]
        y += s[at + 2]
        z += s[at + 3]
        s[at + 4] = residual
        s[at + 5] = squares
        s[at + 6] = y
        s[at + 7] = z
    s[TAILS] = horizon - 1.0
    s[SINCE] = s[SINCE + 1] = s[SINCE + 2] = s[SINCE + 3] = 0.0


def drop(s: list[float], horizon: int) -> None:
    """Let the oldest bar leave the sums; nothing is ever subtracted from them."""
    if s[TAILS] == 0.0:
        lay_tails(s, horizon)
    s[TAILS] -= 1.0


def settle(s: list[float], horizon: int) -> None:
    """Add up the bar before the one at AT: no other can take it back any more."""
    at = HEAD + _BAR * ((int(s[AT]) - 1) % horizon)
    for column in range(4):
        s[SINCE + column] += s[at + column]


def total(s: list[float], horizon: int) -> None:
    """Sum up the horizon, the newest bar, which stands at AT, no further than its limit."""
    newest = HEAD + _BAR * int(s[AT])
    oldest = HEAD + _BAR * ((int(s[AT]) + 1) % horizon) + 4
    laid = 1.0 if s[TAILS] > 0.0 else 0.0
    most = limit(s, s[newest + 1])
    s[SUM] = laid * s[oldest] + s[SINCE] + max(-most, min(most, s[newest]))
    for column in range(1, 4):
        s[SUM + column] = laid * s[oldest + column] + s[SINCE + column] + s[newest + column]


def take(  # noqa: PLR0917  # a step takes plain figures
    s: list[float], horizon: int, f: float, residual: float, scale: float, y: float, z: float
) -> None:
    """Take in one bar: its residual, its scale, and the moves of x that y and z imply."""
    if s[BARS] >= horizon:
        leave(s, horizon, f, 1)
        if horizon > 1:
            drop(s, horizon)
    at = HEAD + _BAR * int(s[AT])
    s[at] = residual
    s[at + 1] = scale * scale
    s[at + 2] = y
    s[at + 3] = z
    if s[BARS] > 0.0 and horizon > 1:
        take_back(s, horizon, at)
        settle(s, horizon)
    s[BARS] += 1.0
    total(s, horizon)
    s[AT] = float((int(s[AT]) + 1) % horizon)


def usual_scale(s: list[float], opening: float) -> float:
    """The scale of the bar to come while no profile is given."""
    return opening if s[MISSED] + s[BARS] < OPENING_BARS else 1.0


def step(s: list[float], horizon: int, opening: float, f: float, residual: float) -> None:
    """Take in the residual of one bar, at the usual scale."""
    take(s, horizon, f, residual, usual_scale(s, opening), 0.0, 0.0)


def end_session(s: list[float], horizon: int, f: float) -> None:
    """Learn from what the horizon still holds, and begin a session without any."""
    leave(s, horizon, f, min(int(s[BARS]), horizon))
    s[AT] = s[BARS] = s[MISSED] = 0.0
    for column in range(SUM, HEAD):
        s[column] = 0.0


class Shares(msgspec.Struct, frozen=True, gc=False):
    """What x's move over the horizon is due to, in log returns: y, z, and x alone."""

    y: float
    z: float
    alone: float

    @property
    def move(self) -> float:
        """The whole of it."""
        return self.y + self.z + self.alone


class Divergence:
    """Divergence over the last `horizon` bars of a minute, at most since the session began.

    `opening` is 1 for a market without an open. Until told otherwise it starts at the open.
    Fed with a beta of 0 it is x's own move in standard deviations. `min_bars` of a session have to
    be there before it is told; `halflife` is for bars of another length than a minute.

    >>> gap = Divergence(horizon=60)
    >>> for bar in range(200):
    ...     gap.update(0.001 * (bar % 2 - 0.5), 0.0, beta=1.0)
    >>> gap.new_session()
    >>> for bar in range(15):
    ...     gap.update(0.001, 0.0005, beta=1.0)
    >>> f"{gap.value().value:.1f}"
    '2.2'
    """

    __slots__ = ("_f", "_horizon", "_min_bars", "_opening", "state")

    def __init__(
        self,
        horizon: int,
        opening: float = OPENING,
        state: list[float] | None = None,
        *,
        min_bars: int = MIN_BARS,
        halflife: float = HALFLIFE,
    ) -> None:
        self.state = restored(size(horizon), state)
        self._horizon = horizon
        self._opening = opening
        self._min_bars = min(min_bars, horizon)
        self._f = exp(rate(halflife))

    def update(
        self,
        rx: float,
        ry: float,
        beta: float,
        *,
        rz: float = 0.0,
        beta_z: float = 0.0,
        scale: float | None = None,
    ) -> None:
        """The returns of one bar, the betas known before it, and its scale (`Profile.scale`)."""
        s = self.state
        y, z = beta * ry, beta_z * rz
        given = usual_scale(s, self._opening) if scale is None else scale
        take(s, self._horizon, self._f, rx - y - z, given, y, z)

    def new_session(self, missed_bars: int = 0) -> None:
        """A session begins, or prices were broken off: nothing is summed across.

        `missed_bars` have passed since the open; what is joined at noon has no opening in it.
        """
        end_session(self.state, self._horizon, self._f)
        self.state[MISSED] = float(missed_bars)

    def value(self) -> Reading:
        """Standard deviations; positive where x is above what y implies. `n` is the bars summed.

        None in the first bars of a session, until a volatility is known, and where there is none.
        """
        s = self.state
        n = min(s[BARS], float(self._horizon))
        if n < self._min_bars:
            return Reading(None, f"warming up {n:.0f}/{self._min_bars}", n=n)
        if s[SEEN] < MIN_HISTORY:
            return Reading(None, f"volatility warming up {s[SEEN]:.0f}/{MIN_HISTORY}", n=n)
        usual = sqrt(s[VAR] * s[SQUARES])
        if usual <= 0.0:
            return Reading(None, "constant", n=n)
        return Reading(s[SUM] / usual, n=n)

    def shares(self) -> Shares | None:
        """What x's move over the bars summed is due to; None where there are none."""
        s = self.state
        return Shares(s[DUE_Y], s[DUE_Z], s[SUM]) if s[BARS] > 0.0 else None
