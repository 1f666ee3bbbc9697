"""Who is told on Telegram, how loudly, and who may command there."""

from __future__ import annotations

from typing import Literal

import msgspec

from alerts.rule import Severity

Loudness = Literal["off", "silent", "loud"]
"""Not told at all; told without a sound; told."""


class Address(msgspec.Struct, frozen=True):
    """A chat, or a topic (`thread`) of a group; the id of a group is negative.

    Whoever is not named commands nothing: in a group `users` do, a private chat has its user's id.
    """

    chat_id: int
    name: str = ""
    thread: int | None = None
    users: tuple[int, ...] = ()
    info: Loudness = "silent"
    warning: Loudness = "loud"
    critical: Loudness = "loud"

    @property
    def label(self) -> str:
        """Its name, or its number where it has none."""
        return self.name or str(self.chat_id)

    def loudness(self, severity: Severity) -> Loudness:
        """How alerts of that severity are told."""
        match severity:
            case Severity.INFO:
                return self.info
            case Severity.WARNING:
                return self.warning
            case Severity.CRITICAL:
                return self.critical

    def obeys(self, user: int) -> bool:
        """Whether that user may command."""
        return user in self.users or user == self.chat_id
