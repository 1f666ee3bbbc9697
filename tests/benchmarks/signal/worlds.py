"""Simulated sessions of a pair: what a detector of breaks may meet.

Bars of 15 s as a daemon makes them, each close the last tick before the bar's end, so what tick
rates do to correlation (Epps) is in them. x ticks twice a second, y every other second.
"""

from __future__ import annotations

from math import inf, pi

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Returns = NDArray[np.float32]

BAR = 15.0
SESSION = 1560
"""Bars of 15 s in a session."""
RATE_X, RATE_Y = 2.0, 0.5
"""Ticks a second."""
_BURN = 400
_ARCH, _GARCH = 0.05, 0.93
_HALFLIFE = 240
"""Bars in which a wandering concordance forgets half of where it was: an hour."""


class World(msgspec.Struct, frozen=True):
    """A law of returns.

    `rho` is the correlation of the prices themselves. The concordance of 15 s bars moves by
    `between` (sd) from day to day and by `within` in the course of a day.
    """

    name: str
    rho: float = 0.6
    tail: float = 5.0
    garch: bool = True
    smile: float = 0.0
    """How much more volatile the open is than midday; half of it at the close."""
    between: float = 0.0
    within: float = 0.0
    busier: float = 1.0
    """y's tick rate rises by this factor in the course of the day, and starts as low."""
    slower_after: float = 1.0
    """From the turn on y's feed ticks so many times more slowly: a failover."""
    louder: float = 1.0
    """From the turn on both are so many times as volatile."""
    noise: float = 1.0
    """From the turn on the part of x that y does not explain has so many times its variance."""
    remains: float = 1.0
    """The share of the correlation that is left from the turn on."""
    ramp: int = 0
    """Bars over which the correlation goes."""


class Sample(msgspec.Struct, frozen=True):
    """Returns, a column a session (or several in line), and the bar of each column's turn."""

    x: Returns
    y: Returns
    turn: NDArray[np.int64]
    bars: int = SESSION
    """Bars in a session."""

    def minutes(self) -> Sample:
        """The same in bars of a minute."""
        x, y = (r.reshape(-1, 4, r.shape[1]).sum(axis=1) for r in (self.x, self.y))
        return Sample(x, y, -(-self.turn // 4), self.bars // 4)


def epps(slower: float = RATE_Y, faster: float = RATE_X, bar: float = BAR) -> float:
    """The share of a correlation that previous-tick bars show."""
    a, b = faster, slower
    lost = (1 - np.exp(-a * bar)) * b / a + (1 - np.exp(-b * bar)) * a / b
    return float(1 - lost / ((a + b) * bar))


def concordance(rho: float) -> float:
    """The share of bars in which both move the same way."""
    return float(0.5 + np.arcsin(rho) / pi)


def simulate(
    world: World, rows: int, rng: np.random.Generator, sessions: int = 1, calm: int = 0
) -> Sample:
    """`rows` independent stretches of `sessions` sessions, the turn somewhere in the first.

    The first that is not one of the `calm` ones.
    """
    return _Run(world, rows, sessions, calm, rng).sample()


class _Run:
    """One simulation, a bar of all rows at a time."""

    def __init__(
        self, world: World, rows: int, sessions: int, calm: int, rng: np.random.Generator
    ) -> None:
        self.world, self.rows, self.rng = world, rows, rng
        self.bars = SESSION * sessions
        self.turn = calm * SESSION + rng.integers(0, SESSION, rows)
        self.carried = np.zeros((2, rows))
        """What has moved since the last tick."""
        self.variance = np.ones((2, rows))
        self.wander = rng.standard_normal(rows)
        self.day = rng.standard_normal(rows)

    def sample(self) -> Sample:
        seen = np.empty((2, self.bars, self.rows), np.float32)
        for bar in range(-_BURN, self.bars):
            out = self._bar(bar)
            if bar >= 0:
                seen[:, bar] = out
        return Sample(seen[0], seen[1], self.turn)

    def _bar(self, bar: int) -> Floats:
        """The returns seen in one bar: ticks cut it where x and y were last heard."""
        rng, rows = self.rng, self.rows
        rates = np.array([[RATE_X], [1.0]]) * np.vstack((np.ones(rows), self._rate(bar)))
        ages = rng.exponential(1.0, (2, rows)) / rates
        heard = ages < BAR
        ages = np.minimum(ages, BAR)
        late, early = ages.max(axis=0), ages.min(axis=0)
        spans = np.array([BAR - late, late - early, early]) / BAR
        moves = self._moves(bar, spans)
        older = ages == late
        before = np.where(older, moves[:, 0], moves[:, 0] + moves[:, 1])
        total = moves.sum(axis=1)
        seen = np.where(heard, self.carried + before, 0.0)
        self.carried = np.where(heard, total - before, self.carried + total)
        return seen

    def _moves(self, bar: int, spans: Floats) -> Floats:
        """Both prices' moves (side, span, row)."""
        world, rng, rows = self.world, self.rng, self.rows
        turned = bar >= self.turn
        free = rng.standard_normal((2, 3, rows)) * np.sqrt(spans)
        rho = self._rho(bar)
        louder = np.where(turned, np.sqrt(world.noise), 1.0)
        free[0] = rho * free[1] + np.sqrt(1.0 - rho * rho) * louder * free[0]
        if world.tail < inf:
            mixing = (world.tail - 2.0) / rng.chisquare(world.tail, rows)
            free *= np.sqrt(mixing)
        if world.garch:
            free *= np.sqrt(self.variance)[:, None]
            squares = free.sum(axis=1) ** 2
            squares[0] /= 1.0 + (louder * louder - 1.0) * (1.0 - rho * rho)
            self.variance = 1.0 - _ARCH - _GARCH + _ARCH * squares + _GARCH * self.variance
        return free * self._scale(bar, turned)

    def _scale(self, bar: int, turned: NDArray[np.bool_]) -> Floats:
        world, minute = self.world, bar % SESSION / 4.0
        shape = 1.0 + world.smile * (np.exp(-minute / 15.0) + 0.5 * np.exp((minute - 390) / 15.0))
        inside = shape if bar >= 0 else 1.0
        return np.asarray(np.where(turned, world.louder, 1.0) * inside)

    def _rate(self, bar: int) -> Floats:
        """y's ticks a second."""
        world = self.world
        rate = RATE_Y * world.busier ** ((bar % SESSION) / SESSION - 0.5)
        return np.asarray(np.where(bar >= self.turn, rate / world.slower_after, rate))

    def _rho(self, bar: int) -> Floats:
        world, rng = self.world, self.rng
        if bar % SESSION == 0 and bar > 0:
            self.day = rng.standard_normal(self.rows)
        keep = 0.5 ** (1.0 / _HALFLIFE)
        rho = np.full(self.rows, world.rho)
        if world.between or world.within:
            kick = np.sqrt(1.0 - keep * keep)
            self.wander = keep * self.wander + kick * rng.standard_normal(self.rows)
            moves = world.between * self.day + world.within * self.wander
            share = concordance(world.rho * epps()) + moves
            rho = np.clip(np.sin(pi * (share - 0.5)) / epps(), -0.99, 0.99)
        gone = np.clip((bar - self.turn + 1) / max(world.ramp, 1), 0.0, 1.0)
        return np.asarray(rho * (1.0 - gone * (1.0 - world.remains)), np.float64)
