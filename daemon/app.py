"""The running daemon: feeds in, the core in the middle, deliveries out, until told to stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from alerts.desk import Desk
from alerts.outbox import Outbox
from alerts.report.reporter import Reporter
from daemon.clock import Clock
from daemon.illustrator import Charts
from daemon.inbox import Inbox
from daemon.watch import Watch
from streams.context.poll import Poll
from streams.feeds.feed import Feed
from streams.history.recorder import Recorder
from streams.instrument import NS
from streams.tick import Beat

_log = logging.getLogger(__name__)

_BATCH = 5_000
"""Items taken before the loop's other tasks get their turn: more than feeds bring in one turn (a
socket gives up to 256 KB at a time), or in a burst the core would fall behind them."""
_FAREWELL = 5.0
"""Seconds in which deliveries may finish at the end."""
_TIMER = 0.001
_CLOCK_CHECK = 60.0
_CLOCK_STEP = NS // 20
"""By how much the system clock must differ to be followed."""


class App:
    """All parts of a daemon, wired; `run` is its life."""

    def __init__(
        self,
        *,
        watch: Watch,
        inbox: Inbox,
        feeds: Sequence[Feed],
        outbox: Outbox,
        desk: Desk,
        clock: Clock,
        step: int,
        charts: Charts | None = None,
        reporter: Reporter | None = None,
        recorder: Recorder | None = None,
        polls: Sequence[Poll] = (),
    ) -> None:
        self.watch = watch
        self.inbox = inbox
        self.feeds = feeds
        self.outbox = outbox
        self.desk = desk
        self.charts = charts
        self.reporter = reporter
        self.recorder = recorder
        self.polls = polls
        """Asked beside the core, by whoever runs it: nothing of it is worth an end."""
        self.clock = clock
        self.prepare: Callable[[], Awaitable[object]] | None = None
        """Done before the first item, while deliveries go on already."""
        self.preparing = False
        self._step = step
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Ask `run` to end: feeds first, then deliveries get a moment."""
        self._stop.set()

    @property
    def stopping(self) -> asyncio.Event:
        """Set once `stop` was called."""
        return self._stop

    async def run(self) -> None:
        """Run until `stop`; what is still undelivered then is counted in the log."""
        try:
            await self._run()
        finally:
            if self.charts is not None:
                self.charts.close()
            if self.recorder is not None:
                self.recorder.close()

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            delivery = tasks.create_task(self.outbox.run(), name="outbox")
            await self._prepare()
            await self._follow()
            left = await self.outbox.drain(_FAREWELL)
            if left:
                _log.warning("%d alerts were not delivered before the end", left)
            delivery.cancel()

    async def _prepare(self) -> None:
        if self.prepare is not None:
            self.preparing = True
            await self.prepare()
            self.preparing = False

    async def _follow(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(self._consume(), name="core"),
                tasks.create_task(self._beat(), name="beats"),
                tasks.create_task(self._follow_clock(), name="clock"),
                *(tasks.create_task(feed.run(), name=f"feed {feed.name}") for feed in self.feeds),
            ]
            await self._stop.wait()
            for task in running:
                task.cancel()

    async def _consume(self) -> None:
        while True:
            await self.inbox.filled()
            for item in self.inbox.take(_BATCH):
                self.watch.accept(item)
            await asyncio.sleep(0)

    async def _beat(self) -> None:
        """Let core time pass while nothing comes: a beat at each instant of the grid."""
        while True:
            now = self.clock.now()
            # A real loop's timers are no finer than a millisecond: asked for less it would spin.
            await asyncio.sleep(max((self._step - now % self._step) / NS, _TIMER))
            self.inbox.put(Beat(self.clock.now()))

    async def _follow_clock(self) -> None:
        while True:
            await asyncio.sleep(_CLOCK_CHECK)
            drift = self.clock.drift()
            if abs(drift) > _CLOCK_STEP:
                self.clock.reanchor()
                _log.warning("the system clock was stepped by %+.3f s; followed", drift / NS)
