"""Cause of a breakdown: did x grow louder on its own, or did it stop following y?

The ratio of residual scales: how much larger `x - beta y` has become since the onset, over how
much larger y's own moves have become (a market that is louder all over changes nothing). If x no
longer follows, the residual takes y's share in: 1.3 times at a correlation of .6, and 1.7 in one
of forty breaks. Idiosyncratic noise of nine times the variance gives 2.5, less than 1.75 in one
of twelve; four times the variance gives 1.7 and is often left undetermined. A beta refitted after
the alarm would be wrong four times in ten, having been selected by the alarm.
"""

from __future__ import annotations

from math import exp
from typing import Literal

from streams.estimators.decay import rate
from streams.estimators.state import restored
from streams.snapshot import Reading

Label = Literal["noise", "beta", "undetermined"]

MIN_BARS = 40.0
SETTLED = 480.0
"""Bars of 15 s since the onset after which the label stays: two hours."""

HALFLIFE = 1560.0
"""Bars in which the weight of what was usual halves: a session."""

NOISE, BETA = 1.75, 1.5
"""The ratio from which it is noise, and to which it is beta."""

USUAL_X, USUAL_Y, USUAL = range(3)  # weighted absolute residuals, moves of y, weights
SINCE_X, SINCE_Y, SINCE = range(3, 6)  # the same since the sum of evidence was last 0
SIZE = 6


def step(s: list[float], residual: float, ry: float) -> None:
    """Take in one bar."""
    if s[SINCE] < SETTLED:
        s[SINCE_X] += abs(residual)
        s[SINCE_Y] += abs(ry)
        s[SINCE] += 1.0


def settle(s: list[float], f: float) -> None:
    """The climb has come to nothing: what it held was usual."""
    if s[SINCE] > 0.0:
        keep = exp(f * s[SINCE])
        for usual, since in ((USUAL_X, SINCE_X), (USUAL_Y, SINCE_Y), (USUAL, SINCE)):
            s[usual] = s[usual] * keep + s[since]
            s[since] = 0.0


class Cause:
    """Scales before the onset and after it.

    >>> cause = Cause()
    >>> for bar in range(200):
    ...     cause.update(1.0, 1.0, climbing=False)
    >>> for bar in range(60):
    ...     cause.update(3.0, 1.0, climbing=True)
    >>> cause.label, cause.value().value
    ('noise', 3.0)
    """

    __slots__ = ("_f", "state")

    def __init__(self, state: list[float] | None = None) -> None:
        self.state = restored(SIZE, state)
        self._f = rate(HALFLIFE)

    def update(self, residual: float, ry: float, *, climbing: bool) -> None:
        """One bar's `rx - beta * ry`, with the beta known before the onset, and y's return.

        `climbing` where the detector's S is above 0 or its alarm stands (`Detector.climbing`).
        """
        step(self.state, residual, ry)
        if not climbing:
            settle(self.state, self._f)

    @property
    def settled(self) -> bool:
        """Whether two hours have passed, and the label stays."""
        return self.state[SINCE] >= SETTLED

    @property
    def label(self) -> Label:
        """What the ratio says so far."""
        ratio = self.value().value
        if ratio is None or BETA < ratio < NOISE:
            return "undetermined"
        return "noise" if ratio >= NOISE else "beta"

    def value(self) -> Reading:
        """The ratio, and the bars since the onset that it rests on; `SETTLED` of them at most."""
        s = self.state
        n = s[SINCE]
        if min(n, s[USUAL]) < MIN_BARS:
            return Reading(None, f"warming up {min(n, s[USUAL]):.0f}/{MIN_BARS:.0f}", n=n)
        if min(s[USUAL_X], s[USUAL_Y], s[SINCE_Y]) <= 0.0:
            return Reading(None, "constant", n=n)
        moves = (s[SINCE_Y] / n) / (s[USUAL_Y] / s[USUAL])
        return Reading((s[SINCE_X] / n) / (s[USUAL_X] / s[USUAL]) / moves, n=n)
