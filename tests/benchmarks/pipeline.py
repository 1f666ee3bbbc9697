"""Frames a second from a loopback WebSocket to the last rule, on one core."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic_ns, perf_counter, process_time

import msgspec

from daemon.clock import Clock
from daemon.inbox import Inbox
from daemon.service import run
from streams.tick import Item
from tests.benchmarks.assembly import Daemon, read_config
from tests.benchmarks.blast import blasting, wall
from tests.benchmarks.figures import Figure, Report, at_least
from tests.benchmarks.frames import START

_WARM = 1.0
_SECONDS = 3.0
_RUNS = 3


class Pace(msgspec.Struct, frozen=True):
    """One run."""

    rate: float
    """Frames a second."""
    cost: float
    """CPU µs a frame, the kernel's share for this process included."""
    waiting: int
    """Items in the inbox at the end."""


def measure() -> Report:
    """The whole way, and the way up to the inbox alone."""
    whole = [_once(core=True) for _ in range(_RUNS)]
    feeds = [_once(core=False) for _ in range(_RUNS)]
    cost, received = (median(pace.cost for pace in paces) for paces in (whole, feeds))
    figures = (
        Figure(
            "frames a CPU second, whole pipeline",
            1e6 / cost,
            "frames/s",
            at_least(40_000),
            f"{cost:.1f} µs a frame: {received:.1f} to receive and decode, "
            f"{cost - received:.1f} for the core",
        ),
        Figure(
            "frames a second as sustained, the server on the other core",
            median(pace.rate for pace in whole),
            "frames/s",
            at_least(40_000),
            f"{max(pace.waiting for pace in whole)} items waiting at the end",
        ),
    )
    return Report("pipeline", figures)


def _once(*, core: bool) -> Pace:
    gc.collect()
    paces: list[Pace] = []
    with TemporaryDirectory() as folder:
        run(_run(Path(folder), paces, core=core))
    return paces[0]


class _Sink(Inbox):
    """Takes everything, holds nothing."""

    def put(self, item: Item) -> None:
        """Forget it."""


async def _run(folder: Path, paces: list[Pace], *, core: bool) -> None:
    origin = monotonic_ns()
    with blasting(origin) as ports:
        clock = Clock(asyncio.get_running_loop(), wall(origin))
        daemon = Daemon(read_config(folder, ports), clock, inbox=Inbox() if core else _Sink())
        daemon.learn(START)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(daemon.app.run(), name="daemon")
            await asyncio.sleep(_WARM)
            paces.append(await _pace(daemon, core=core))
            daemon.app.stop()


async def _pace(daemon: Daemon, *, core: bool) -> Pace:
    def done() -> int:
        received = sum(feed.counts.frames for feed in daemon.feeds)
        return daemon.market.counts.ticks if core else received

    before, began, used = done(), perf_counter(), process_time()
    await asyncio.sleep(_SECONDS)
    seconds, used, frames = perf_counter() - began, process_time() - used, done() - before
    return Pace(frames / seconds, used / frames * 1e6, len(daemon.inbox))
