"""What is done before the first item."""

from __future__ import annotations

import asyncio
from random import Random

from alerts.notifiers.log import Log
from daemon.app import App
from daemon.clock import Clock
from daemon.demo import SERVERS, demo_config
from daemon.reload import Reloader
from daemon.web.sources import Sources
from daemon.wiring import make_app
from streams.instrument import NS

START = 1_773_671_400 * NS


def _app() -> tuple[App, Sources]:
    config = demo_config({server.venue: "ws://127.0.0.1:9" for server in SERVERS})
    app = make_app(
        config,
        clock=Clock(asyncio.get_running_loop(), START),
        rng=Random(0),
        notifiers=[Log(lambda *_: None)],
        proxy=False,
    )
    reloader = Reloader(config, app.watch, now=app.clock.now, tell=app.outbox.submit)
    return app, Sources(app, reloader, started=START)


async def test_the_core_begins_when_what_is_to_be_done_first_is_done() -> None:
    app, sources = _app()
    seen: list[tuple[int, bool]] = []

    async def prepare() -> None:
        for _ in range(3):
            await asyncio.sleep(10)
            seen.append((app.watch.market.core, sources.alive))

    app.prepare = prepare
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(app.run(), name="daemon")
        await asyncio.sleep(33)
        assert seen == [(0, True)] * 3, "whoever prepares is alive"
        assert app.watch.market.core > START + 30 * NS
        assert sources.alive
        app.stop()


async def test_who_prepares_may_be_stopped() -> None:
    app, _ = _app()
    app.prepare = app.stopping.wait
    async with asyncio.TaskGroup() as tasks, asyncio.timeout(20):
        tasks.create_task(app.run(), name="daemon")
        await asyncio.sleep(10)
        app.stop()
    assert app.watch.market.core == 0
