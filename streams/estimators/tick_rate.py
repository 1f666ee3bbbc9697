"""Tick rate: how often the slower leg of a pair prints, a session at a time, in octaves.

How often both move the same way in a bar depends on it (Epps 1979). Of ticks that come at random,
a and b of them a second, a > b, bars of D seconds show about `1 - (a/b + b/a) / ((a + b) D)` of the
correlation, and that lies between `1 - 1/(b D)` and `1 - .83/(b D)`: it is the slower leg that
counts. 1/b is the mean age of its last tick at the end of a bar, so that age is measured; trades
that come in one burst count once.

A rate is taken when its session has ended, and an octave is left only for a rate that lies a
quarter of an octave beyond it: rates of one feed do not hop from session to session. How much p0
still differs inside an octave is seen as its dispersion between sessions. In the course of a
session an octave is only left for a slower one: half as many ticks as learned at mean five times
the false alarms, a quarter sixty times, while more of them only delay.
"""

from __future__ import annotations

from math import floor, log

from streams.estimators.state import restored

MIN_BARS = 240.0
"""Bars of 15 s that a rate is measured on: an hour."""

SOON = 120.0
"""Bars after which a session that is slower says so."""

MOST = 7
"""128 ticks a minute: 32 in a bar of 15 s, from where on less than .01 of p0 is left to gain."""

LEAST = -3

_SLACK = 0.25

AGE_X, AGE_Y, BARS = range(3)  # of this session
OCTAVE, KNOWN = range(3, 5)
SIZE = 5


def step(s: list[float], age_x: float, age_y: float) -> None:
    """Take in the ages of both last ticks at the end of a bar, in seconds."""
    s[AGE_X] += age_x
    s[AGE_Y] += age_y
    s[BARS] += 1.0


def end_session(s: list[float]) -> None:
    """Take this session's rate, if it was long enough to have one."""
    if s[BARS] >= MIN_BARS:
        octave = octaves(s)
        beyond = max(s[OCTAVE] - octave, octave - s[OCTAVE] - 1.0)
        if s[KNOWN] == 0.0 or beyond > _SLACK:
            settle(s, octave)
            s[KNOWN] = 1.0
    s[AGE_X] = s[AGE_Y] = s[BARS] = 0.0


def octaves(s: list[float]) -> float:
    """The logarithm (2) of this session's ticks a minute; there must be bars."""
    # The least age keeps it finite; it is cut at MOST anyway.
    return log(60.0 * s[BARS] / max(s[AGE_X], s[AGE_Y], 0.1 * s[BARS])) / log(2.0)


def settle(s: list[float], octave: float) -> None:
    """Take the octave that holds this one."""
    s[OCTAVE] = min(max(floor(octave), LEAST), MOST)


def slow_down(s: list[float]) -> bool:
    """Take this session's rate so far, if it is slower; tells whether it is."""
    if s[KNOWN] == 0.0 or s[BARS] < SOON:
        return False
    octave = octaves(s)
    if s[OCTAVE] - octave <= _SLACK or s[OCTAVE] == LEAST:
        return False
    settle(s, octave)
    return True


class TickRate:
    """Ticks a minute of the slower leg, in octaves: 5 stands for 32 to 64.

    >>> rate = TickRate()
    >>> for bar in range(1560):
    ...     rate.update(0.5, 1.5)
    >>> rate.age, rate.octave
    (1.5, None)
    >>> rate.new_session()
    >>> rate.octave
    5
    """

    __slots__ = ("state",)

    def __init__(self, state: list[float] | None = None) -> None:
        self.state = restored(SIZE, state)

    def update(self, age_x: float, age_y: float) -> None:
        """A bar has ended; how old the last ticks were then, in seconds."""
        step(self.state, age_x, age_y)

    def new_session(self) -> None:
        """A session begins: the rate is now that of the one before."""
        end_session(self.state)

    def slow_down(self) -> bool:
        """Whether this session so far is of a slower octave, which is then the one."""
        return slow_down(self.state)

    def forget_session(self) -> None:
        """Take no rate from what this session has had so far."""
        s = self.state
        s[AGE_X] = s[AGE_Y] = s[BARS] = 0.0

    @property
    def octave(self) -> int | None:
        """That of the last session that was long enough, or a slower one of this; None before."""
        return int(self.state[OCTAVE]) if self.state[KNOWN] != 0.0 else None

    @property
    def age(self) -> float | None:
        """Mean age in seconds of the slower leg's last tick in this session so far."""
        s = self.state
        return max(s[AGE_X], s[AGE_Y]) / s[BARS] if s[BARS] > 0.0 else None
