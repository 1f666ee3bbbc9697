"""What drives a stand-in server: prints when they are due, a beat a second, scripted outages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Protocol

from streams.simulator.servers.schedule import Print, Schedule

NS = 1_000_000_000

_SHORTEST_SLEEP = 0.001
"""Timers of real loops are no finer; a shorter sleep would spin."""


class Driven(Protocol):
    """What a pump drives."""

    def play(self, due: Print) -> None:
        """Send a print."""

    def beat(self, now: int) -> None:
        """A whole second has come."""

    def outage(self, *, down: bool) -> None:
        """The venue is down, or up again."""


class Pump:
    """Sends a schedule in the clock's time, to whoever is there."""

    def __init__(
        self,
        schedule: Schedule,
        outages: tuple[tuple[int, int], ...],
        clock: Callable[[], int],
    ) -> None:
        self._schedule = schedule
        self._outages = outages
        self._clock = clock
        self._position = schedule.after(clock())
        self._down = False

    def printed(self, tape: int) -> tuple[int, int]:
        """How many trades and quotes of a tape lie behind: sent, or before the pump began."""
        return self._schedule.printed(self._position, tape)

    async def run(self, driven: Driven) -> None:
        """For ever: after the last print, beats go on."""
        beat = self._clock() // NS * NS + NS
        while True:
            now = self._clock()
            self._follow_outages(driven, now)
            self._play_until(driven, now)
            if beat <= now:
                driven.beat(now)
                beat = now // NS * NS + NS
            wake = min([beat, *self._turns(now)])
            await asyncio.sleep(max((wake - self._clock()) / NS, _SHORTEST_SLEEP))

    def _follow_outages(self, driven: Driven, now: int) -> None:
        down = any(start <= now < end for start, end in self._outages)
        if down != self._down:
            self._down = down
            driven.outage(down=down)

    def _play_until(self, driven: Driven, now: int) -> None:
        while (due := self._schedule.at(self._position)) and due.due <= now:
            self._position += 1
            driven.play(due)

    def _turns(self, now: int) -> Iterator[int]:
        if due := self._schedule.at(self._position):
            yield due.due
        yield from (turn for outage in self._outages for turn in outage if turn > now)
