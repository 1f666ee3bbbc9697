"""A daemon's page at a socket, and a market that can be made to say something."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import msgspec
from pydantic import SecretStr

from config.settings import Page
from daemon.web.auth import page_door
from daemon.web.connection import serve
from daemon.web.page import routes
from daemon.web.server import make_app
from daemon.web.sockets import listen_at
from streams.detectors import Evidence
from streams.metric import Call
from streams.snapshot import Reading
from tests.daemon.web.running import TOKEN, Running

CORR = "corr(ETH,IWM,1h)"


def with_token(running: Running) -> Running:
    page = Page("127.0.0.1", 0, token=SecretStr(TOKEN))
    running.reloader.config = msgspec.structs.replace(running.config, page=page)
    return running


def show(running: Running, readings: Mapping[str, Reading]) -> None:
    """Have the newest snapshot say this besides."""
    old = running.app.watch.snapshot
    assert old is not None
    both = {**old.readings, **readings}
    running.app.watch.snapshot = msgspec.structs.replace(old, readings=both)


def correlate(running: Running, value: float) -> None:
    """The pair's correlation over the last hour is so much."""
    show(running, {CORR: Reading(value, n=60.0, low=value - 0.1, high=value + 0.1)})


def watch(running: Running, found: Evidence | None) -> None:
    """Both of the pair's detectors have added up so much; None: there are none."""

    def evidence(call: Call) -> Evidence | None:
        assert call.metric.startswith("breakdown")
        return found

    running.app.watch.market.link("ETH", "IWM").evidence = evidence  # type: ignore[method-assign]  # in tests only


@asynccontextmanager
async def at_socket(running: Running, at: socket.socket | None = None) -> AsyncIterator[str]:
    """The page's address, while it is served."""
    at = at or listen_at("127.0.0.1", 0)
    page = running.sources.config.page
    assert page is not None
    url = f"http://127.0.0.1:{at.getsockname()[1]}"
    app = make_app(running.sources, page_door(page), routes(running.sources))
    async with asyncio.TaskGroup() as tasks:
        beside = [
            tasks.create_task(serve(at, app), name="site"),
            tasks.create_task(_go_on(running), name="core"),
        ]
        try:
            yield url
        finally:
            running.app.stop()
            for task in beside:
                task.cancel()


async def _go_on(running: Running) -> None:
    """As if it were evaluated, and always came out the same."""
    while True:
        running.app.watch.market.core = running.clock.now()
        await asyncio.sleep(1)
