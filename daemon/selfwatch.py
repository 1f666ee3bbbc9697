"""The daemon's watch over itself: what ails it is told as alerts, once, and once when it is over.

They live in the engine's ward, as rules `comove/feed` and others (`alerts.ailment`). A sick
channel's trouble is told by the others, as soon as one of them delivers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path

import msgspec

from alerts.ailment import Ailment
from alerts.lane import Counts
from daemon import ailments
from daemon.room import Room, room
from daemon.web.sources import Sources
from streams.feeds.registry import VENUES

_EVERY = 5.0
_SELDOM = 60.0
"""Seconds between two looks at disks and clocks."""


class SelfWatch:
    """Looks at a running daemon again and again."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._app = sources.app
        self._ward = sources.app.watch.engine.ward
        self._sinks = ailments.Sinks()
        self._rooms: dict[str, Room] = {}
        self._asked: asyncio.Future[dict[str, Room]] | None = None
        self._lags: list[int] = []

    def _lanes(self) -> Mapping[str, Counts]:
        return self._app.outbox.counts

    async def run(self) -> None:
        """Look until cancelled."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            if loop.time() >= due:
                due = loop.time() + _SELDOM
                self._measure(loop)
                self._lags = list(self._shortest())
            self.look()
            await self._pause()

    def look(self) -> None:
        """Once."""
        found = [self._addressed(each) for each in self._found()]
        for transition in self._ward.look(found, self._app.clock.now()):
            self._app.outbox.submit(transition)

    async def _pause(self) -> None:
        """Until the next look; who reloads is told at once."""
        done = self._sources.reloader.done
        with suppress(TimeoutError):
            async with asyncio.timeout(_EVERY):
                await done.wait()
        done.clear()

    def _addressed(self, ailment: Ailment) -> Ailment:
        """To all channels; of a sick one to the others that deliver."""
        lanes = self._lanes()
        if not ailment.lane:
            return msgspec.structs.replace(ailment, notify=tuple(lanes))
        well = (name for name, counts in lanes.items() if not counts.failing)
        others = tuple(name for name in well if name != ailment.lane)
        return msgspec.structs.replace(ailment, notify=others)

    def _found(self) -> Iterator[Ailment]:
        sources, snapshot = self._sources, self._app.watch.snapshot
        config = sources.config
        return chain(
            ailments.feeds(snapshot, config.rules) if snapshot is not None else (),
            self._sinks.look(self._lanes()),
            ailments.disks(self._rooms, self._ward.told),
            ailments.clock(self._lags),
            ailments.calendars(config.instruments, self._app.clock.now()),
            ailments.store(str(config.state), faulty=sources.faulty),
            ailments.reload(sources.reloader.last),
        )

    def _measure(self, loop: asyncio.AbstractEventLoop) -> None:
        """Ask the disks in a thread; one that stalls keeps that thread and nothing else."""
        if self._asked is None or self._asked.done():
            self._asked = loop.run_in_executor(None, _rooms, self._folders())
            self._asked.add_done_callback(self._measured)

    def _measured(self, asked: asyncio.Future[dict[str, Room]]) -> None:
        if not asked.cancelled():
            self._rooms = asked.result()

    def _folders(self) -> list[Path]:
        config = self._sources.config
        if self._sources.store is None:
            return []
        return [config.state.parent, *([config.record.folder] if config.record else [])]

    def _shortest(self) -> Iterator[int]:
        """Each venue's shortest lag since it was asked last; polls have none of their own."""
        for feed in self._app.feeds:
            lag = feed.shortest_lag()
            if lag is not None and not VENUES[feed.name].polled:
                yield lag


def _rooms(folders: list[Path]) -> dict[str, Room]:
    """Those that can be asked."""
    found = {}
    for folder in folders:
        with suppress(OSError):
            found[str(folder)] = room(folder)
    return found
