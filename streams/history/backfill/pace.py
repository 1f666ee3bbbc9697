"""How often a venue is asked: a burst, then at an interval, and not at all while it asks so."""

from __future__ import annotations

import asyncio
from math import inf

_TIMER = 0.001
"""Seconds: loops wait no finer, and less would be waited for in vain."""


class Pace:
    """A question every `every` seconds, after `burst` at once; of one event loop."""

    def __init__(self, every: float, burst: int) -> None:
        self._every = every
        self._slack = every * (burst - 1)
        self._due = -inf
        """When the next question would come if all came at the interval."""
        self._rest = -inf

    async def turn(self) -> None:
        """Wait until one more question may be asked."""
        loop = asyncio.get_running_loop()
        at = max(self._due - self._slack, loop.time())
        self._due = max(self._due, loop.time()) + self._every
        while (wait := max(at, self._rest) - loop.time()) > _TIMER:  # noqa: ASYNC110  # may grow
            await asyncio.sleep(wait)

    def rest(self, seconds: float) -> None:
        """Ask nothing for so long."""
        self._rest = max(self._rest, asyncio.get_running_loop().time() + seconds)
