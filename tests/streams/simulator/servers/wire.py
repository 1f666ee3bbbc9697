"""The client's side of the wire, bare."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from streams.simulator.servers.server import VenueServer


@asynccontextmanager
async def connected(
    server: VenueServer, *requests: object, **options: Any
) -> AsyncIterator[ClientConnection]:
    """A connection over which the requests have been sent."""
    settings: dict[str, Any] = {"proxy": None, "max_size": 2**24, "ping_interval": None, **options}
    async with connect(server.url, **settings) as ws:
        for request in requests:
            await ask(ws, request)
        yield ws


async def ask(ws: ClientConnection, request: object) -> None:
    """Send a request, as JSON unless it is text already."""
    await ws.send(request if isinstance(request, str) else json.dumps(request))


async def answer(ws: ClientConnection) -> Any:
    """The next frame, which must be JSON."""
    async with asyncio.timeout(30):
        return json.loads(await ws.recv())


async def raw(ws: ClientConnection, seconds: float) -> list[tuple[float, str | bytes]]:
    """All frames of some simulated seconds, each with its time of arrival."""
    loop, frames = asyncio.get_running_loop(), []
    try:
        async with asyncio.timeout(seconds):
            while True:
                frame = await ws.recv()
                frames.append((loop.time(), frame))
    except TimeoutError:
        return frames


async def listen(ws: ClientConnection, seconds: float) -> list[Any]:
    """All frames of some simulated seconds, which must be JSON."""
    return [json.loads(frame) for _, frame in await raw(ws, seconds)]


def ns(stamp: str) -> int:
    """RFC 3339 in UTC → nanoseconds."""
    whole, _, fraction = stamp.removesuffix("Z").partition(".")
    seconds = int(datetime.fromisoformat(whole + "+00:00").timestamp())
    return seconds * 10**9 + int(fraction.ljust(9, "0"))
