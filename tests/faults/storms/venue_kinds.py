"""How venues, the way to them and their names go wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

from streams.simulator.faults import Refusal
from streams.simulator.servers.server import VenueServer
from tests.faults.storms.kind import VENUES, kind, of_venue
from tests.faults.storms.scene import Scene
from tests.faults.storms.seams import host

_CONNECTS = (of_venue("connects_total"),)
_TORN = b'\x81\x7e\x10\x00{"type":"match","trade'
"""A WebSocket frame of 4096 bytes of which the first come."""


def _trades(server: VenueServer) -> int:
    return sum(progress.trades for progress in server.progress.values())


@asynccontextmanager
async def _for_trades(server: VenueServer, more: int) -> AsyncIterator[None]:
    """Of a fault that only data show: broken until so many more came."""
    number = _trades(server) + more
    yield
    while _trades(server) < number:  # noqa: ASYNC110  # a stand-in tells nobody
        await asyncio.sleep(0.5)


@kind("disconnect", on=VENUES, shows=_CONNECTS, disturbs=True, room=8.0, weight=3.0)
async def disconnect(scene: Scene, on: str, _: Random) -> AsyncIterator[None]:
    """Every connection is dropped without a word."""
    scene.servers[on].clients.cut()
    yield


@kind("torn frame", on=VENUES, shows=_CONNECTS, disturbs=True, room=8.0, weight=2.0)
async def torn(scene: Scene, on: str, _: Random) -> AsyncIterator[None]:
    """The connection ends within a frame."""
    for client in [*scene.servers[on].clients]:
        client.ws.transport.write(_TORN)
        client.ws.transport.close()
    yield


@kind("oversize frame", on=VENUES, shows=_CONNECTS, disturbs=True, room=12.0, weight=0.2)
async def oversize(scene: Scene, on: str, _: Random) -> AsyncIterator[None]:
    """A frame of 17 MB, more than is taken."""
    scene.servers[on].giant(17 * 2**20)
    yield


@kind("restart", on=VENUES, shows=_CONNECTS, disturbs=True, lasts=(3.0, 10.0), room=25.0)
async def restart(scene: Scene, on: str, _: Random) -> AsyncIterator[None]:
    """Goes down in good order and refuses for a while."""
    server = scene.servers[on]
    server.clients.down = True
    await server.clients.close(1012, "service restart")
    yield
    server.clients.down = False


@kind("venue outage", on=VENUES, shows=_CONNECTS, disturbs=True, lasts=(10.0, 40.0), room=30.0)
async def outage(scene: Scene, on: str, _: Random) -> AsyncIterator[None]:
    """Everyone is cut off and refused."""
    server = scene.servers[on]
    server.clients.down = True
    server.clients.cut()
    yield
    server.clients.down = False


@kind(
    "accepts and closes", on=VENUES, shows=_CONNECTS, disturbs=True, lasts=(10.0, 30.0), room=30.0
)
async def accepts_and_closes(scene: Scene, on: str, _: Random) -> AsyncIterator[None]:
    """Lets everyone in and shows them out at once."""
    server = scene.servers[on]
    server.faults.close_on_open = 1008
    server.clients.cut()
    yield
    server.faults.close_on_open = None


@kind("429 storm", on=VENUES, shows=_CONNECTS, disturbs=True, lasts=(5.0, 30.0), room=60.0)
async def too_many(scene: Scene, on: str, rng: Random) -> AsyncIterator[None]:
    """Handshakes are answered 429, with and without Retry-After."""
    server = scene.servers[on]
    server.faults.refuse = Refusal(429, rng.choice([None, 1, 5, 20]))
    server.clients.cut()
    yield
    server.faults.refuse = None


@kind("DNS failure", on=VENUES, shows=_CONNECTS, disturbs=True, lasts=(5.0, 25.0), room=25.0)
async def dns(scene: Scene, on: str, _: Random) -> AsyncIterator[None]:
    """The connection breaks, and the venue's name cannot be resolved."""
    scene.loop.unknown.add(host(on))
    scene.servers[on].clients.cut()
    yield
    scene.loop.unknown.discard(host(on))


@kind("half-open", on=VENUES, shows=_CONNECTS, disturbs=True, lasts=(40.0, 60.0), room=25.0)
async def half_open(scene: Scene, on: str, _: Random) -> AsyncIterator[None]:
    """Neither reads, writes nor answers, with TCP left open."""
    clients = scene.servers[on].clients
    clients.freeze()
    yield
    clients.thaw()


@kind("mute", on=VENUES, shows=_CONNECTS, disturbs=True, lasts=(40.0, 100.0), room=25.0)
async def mute(scene: Scene, on: str, _: Random) -> AsyncIterator[None]:
    """Heartbeats and no data."""
    server = scene.servers[on]
    server.faults.mute = True
    yield
    server.faults.mute = False


@kind(
    "reordering",
    on=VENUES,
    shows=(of_venue("trade_gaps_total"), of_venue("ticks_disordered_total")),
    disturbs=True,
    lasts=(12.0, 20.0),
    room=8.0,
    weight=1.5,
)
async def reordering(scene: Scene, on: str, _: Random) -> AsyncIterator[None]:
    """Each pair of frames comes in reverse order."""
    server = scene.servers[on]
    server.faults.swap = True
    async with _for_trades(server, 8):
        yield
    server.faults.swap = False


@kind(
    "fast clock",
    on=VENUES,
    shows=(of_venue("ticks_ahead_total"),),
    disturbs=True,
    lasts=(8.0, 20.0),
    room=8.0,
    timed=True,
)
async def fast_clock(scene: Scene, on: str, rng: Random) -> AsyncIterator[None]:
    """The venue stamps everything some seconds too late."""
    server = scene.servers[on]
    server.faults.ahead = rng.uniform(0.2, 10.0)
    async with _for_trades(server, 2):
        yield
    server.faults.ahead = 0.0


@kind(
    "duplicates",
    on=VENUES,
    shows=(of_venue("ticks_duplicate_total"),),
    lasts=(12.0, 20.0),
    room=5.0,
    weight=1.5,
)
async def duplicates(scene: Scene, on: str, _: Random) -> AsyncIterator[None]:
    """Every data frame comes twice."""
    server = scene.servers[on]
    server.faults.duplicate = True
    async with _for_trades(server, 3):
        yield
    server.faults.duplicate = False


_ERRORS = (of_venue("frame_errors_total"),)


@kind("garbage", on=VENUES, shows=_ERRORS, lasts=(10.0, 20.0), weight=1.5)
async def garbage(scene: Scene, on: str, _: Random) -> AsyncIterator[None]:
    """A frame that cannot be read after each good one."""
    server = scene.servers[on]
    server.faults.garbage = True
    async with _for_trades(server, 2):
        yield
    server.faults.garbage = False


@kind("truncated frame", on=VENUES, shows=_ERRORS, weight=3.0)
async def truncated(scene: Scene, on: str, rng: Random) -> AsyncIterator[None]:
    """A message of which the end is missing."""
    server = scene.servers[on]
    whole = server.unknown("x" * 60)
    for client in server.clients:
        server.clients.send(client, whole[: rng.randrange(1, len(whole) - 1)])
    await asyncio.sleep(0.5)
    yield


@kind("giant frame", on=VENUES, shows=(of_venue("frames_ignored_total"),), weight=0.7)
async def giant(scene: Scene, on: str, _: Random) -> AsyncIterator[None]:
    """A frame of 1 MB, of which nothing is known."""
    scene.servers[on].giant(2**20)
    await asyncio.sleep(0.5)
    yield
