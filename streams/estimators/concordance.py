"""Concordance: how often both move the same way in a bar; what a breakdown is measured against.

p0 is everything to the false-alarm rate: .01 too high doubles it. So it is learned with what is
not known of it, and with how it moves: from session to session and in the course of one, beyond
what chance makes shares differ. p0 depends on bar size, feeds and tick rate (fewer ticks, fewer
bars in which both moved together): `streams.usual` keeps one estimator for each.

In the course of a session p0 is taken to revert with a half-life of an hour (Ornstein-Uhlenbeck).
A mean over half an hour then has .894 of its variance, one over a session .347.
"""

from __future__ import annotations

from math import exp, inf, sqrt

import msgspec

from streams.estimators.decay import rate
from streams.estimators.state import restored
from streams.snapshot import Reading

HALFLIFE = 20.0
"""Sessions in which a weight halves."""

MIN_BARS = 5 * 1560 // 2
"""Nonzero bars of 15 s to start from: half of what five sessions have."""

BLOCK = 120
"""Nonzero bars of 15 s in a block: half an hour."""

_OF_BLOCK, _OF_SESSION = 0.894, 0.347

HITS, BARS = range(2)  # of this session
BLOCK_HITS, BLOCK_BARS = range(2, 4)  # of the block under way
BLOCKS, SHARES, SQUARES = range(4, 7)  # this session's whole blocks, and their shares summed
OLD_HITS, OLD_BARS, OLD_SQUARES = range(7, 10)  # earlier sessions, decayed; hits²/bars
WEIGHT, WEIGHTS = range(10, 12)  # of sessions, and squared
SPREAD, FREE = range(12, 14)  # squared deviations of blocks in their session, degrees of freedom
SESSIONS = 14
SIZE = 15


class Dispersion(msgspec.Struct, frozen=True, gc=False):
    """How p0 moves, in standard deviations: what is known of the next session's.

    `between` holds what is not known of p0's mean, and how sessions differ; `within` is how p0
    moves in the course of one.
    """

    between: float
    within: float


USUAL = Dispersion(between=0.02, within=0.03)
"""How a p0 moves as a rule: what the first real days showed."""


def step(s: list[float], rx: float, ry: float, block: float = BLOCK) -> None:
    """Take in the returns of one bar."""
    sign = rx * ry
    if sign == 0.0:
        return
    hit = 1.0 if sign > 0.0 else 0.0
    s[BARS] += 1.0
    s[HITS] += hit
    s[BLOCK_BARS] += 1.0
    s[BLOCK_HITS] += hit
    if s[BLOCK_BARS] >= block:
        share = s[BLOCK_HITS] / s[BLOCK_BARS]
        s[BLOCKS] += 1.0
        s[SHARES] += share
        s[SQUARES] += share * share
        s[BLOCK_HITS] = s[BLOCK_BARS] = 0.0


def end_session(s: list[float], f: float) -> None:
    """Add this session to the earlier ones, whose weights shrink by `f`."""
    hits, bars, blocks = s[HITS], s[BARS], s[BLOCKS]
    if bars == 0.0:
        return
    for at in range(OLD_HITS, SESSIONS):
        s[at] *= f
    s[WEIGHTS] *= f
    s[OLD_HITS] += hits
    s[OLD_BARS] += bars
    s[OLD_SQUARES] += hits * hits / bars
    s[WEIGHT] += 1.0
    s[WEIGHTS] += 1.0
    if blocks > 1.0:
        s[SPREAD] += max(s[SQUARES] - s[SHARES] * s[SHARES] / blocks, 0.0)
        s[FREE] += blocks - 1.0
    if blocks > 0.0:
        s[SESSIONS] += 1.0
    for at in range(OLD_HITS):
        s[at] = 0.0


def within(s: list[float], block: float) -> tuple[float, float]:
    """Variance of p0 within sessions beyond chance (< 0: less), and this figure's own deviation."""
    if s[FREE] <= 0.0:
        return 0.0, inf
    p = s[OLD_HITS] / s[OLD_BARS]
    seen = s[SPREAD] / s[FREE]
    shows = _OF_BLOCK - _OF_SESSION
    return (seen - p * (1.0 - p) / block) / shows, seen / shows * sqrt(2.0 / s[FREE])


