"""A desk that notes what it is asked for."""

from __future__ import annotations

from typing import Any

from alerts.desk import DeskError
from alerts.silence import Matcher, Silence
from tests.alerts.alerts import NS, START


class NotedDesk:
    """Knows one incident, `i-1`."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    def acknowledge(self, incident: str, who: str) -> str:
        if incident != "i-1":
            raise DeskError(f"there is no incident {incident}")
        self.asked.append(("ack", incident, who))
        return f"acknowledged by {who}"

    def snooze(self, incident: str, who: str, seconds: float | None) -> str:
        self.asked.append(("snooze", incident, who, seconds))
        return "snoozed"

    def silence(self, matcher: Matcher, who: str, seconds: float, why: str) -> Silence:
        self.asked.append(("silence", matcher, who, seconds, why))
        return Silence("s-1", matcher, START + round(seconds * NS), who, why)

    def unsilence(self, silence: str, who: str) -> str:
        self.asked.append(("unsilence", silence, who))
        return "no longer silenced"
