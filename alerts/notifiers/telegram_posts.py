"""Which message tells of which incident."""

from __future__ import annotations

import msgspec

_REMEMBERED = 1000
"""Incidents whose message can still be edited."""


class Posted(msgspec.Struct, frozen=True):
    """The message that tells of an incident, its text, and the newest reminder of it."""

    message_id: int
    text: str
    reminder: int | None = None


class Posts:
    """One chat's, newest last; of too many the oldest is forgotten."""

    def __init__(self) -> None:
        self._posted: dict[str, Posted] = {}

    def of(self, incident: str) -> Posted | None:
        """The message of an incident, while it can still be edited."""
        return self._posted.get(incident)

    def at(self, *messages: int | None) -> str | None:
        """The incident that one of these messages tells of."""
        found = (key for key, posted in self._posted.items() if posted.message_id in messages)
        return next(found, None)

    def remember(self, incident: str, posted: Posted) -> None:
        """From now on this message tells of it."""
        self._posted[incident] = posted
        if len(self._posted) > _REMEMBERED:
            del self._posted[next(iter(self._posted))]

    def forget(self, incident: str) -> None:
        """It is over, or its message is gone."""
        self._posted.pop(incident, None)

    def clear(self) -> None:
        """None of the messages can be edited any more."""
        self._posted.clear()