def between(s: list[float], within: float) -> tuple[float, float]:
    """The same from session to session; earlier sessions must be there."""
    free = s[WEIGHT] - s[WEIGHTS] / s[WEIGHT]
    if free < 1e-9:
        return 0.0, inf
    bars = s[OLD_BARS] / s[WEIGHT]
    p = s[OLD_HITS] / s[OLD_BARS]
    seen = (s[OLD_SQUARES] - s[OLD_HITS] * p) / (bars * free)
    return seen - p * (1.0 - p) / bars - _OF_SESSION * within, seen * sqrt(2.0 / free)


def variances(s: list[float], block: float) -> tuple[float, float]:
    """Of p0 between and within sessions, beyond chance; earlier sessions must be there."""
    inside = max(within(s, block)[0], 0.0)
    return max(between(s, inside)[0], 0.0), inside


def likely(found: float, deviation: float, usual: float) -> float:
    """A variance between the one found and the usual one, by what the finding is worth.

    The usual one may itself be off by as much again, or by what was found for certain beyond it.
    """
    room = max(usual, found - usual - deviation)
    known = room * room / (room * room + deviation * deviation)
    return max(known * found + (1.0 - known) * usual, 0.0)


def error(s: list[float], between: float, within: float) -> float:
    """Variance of p0's mean, given those of p0; earlier sessions must be there."""
    bars = s[OLD_BARS] / s[WEIGHT]
    p = s[OLD_HITS] / s[OLD_BARS]
    session = between + _OF_SESSION * within + p * (1.0 - p) / bars
    return session * s[WEIGHTS] / (s[WEIGHT] * s[WEIGHT])


class Concordance:
    """The share of concordant bars, learned over whole sessions. Do not update it while broken.

    A session counts from its end on, so a break is not held against what it has itself taught.

    >>> link = Concordance(min_bars=100)
    >>> for bar in range(100):
    ...     link.update(0.001, 0.001 if bar % 4 else -0.001)
    >>> link.new_session()
    >>> found = link.value()
    >>> f"{found.value:.2f} {found.low:.2f}"
    '0.75 0.71'
    """

    __slots__ = ("_block", "_f", "_mark", "_min_bars", "state")

    def __init__(
        self, min_bars: int = MIN_BARS, state: list[float] | None = None, *, block: int = BLOCK
    ) -> None:
        self.state = restored(SIZE, state)
        self._min_bars = min_bars
        self._block = float(block)
        self._f = exp(rate(HALFLIFE))
        self._mark: list[float] | None = None

    def update(self, rx: float, ry: float) -> None:
        """The returns of one bar; one without a move on both sides does not count."""
        step(self.state, rx, ry, self._block)

    def new_session(self) -> None:
        """A session begins."""
        end_session(self.state, self._f)
        self._mark = None

    def mark(self) -> None:
        """What this session has had so far was no break."""
        self._mark = self.state[:OLD_HITS]

    def take_back(self) -> None:
        """What this session has had since the mark was one, and does not count."""
        if self._mark is not None:
            self.state[:OLD_HITS] = self._mark

    def forget_session(self) -> None:
        """Nothing that this session has had so far counts."""
        self.state[:OLD_HITS] = [0.0] * OLD_HITS
        self._mark = None

    def hand_session(self, other: Concordance) -> None:
        """What this session has had so far counts for `other`, which has had nothing of it."""
        if other is not self:
            other.state[:OLD_HITS] = self.state[:OLD_HITS]
            self.forget_session()

    def forget(self) -> None:
        """Learn afresh: a break has become the new normal."""
        self.state[:] = [0.0] * SIZE
        self._mark = None

    @property
    def sessions(self) -> int:
        """Sessions learned from that had a whole block of bars."""
        return int(self.state[SESSIONS])

    def dispersion(self) -> Dispersion | None:
        """How p0 moves; None while it is not known.

        A few sessions, or few bars in each, hardly show it: then it is mostly what is usual.
        """
        s = self.state
        if s[OLD_BARS] < max(self._min_bars, 1):
            return None
        inside = likely(*within(s, self._block), USUAL.within * USUAL.within)
        apart = likely(*between(s, inside), USUAL.between * USUAL.between)
        return Dispersion(sqrt(apart + error(s, apart, inside)), sqrt(inside))

    def value(self) -> Reading:
        """p0, its lower bound `low` (one standard error), and the weighted bars behind it."""
        s = self.state
        n = s[OLD_BARS]
        if n < max(self._min_bars, 1):
            return Reading(None, f"warming up {n + s[BARS]:.0f}/{self._min_bars}", n=n)
        p0 = s[OLD_HITS] / n
        return Reading(p0, n=n, low=p0 - sqrt(error(s, *variances(s, self._block))))
