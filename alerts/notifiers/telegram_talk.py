"""What is said in a chat besides alerts: answers and charts, each after the alerts that wait."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

import msgspec
from telegram.error import RetryAfter

from alerts.notifiers.telegram_errors import pause, sentence
from alerts.notifiers.telegram_line import TryAgainError
from alerts.notifiers.telegram_turns import Turns

_log = logging.getLogger(__name__)

_ROOM = 20
"""What may wait; of more the oldest goes."""

_FRESH = 300.0
"""Seconds after which nobody waits for it any more."""


class _Courtesy(msgspec.Struct, frozen=True):
    what: str
    """For the log."""
    send: Callable[[], Awaitable[object]]
    until: float


class Talk:
    """One chat's. Each is tried once, and again only where it surely was not done.

    A failure is logged once, until all is well again.
    """

    def __init__(self, name: str, turns: Turns, token: str) -> None:
        self._name = name
        self._turns = turns
        self._token = token
        self._waiting: deque[_Courtesy] = deque(maxlen=_ROOM)
        self._arrived = asyncio.Event()
        self._failing = False

    def say(self, what: str, send: Callable[[], Awaitable[object]]) -> None:
        """Send when it is its turn; never waits."""
        self._waiting.append(_Courtesy(what, send, _now() + _FRESH))
        self._arrived.set()

    async def run(self) -> None:
        """Talk until cancelled."""
        while True:
            await self._arrived.wait()
            await self._turns.courtesy()
            while self._waiting:
                courtesy = self._waiting.popleft()
                if _now() < courtesy.until:
                    await self._try(courtesy)
                    break
            if not self._waiting:
                self._arrived.clear()

    async def _try(self, courtesy: _Courtesy) -> None:
        try:
            await courtesy.send()
        except (RetryAfter, TryAgainError) as error:
            if isinstance(error, RetryAfter):
                self._turns.bar(pause(error))
            if len(self._waiting) < _ROOM:
                self._waiting.appendleft(courtesy)
        except Exception as error:  # noqa: BLE001  # a garbled answer is a KeyError in PTB
            level = logging.DEBUG if self._failing else logging.WARNING
            why = sentence(error, self._token)
            _log.log(level, "%s: could not send %s: %s", self._name, courtesy.what, why)
            self._failing = True
        else:
            self._failing = False


def _now() -> float:
    return asyncio.get_running_loop().time()
