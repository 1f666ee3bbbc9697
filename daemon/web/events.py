"""The page's events: how all stands, once a second while somebody looks.

Nothing is queued. Who is slow is sent what is newest once it reads again, and who does not read at
all is let go by the connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from daemon.web.answer import fault
from daemon.web.sources import Sources
from daemon.web.state import page_state

EVERY: Final = 1.0
"""Seconds."""
_LISTENERS = 32
"""At once; a door takes more connections than these."""
_AGAIN = 2000
"""Milliseconds after which a browser that lost us tries again."""


class Event(msgspec.Struct, frozen=True):
    """One state; `id` tells whether a browser that comes back has it already."""

    id: str
    text: bytes


class Events:
    """Made once for all who listen."""

    def __init__(self, sources: Sources, assets: str) -> None:
        self._sources = sources
        self._assets = assets
        self._newest = Event("", b"")
        self._made = -EVERY
        self._listeners = 0

    async def listen(self, request: Request) -> Response:
        """An answer without an end."""
        if self._listeners >= _LISTENERS:
            return fault(503, "too many look at this page: close one of them")
        had = request.headers.get("last-event-id", "")
        return StreamingResponse(self._stream(had), media_type="text/event-stream")

    def newest(self) -> Event:
        """The state, made anew once it is a second old."""
        now = asyncio.get_running_loop().time()
        if now - self._made >= EVERY / 2:
            self._made = now
            data = msgspec.json.encode(page_state(self._sources, self._assets))
            id_ = f"{self._sources.started}.{round(now * 1000)}"
            self._newest = Event(id_, b"id: %b\ndata: %b\n\n" % (id_.encode(), data))
        return self._newest

    async def _stream(self, had: str) -> AsyncIterator[bytes]:
        stopping = self._sources.app.stopping
        self._listeners += 1
        try:
            yield b"retry: %d\n\n" % _AGAIN
            while not stopping.is_set():
                event = self.newest()
                if event.id != had:
                    had = event.id
                    yield event.text
                await _pause(stopping)
        finally:
            self._listeners -= 1


async def _pause(stopping: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(EVERY):
            await stopping.wait()
    except TimeoutError:
        return
