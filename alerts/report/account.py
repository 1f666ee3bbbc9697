"""What was seen of a pair from one close to the next, or over the sessions of a week."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

import msgspec

from streams.snapshot import Reading


class Estimate(msgspec.Struct, frozen=True):
    """A figure with its interval; None with its reason, and what a person should know beside."""

    value: float | None = None
    reason: str = "not asked for"
    low: float | None = None
    high: float | None = None
    n: float | None = None
    note: str = ""

    @classmethod
    def of(cls, reading: Reading) -> Self:
        """What a reading says."""
        value = None if reading.value is None else float(reading.value)
        return cls(value, reading.reason, reading.low, reading.high, reading.n, reading.note)


class Move(msgspec.Struct, frozen=True):
    """One instrument: its prices when it was first and last seen, and at the close before.

    All of them are of `venue`: what another had is not known here. `usual` is the standard
    deviation of its returns over as much trading.
    """

    name: str
    venue: str = ""
    first: float | None = None
    last: float | None = None
    ts: int = 0
    """Of the last price."""
    prior: float | None = None
    usual: float | None = None

    @property
    def since_close(self) -> float | None:
        """The return since the close before."""
        return _return(self.prior, self.last)

    @property
    def since_open(self) -> float | None:
        """The return since it was first seen in the session."""
        return _return(self.first, self.last)


def _return(before: float | None, after: float | None) -> float | None:
    return None if not before or after is None else after / before - 1.0


class Extreme(msgspec.Struct, frozen=True):
    """A value and when (ns) it was reached."""

    ts: int
    value: float


class Episode(msgspec.Struct, frozen=True):
    """A divergence alert, and when it was over; None where it was not at the close."""

    rule: str
    ts: int
    value: float
    ended: int | None = None


class FirstMover(msgspec.Struct, frozen=True):
    """Who moved first in one hour of which both moved: seconds as the metric has them."""

    ts: int
    seconds: float
    move: float
    """What y did in that hour."""


class Bond(msgspec.Struct, frozen=True):
    """Whether the link is broken, since when (ns), and for how many minutes of the span it was."""

    apart: bool | None = None
    reason: str = "no rule asks for breakdown"
    since: int | None = None
    minutes: int = 0


class Slow(msgspec.Struct, frozen=True):
    """A slow series at the close, and at the close before."""

    name: str
    value: float
    before: float | None = None
    note: str = ""

    @property
    def change(self) -> float | None:
        """Since the close before."""
        return None if self.before is None else self.value - self.before


class Account(msgspec.Struct, frozen=True):
    """What was seen from `start` to `end` (ns): one session, or those of `sessions`.

    `minutes` are those of which both prices are known, `due` those that the sessions had.
    """

    x: Move
    y: Move
    controls: tuple[Move, ...]
    against: tuple[tuple[str, str], ...]
    """A leg and the control that trades when it does: what is strong against what."""
    start: int
    end: int
    seen: int
    """When both prices were first known."""
    minutes: int
    due: int
    corr: Estimate
    usual: Estimate
    """The median of the sessions before, from the lowest of them to the highest."""
    closes: Estimate
    """The correlation of 20 daily returns."""
    share: str
    """What x's move over the session was due to, in words."""
    lead: Estimate
    firsts: tuple[FirstMover, ...]
    no_first: str
    """Why no more is known of who moved first."""
    lowest: Extreme | None
    highest: Extreme | None
    """Of the divergence over an hour."""
    episodes: tuple[Episode, ...]
    bond: Bond
    regimes: Mapping[str, int]
    """Minutes in each."""
    alerts: Mapping[str, int]
    """Those told, by rule."""
    slow: tuple[Slow, ...]
    sessions: tuple[Account, ...] = ()
    sessions_due: int = 1

    @property
    def pair(self) -> str:
        """As `Pair.name` has it."""
        return f"{self.x.name}-{self.y.name}"

    @property
    def weekly(self) -> bool:
        """Whether it is of a week."""
        return bool(self.sessions)

    @property
    def since_close(self) -> bool:
        """Whether both moves are known since the close before; else since they were first seen."""
        return self.x.since_close is not None and self.y.since_close is not None

    def move(self, of: Move) -> float | None:
        """The return over the span on which all returns are told."""
        return of.since_close if self.since_close else of.since_open

    def strengths(self) -> tuple[tuple[Move, Move, float], ...]:
        """A leg, what it is held against, and how much better it did."""
        moves = {move.name: move for move in (self.x, self.y, *self.controls)}
        found = []
        for name, against in self.against:
            leg, other = moves[name], moves[against]
            a, b = self.move(leg), self.move(other)
            if a is not None and b is not None:
                found.append((leg, other, a - b))
        return tuple(found)
