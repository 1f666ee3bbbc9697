"""Regime: which of five states the pair is in, by stated bounds, with hysteresis.

The moves of both legs over one horizon, each in standard deviations of its own usual move over it
(`Divergence` without a second leg), and the divergence over the same horizon decide:

| state    | begins where                        | lasts while                 |
|----------|-------------------------------------|-----------------------------|
| risk-on  | both moves are above 1              | both are above 1/2          |
| risk-off | both are below -1                   | both are below -1/2         |
| strong   | neither, and the divergence above 2 | the divergence is above 1   |
| weak     | neither, and the divergence < -2    | the divergence is below -1  |
| quiet    | none of these                       | none of these begins        |

Strong and weak are the two ways of being decoupled: x above and below what y implies. A state is
left before another begins, so the same bars always give the same states, wherever they are cut.
"""

from __future__ import annotations

from enum import IntEnum

from streams.estimators.state import restored
from streams.snapshot import Reading


class State(IntEnum):
    """The states, by the numbers that a reading holds."""

    QUIET = 0
    RISK_ON = 1
    RISK_OFF = 2
    STRONG = 3
    WEAK = 4


TEXTS = {
    State.QUIET: "quiet",
    State.RISK_ON: "risk-on",
    State.RISK_OFF: "risk-off",
    State.STRONG: "decoupled, strong",
    State.WEAK: "decoupled, weak",
}

JOINT = 1.0
"""Standard deviations that both move in a joint move."""
APART = 2.0
"""Those of a divergence that decouples."""
LEAVING = 0.5
"""The part of a bound below which a state is left."""

HELD, BARS = range(2)  # the state; bars since it began
SIZE = 2

_QUIET, _RISK_ON, _RISK_OFF, _STRONG, _WEAK = range(5)


def holds(state: int, x: float, y: float, divergence: float, part: float) -> bool:
    """Whether the bounds of a state, times `part`, are passed."""
    joint = JOINT * part
    apart = APART * part
    if state == _RISK_ON:
        return x > joint and y > joint
    if state == _RISK_OFF:
        return x < -joint and y < -joint
    if state == _STRONG:
        return divergence > apart
    return state == _WEAK and divergence < -apart


def step(s: list[float], x: float, y: float, divergence: float) -> None:
    """Take in the moves and the divergence at one bar."""
    s[BARS] += 1.0
    held = int(s[HELD])
    if holds(held, x, y, divergence, LEAVING):
        return
    found = _QUIET
    for state in range(_WEAK, _QUIET, -1):
        if holds(state, x, y, divergence, 1.0):
            found = state
    if found != held:
        s[HELD] = float(found)
        s[BARS] = 0.0


class Regime:
    """The regime of a pair.

    >>> regime = Regime()
    >>> for x, y, divergence in ((1.5, 1.2, 0.4), (0.7, 0.9, -0.1), (0.4, 0.9, -0.2)):
    ...     regime.update(x, y, divergence)
    ...     print(regime.value().note)
    risk-on
    risk-on
    quiet
    """

    __slots__ = ("_reason", "state")

    def __init__(self, state: list[float] | None = None) -> None:
        self.state = restored(SIZE, state)
        self._reason = "no data yet"

    def update(self, x: Reading | float, y: Reading | float, divergence: Reading | float) -> None:
        """The moves of x and of y and the divergence at one bar, or the readings of them.

        Where one is None the state is held and not told.
        """
        values = []
        for given in (x, y, divergence):
            reading = given if isinstance(given, Reading) else Reading(given)
            if reading.value is None:
                self._reason = reading.reason
                return
            values.append(float(reading.value))
        self._reason = ""
        step(self.state, *values)

    def new_session(self) -> None:
        """A session begins, quietly."""
        self.state[:] = [0.0] * SIZE
        self._reason = "no data yet"

    @property
    def bars(self) -> int:
        """Bars since the state began."""
        return int(self.state[BARS])

    def value(self) -> Reading:
        """The state's number, its name as the note; None with the reason of what is missing."""
        if self._reason:
            return Reading(None, self._reason)
        state = State(int(self.state[HELD]))
        return Reading(float(state), note=TEXTS[state])
