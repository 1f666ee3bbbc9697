"""What is kept of deliveries: a row an alert and lane."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from alerts.life import Life
from alerts.silence import Silence
from alerts.transition import Transition


class Status(StrEnum):
    """queued → sending → sent | uncertain | dead; back to queued where it surely did not arrive."""

    QUEUED = "queued"
    SENDING = "sending"
    """Under way, or may have arrived and is sent again."""
    SENT = "sent"
    UNCERTAIN = "uncertain"
    """May have arrived, and too slight to risk saying twice."""
    DEAD = "dead"
    """Refused for good, or left out where there was no room."""


class Row(msgspec.Struct, frozen=True):
    """One alert on its way to one lane."""

    id: int
    lane: str
    transition: Transition
    status: Status = Status.QUEUED


class Posted(msgspec.Struct, frozen=True):
    """The message in which a lane told of an incident that is not over, and its text."""

    lane: str
    incident: str
    message_id: int
    text: str


class Left(msgspec.Struct, frozen=True):
    """What an earlier run left behind, oldest first."""

    lives: tuple[Life, ...] = ()
    rows: tuple[Row, ...] = ()
    """Queued or sending."""
    posted: tuple[Posted, ...] = ()
    silences: tuple[Silence, ...] = ()
