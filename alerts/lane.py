"""A lane of delivery, seen from outside: what it offers, and what became of its alerts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import msgspec

from alerts.transition import Transition


class Lane(Protocol):
    """Where alerts are delivered, one at a time."""

    name: str

    async def notify(self, transition: Transition) -> None:
        """Deliver one alert, or raise NotifyError."""


@runtime_checkable
class Branching(Protocol):
    """A notifier with several addresses; one that is slow or gone does not hold the others up.

    A lane's name is the notifier's, a slash and its own; rules may name either.
    """

    @property
    def lanes(self) -> Sequence[Lane]:
        """Its addresses."""


@runtime_checkable
class Repeatable(Protocol):
    """A lane on which some alerts, told twice, are the same as told once."""

    def repeatable(self, transition: Transition) -> bool:
        """Whether it is so of this one."""


@runtime_checkable
class Remembering(Protocol):
    """A lane that edits its earlier messages."""

    def message_of(self, incident: str) -> int | None:
        """The message that tells of an incident."""

    def remember(self, incident: str, message_id: int, text: str) -> None:
        """What an earlier run has sent."""


@runtime_checkable
class Connected(Protocol):
    """A lane that knows whether its channel is there, asked to deliver or not."""

    @property
    def online(self) -> bool:
        """Whether it is."""

    @property
    def losses(self) -> int:
        """How often it was lost."""


class Counts(msgspec.Struct, frozen=True):
    """What became of a lane's alerts. All but `queued` only grow."""

    queued: int = 0
    delivered: int = 0
    retried: int = 0
    """Attempts that failed and are made again."""
    deferred: int = 0
    """Attempts put off because the channel asked for a pause."""
    failed: int = 0
    """Refused for good."""
    uncertain: int = 0
    """May have arrived, and too slight to risk saying twice."""
    dropped: int = 0
    """Left out because too many were waiting."""
    losses: int = 0
    """How often the channel went away."""
    failing: bool = False
    """Whether the last attempt failed, or the channel is known to be away."""
