"""Who speaks next in a chat, no faster than Telegram bears: alerts before all else."""

from __future__ import annotations

import asyncio

from alerts.notifiers.pace import Pace
from alerts.rule import Severity

_SECOND = 1.05
_MINUTE = 60.5
"""A little over, since what is paced here is heard elsewhere."""

_TIMER = 0.001
"""Seconds: timers are no finer, and a sleep may end that much early."""

_GRACE = 0.5
"""Seconds that a turn is kept for an alert which was told when to come."""

_DEFERENCE = 10.0
"""Seconds for which people wait behind alerts that are not critical."""


def bot_pace() -> Pace:
    """Telegram's limit for a bot, all chats taken together."""
    return Pace((30, _SECOND))


def chat_pace(chat_id: int) -> Pace:
    """Telegram's limit for a chat; the id of a group is negative."""
    return Pace((1, _SECOND), (20, _MINUTE)) if chat_id < 0 else Pace((1, _SECOND))


class Turns:
    """The turns of one chat; all its limits are kept at once. Seconds of the loop's clock."""

    def __init__(self, *paces: Pace) -> None:
        self._paces = paces
        self._barred = 0.0
        self._kept = 0.0
        """Until when the next turn is kept for an alert."""
        self._critical = False

    def claim(self, severity: Severity) -> float:
        """For an alert: 0 and the turn is taken, or seconds until it is the alert's."""
        now = _now()
        wait = self._free(now)
        self._kept = now + wait + _GRACE if wait else 0.0
        self._critical = severity is Severity.CRITICAL
        if not wait:
            self._note(now)
        return wait

    async def courtesy(self) -> None:
        """For anything else: wait for a turn that no alert wants, and take it."""
        asked = _now()
        wait = self._spare(asked)
        while wait:
            await asyncio.sleep(wait)
            wait = self._spare(asked)
        self._note(_now())

    def bar(self, seconds: float) -> None:
        """Telegram asked for a pause."""
        self._barred = max(self._barred, _now() + seconds)

    def _spare(self, asked: float) -> float:
        now = _now()
        wait = self._free(now)
        if self._critical or now - asked < _DEFERENCE:
            wait = max(wait, self._kept - now)
        return wait

    def _free(self, now: float) -> float:
        wait = max(self._barred - now, *(pace.wait(now) for pace in self._paces))
        return wait if wait > _TIMER else 0.0

    def _note(self, now: float) -> None:
        for pace in self._paces:
            pace.note(now)


def _now() -> float:
    return asyncio.get_running_loop().time()
