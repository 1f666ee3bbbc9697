"""Each way in which a venue goes wrong and is mended, played on a stand-in server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from streams.simulator.servers.server import VenueServer

MINUTE = 60.0

Fault = Callable[[VenueServer], Awaitable[None]]


async def restarts(server: VenueServer) -> None:
    """Goes down in good order, refuses for 10 s, and is back."""
    server.clients.down = True
    await server.clients.close(1012, "service restart")
    await asyncio.sleep(10)
    server.clients.down = False


async def accepts_and_closes(server: VenueServer) -> None:
    """Lets everyone in and shows them out at once."""
    server.faults.close_on_open = 1008
    server.clients.cut()
    await asyncio.sleep(MINUTE)
    server.faults.close_on_open = None


async def is_mute(server: VenueServer) -> None:
    """Sends heartbeats and no data."""
    server.faults.mute = True
    await asyncio.sleep(MINUTE)
    server.faults.mute = False


async def sends_garbage(server: VenueServer) -> None:
    """Sends a frame that cannot be read after each good one."""
    server.faults.garbage = True
    await asyncio.sleep(MINUTE)
    server.faults.garbage = False


async def is_half_open(server: VenueServer) -> None:
    """Neither reads, writes nor answers, with TCP left open."""
    server.clients.freeze()
    await asyncio.sleep(MINUTE)
    server.clients.thaw()


async def sends_a_giant_frame(server: VenueServer) -> None:
    """Sends a frame of 1 MB."""
    server.giant(2**20)


async def is_ahead(server: VenueServer) -> None:
    """Stamps everything 5 s too late, then tells the time again."""
    server.faults.ahead = 5.0
    await asyncio.sleep(MINUTE)
    server.faults.ahead = 0.0


async def is_mute_for_long(server: VenueServer) -> None:
    """Is mute for longer than a price may be missing."""
    server.faults.mute = True
    await asyncio.sleep(3 * MINUTE)
    server.faults.mute = False


FAULTS: Mapping[str, Fault] = {
    "restarts": restarts,
    "accepts and closes": accepts_and_closes,
    "mute": is_mute,
    "garbage": sends_garbage,
    "half-open": is_half_open,
    "giant": sends_a_giant_frame,
    "ahead": is_ahead,
    "mute for long": is_mute_for_long,
}

HARMLESS = {"garbage", "giant", "ahead"}
"""The connection survives them, and all data come."""
