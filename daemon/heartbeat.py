"""The heartbeat: a dead-man's switch elsewhere is told, again and again, that all goes on.

It is told as long as evaluation progresses, and no longer: what raises the alarm there is silence.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from urllib.parse import urlsplit

from config.settings import Heartbeat
from streams.instrument import NS

_log = logging.getLogger(__name__)

_PATIENCE = 10.0
"""Seconds for a whole exchange."""


async def heartbeat(given: Heartbeat, alive: Callable[[], bool]) -> None:
    """Beat while `alive` says so, until cancelled; failures are logged once, and their end."""
    # Imported when used: it costs 0.1 s.
    import httpx  # noqa: PLC0415  # as said above

    logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs every address in full
    url = given.url.get_secret_value()
    told = Told(urlsplit(url).hostname or "")
    async with httpx.AsyncClient(timeout=_PATIENCE, headers={"User-Agent": "comove"}) as client:
        while True:
            if alive():
                try:
                    async with asyncio.timeout(_PATIENCE):
                        answer = await client.get(url)
                except (httpx.HTTPError, TimeoutError) as error:
                    # The type alone: texts of the library may hold the address.
                    told.failed(type(error).__name__)
                else:
                    told.answered(answer.status_code)
            else:
                told.silent()
            await asyncio.sleep(given.every / NS)


class Told:
    """What was said of the heartbeat: a change once, never the address but for its host."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._failing = False
        self._silent = False

    def answered(self, status: int) -> None:
        """An answer came; only 2xx says that it was taken."""
        self._silent = False
        if not 200 <= status < 300:
            self.failed(f"HTTP {status}")
        elif self._failing:
            self._failing = False
            _log.info("the heartbeat to %s is taken again", self._host)

    def failed(self, why: str) -> None:
        """It was not taken."""
        level = logging.DEBUG if self._failing else logging.WARNING
        _log.log(level, "the heartbeat to %s is not taken: %s", self._host, why)
        self._failing = True

    def silent(self) -> None:
        """None was sent."""
        if not self._silent:
            _log.warning("evaluation stands still: no heartbeat to %s", self._host)
        self._silent = True
