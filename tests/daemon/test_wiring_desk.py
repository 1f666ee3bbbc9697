"""The desk, as the daemon has it: what people do there outlives the process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import msgspec

from alerts.notifiers.log import Log
from alerts.silence import Matcher
from alerts.store import Store
from daemon.app import App
from daemon.clock import Clock
from daemon.demo import demo_config
from daemon.wiring import make_app
from streams.instrument import NS

START = 1_773_756_000 * NS
"""Tue 17 Mar 2026, 10:00 in New York."""
URLS = {"coinbase": "ws://c", "kraken": "ws://k", "alpaca": "ws://a"}


@asynccontextmanager
async def running(path: Path) -> AsyncIterator[App]:
    store = Store(path)
    app = make_app(
        msgspec.structs.replace(demo_config(URLS), venues=()),  # beats, and no feeds
        clock=Clock(asyncio.get_running_loop(), START),
        rng=Random(0),
        notifiers=[Log(lambda *_: None)],
        store=store,
    )
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(app.run(), name="app")
            yield app
            app.stop()
    finally:
        await store.close()


async def test_a_silence_holds_in_the_next_run_too(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    async with running(path) as app:
        made = app.desk.silence(Matcher(), "ann", 3600.0, "lunch")
        await asyncio.sleep(1)
    async with running(path) as app:
        assert app.desk.silences() == [made]
        await asyncio.sleep(3)
        muted = {standing.muted for standing in app.desk.standings()}
        assert muted == {"silenced by ann until 11:00 New York (lunch)"}
        assert app.desk.snapshot is not None
        app.desk.unsilence(made.id, "bob")
        await asyncio.sleep(1)
    store = Store(path)
    assert store.left.silences == ()
    await store.close()
