"""Alerts as text, for a terminal or a log."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from alerts.notifiers.wording import instant, standing
from alerts.transition import Transition


class Log:
    """Hands `write` an alert and its block of lines, without a line end; looks are the caller's."""

    def __init__(self, write: Callable[[Transition, str], object], *, name: str = "log") -> None:
        self.name = name
        self._write = write

    async def run(self) -> None:
        """Nothing to connect: wait to be cancelled."""
        await asyncio.get_running_loop().create_future()

    async def notify(self, transition: Transition) -> None:
        """Write one alert."""
        self._write(transition, block(transition))


def block(transition: Transition) -> str:
    """Severity, standing and title; then, indented, the message, the context and the time."""
    head = f"{transition.severity.upper()} {standing(transition)}: {transition.title}"
    details = (transition.message, *transition.context, instant(transition.ts))
    lines = [line for detail in details for line in detail.splitlines()]
    return "\n    ".join([f"{head} [{transition.pair}]", *lines])
