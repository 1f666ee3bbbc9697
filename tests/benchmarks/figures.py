"""What a measurement yields: figures, each with its target where the project has one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec


class Target(msgspec.Struct, frozen=True):
    """What a figure should be."""

    side: Literal["≤", "≥"]
    value: float

    def met(self, value: float) -> bool:
        """Whether `value` is on the right side."""
        return value <= self.value if self.side == "≤" else value >= self.value


class Figure(msgspec.Struct, frozen=True):
    """One measured value; `note` says what it is of, or what limits it."""

    name: str
    value: float
    unit: str
    target: Target | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """None where there is no target."""
        return None if self.target is None else self.target.met(self.value)


class Report(msgspec.Struct, frozen=True):
    """One measurement: its figures, or the sentence that says why there are none."""

    measurement: str
    figures: tuple[Figure, ...] = ()
    remarks: tuple[str, ...] = ()


class Machine(msgspec.Struct, frozen=True):
    """Where and how busy: figures are of one run on one machine."""

    processor: str
    cores: int
    python: str
    system: str
    load: float
    """Average number of runnable processes in the minute before."""


def at_most(value: float) -> Target:
    """Smaller is better."""
    return Target("≤", value)


def at_least(value: float) -> Target:
    """Larger is better."""
    return Target("≥", value)


def quantile(sample: Sequence[float], q: float) -> float:
    """The value below which a share `q` of the sample lies; nearest rank."""
    ordered = sorted(sample)
    return ordered[min(int(q * len(ordered)), len(ordered) - 1)]
