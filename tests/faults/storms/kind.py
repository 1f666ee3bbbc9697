"""A kind of fault: how it breaks and is mended, how long it lasts, and what must show it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from random import Random

import msgspec

from tests.faults.storms.scene import Samples, Scene

Body = Callable[[Scene, str, Random], AsyncIterator[None]]
Breaks = Callable[[Scene, str, Random], AbstractAsyncContextManager[None]]

VENUES = ("coinbase", "kraken", "alpaca")


class Sight(msgspec.Struct, frozen=True):
    """A sample of the metrics by its name and some labels; `{on}` stands for what is broken."""

    name: str
    labels: tuple[tuple[str, str], ...] = ()

    def value(self, samples: Samples, on: str) -> float:
        """The sum of all that are meant."""
        wanted = {(name, value.replace("{on}", on)) for name, value in self.labels}
        return sum(
            value
            for (name, labels), value in samples.items()
            if name == f"comove_{self.name}" and wanted <= set(labels)
        )


class Kind(msgspec.Struct, frozen=True):
    """One kind of fault.

    `on` are the things it may befall; `lasts` from and to (s), `room` what it takes to be back as a
    rule (s). One that `disturbs` may change what rules see. One of `shows` must move. One that is
    `timed` shows only against a clock that is right.
    """

    name: str
    on: tuple[str, ...]
    breaks: Breaks
    lasts: tuple[float, float]
    room: float
    disturbs: bool
    shows: tuple[Sight, ...]
    weight: float
    timed: bool


KINDS: dict[str, Kind] = {}
"""All, by name."""


def kind(
    name: str,
    *,
    on: tuple[str, ...],
    shows: tuple[Sight, ...],
    lasts: tuple[float, float] = (0.0, 0.0),
    room: float = 5.0,
    disturbs: bool = False,
    weight: float = 1.0,
    timed: bool = False,
) -> Callable[[Body], Body]:
    """Registers a function that breaks something, yields while it is broken, and mends it."""

    def registered(body: Body) -> Body:
        breaks = asynccontextmanager(body)
        KINDS[name] = Kind(name, on, breaks, lasts, room, disturbs, shows, weight, timed)
        return body

    return registered


def of_venue(name: str) -> Sight:
    """A counter by venue."""
    return Sight(name, (("venue", "{on}"),))
