"""Profile: how volatile a minute of the session is beside the session as a whole.

Each session's squared returns are held against the session's own level, so that a wild day says
no more than a calm one; days weigh half as much after ten. A minute is read together with its
neighbours (two on either side) and shrunk to what is believed before anything is learned: 1, but
`opening` in the first quarter of an hour.
"""

from __future__ import annotations

from math import exp, sqrt

from streams.estimators.decay import rate
from streams.estimators.divergence import OPENING, OPENING_BARS
from streams.estimators.state import restored

HALFLIFE = 10.0
"""Sessions in which a weight halves."""

SHRINK = 10.0
"""Minutes that the belief counts for: two sessions of a minute and its neighbours.

Under t5 returns a squared return has a relative variance of 8, and what is believed is off by
about as much as the profile itself varies, .8; the ratio is best.
"""

_NEIGHBOURS = 2
_MIN_BARS = 30
"""Bars below which a session says nothing, and an hour's level is not yet held against a print."""

_CLIP = 64.0
"""Variances (8 standard deviations) beyond which a square counts no more: a bad print."""

_LOW, _HIGH = 0.25, 16.0
"""The variance of a minute is kept between these: volatility between half and four times."""

BARS, SQUARES, EXPECTED = range(3)  # of this session: bars, squares, and their expected sum
LEVEL = 3  # squared return of the session before, per unit of profile
HEAD = 4  # then today's squares (-1 where none), weighted relative squares, and weights


def size(minutes: int) -> int:
    """Length of the state for a session of so many minutes."""
    return HEAD + 3 * minutes


def believed(minute: int, opening: float) -> float:
    """The variance of a minute before anything is learned."""
    return opening * opening if minute < OPENING_BARS else 1.0


def variance(s: list[float], minutes: int, opening: float, minute: int) -> float:
    """The variance of a minute beside the session's level."""
    total = SHRINK * believed(minute, opening)
    weight = SHRINK
    first = max(0, minute - _NEIGHBOURS)
    for i in range(first, min(minutes, minute + _NEIGHBOURS + 1)):
        total += s[HEAD + minutes + i]
        weight += s[HEAD + 2 * minutes + i]
    return min(_HIGH, max(_LOW, total / weight))


def step(s: list[float], minutes: int, opening: float, minute: int, r: float) -> None:
    """Take in the return of one minute."""
    usual = variance(s, minutes, opening, minute)
    square = r * r
    weight = s[EXPECTED] + (_MIN_BARS if s[LEVEL] > 0.0 else 0.0)
    if weight >= _MIN_BARS:
        level = (s[SQUARES] + _MIN_BARS * s[LEVEL]) / weight
        square = min(square, _CLIP * level * usual)
    if s[BARS] == 0.0:
        for i in range(minutes):
            s[HEAD + i] = -1.0
    s[HEAD + minute] = square
    s[BARS] += 1.0
    s[SQUARES] += square
    s[EXPECTED] += usual


def end_session(s: list[float], minutes: int, f: float) -> None:
    """Learn from this session, if there was one; the weights of earlier ones shrink by `f`."""
    if s[BARS] >= _MIN_BARS and s[SQUARES] > 0.0:
        level = s[SQUARES] / s[EXPECTED]
        for i in range(minutes):
            at = HEAD + minutes + i
            seen = s[HEAD + i] >= 0.0
            s[at] = s[at] * f + (s[HEAD + i] / level if seen else 0.0)
            s[at + minutes] = s[at + minutes] * f + (1.0 if seen else 0.0)
        s[LEVEL] = level
    s[BARS] = s[SQUARES] = s[EXPECTED] = 0.0


class Profile:
    """The learned profile of a session of `minutes`; `opening` is 1 for a market without an open.

    >>> profile = Profile()
    >>> for _ in range(40):
    ...     for minute in range(390):
    ...         profile.update(minute, (0.002 if minute < 60 else 0.001) * (-1) ** minute)
    ...     profile.new_session()
    >>> f"{profile.scale(30) / profile.scale(200):.1f}"
    '1.9'
    """

    __slots__ = ("_f", "_minutes", "_opening", "state")

    def __init__(
        self, minutes: int = 390, opening: float = OPENING, state: list[float] | None = None
    ) -> None:
        self.state = restored(size(minutes), state)
        self._minutes = minutes
        self._opening = opening
        self._f = exp(rate(HALFLIFE))

    def update(self, minute: int, r: float) -> None:
        """The return of one minute of the session, counted from 0; none outside it is taken."""
        if 0 <= minute < self._minutes:
            step(self.state, self._minutes, self._opening, minute, r)

    def new_session(self) -> None:
        """A session begins: the one before teaches."""
        end_session(self.state, self._minutes, self._f)

    def scale(self, minute: int) -> float:
        """The volatility of a minute beside the session's level; a minute outside it is clamped."""
        minute = max(0, min(minute, self._minutes - 1))
        return sqrt(variance(self.state, self._minutes, self._opening, minute))

    @property
    def sessions(self) -> float:
        """The weighted sessions behind the profile's middle; 0 where nothing is learned."""
        return self.state[HEAD + 2 * self._minutes + self._minutes // 2]
