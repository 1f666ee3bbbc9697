"""Frames a second from a loopback WebSocket to the last rule, on one core."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic_ns, perf_counter, process_time

import msgspec

from config.settings import Config
from daemon.app import App
from daemon.clock import Clock
from daemon.service import run
from daemon.wiring import make_app
from tests.benchmarks.assembly import Deaf, past, read_config
from tests.benchmarks.blast import blasting, wall
from tests.benchmarks.figures import Figure, Report, at_least

_SECONDS = 3.0
_RUNS = 3
_BEGUN = 50_000
"""Frames before the measuring begins."""
_TARGET = at_least(40_000)


class Pace(msgspec.Struct, frozen=True):
    """One run."""

    rate: float
    """Frames a second."""
    cost: float
    """CPU µs a frame, the kernel's share for this process included."""
    waiting: int
    """Items in the inbox at the end."""
    lost: int
    """Items that the inbox had no room for."""


def measure() -> Report:
    """The whole way, and the way up to the core alone, in turns."""
    both = [(once(core=True), once(core=False)) for _ in range(_RUNS)]
    whole = [one for one, _ in both]
    cost, before = median(p.cost for p in whole), median(p.cost for _, p in both)
    figures = (
        Figure(
            "frames a CPU second, socket to rules",
            1e6 / cost,
            "frames/s",
            _TARGET,
            f"{cost:.1f} µs a frame: {before:.1f} up to the core, {cost - before:.1f} in it",
        ),
        Figure(
            "frames a second as sustained",
            median(p.rate for p in whole),
            "frames/s",
            _TARGET,
            f"the server on another core; at the end {max(p.waiting for p in whole)} waiting, "
            f"{max(p.lost for p in whole)} lost",
        ),
    )
    return Report("pipeline", figures)


def once(*, core: bool) -> Pace:
    """One run; without the core, what comes is received, decoded, queued and forgotten."""
    gc.collect()
    paces: list[Pace] = []
    origin = monotonic_ns()
    with TemporaryDirectory() as folder, blasting(origin) as ports:
        config = read_config(Path(folder), ports)
        run(_run(config, origin, paces, core=core))
    return paces[0]


async def _run(config: Config, origin: int, paces: list[Pace], *, core: bool) -> None:
    app = make_app(
        config,
        clock=Clock(asyncio.get_running_loop(), wall(origin)),
        rng=Random(1),
        notifiers=(),
        history=past(),
        proxy=False,
    )
    if not core:
        app.watch = Deaf(app.watch)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(app.run(), name="daemon")
        while app.watch.market.counts.ticks < _BEGUN:  # noqa: ASYNC110  # nothing tells of counts
            await asyncio.sleep(0.1)
        paces.append(await _pace(app))
        app.stop()


async def _pace(app: App) -> Pace:
    def taken() -> int:
        return app.watch.market.counts.ticks

    before, began, used = taken(), perf_counter(), process_time()
    await asyncio.sleep(_SECONDS)
    frames, seconds, used = taken() - before, perf_counter() - began, process_time() - used
    lost = app.inbox.conflated + app.inbox.dropped
    return Pace(frames / seconds, used / frames * 1e6, len(app.inbox), lost)
