"""uvicorn inside a loop that is not its own: signals are the daemon's, slow clients are let go."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pwd import getpwuid
from typing import Any

from starlette.types import ASGIApp
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

_CONNECTIONS = 64
"""At one door at once."""
_PATIENCE = 10.0
"""Seconds a client may take to ask, or to read."""
_LARGEST_HEAD = 16 * 1024
_FAREWELL = 1
"""Seconds in which answers under way may end."""
_OVERFLOW_UID = 65534
"""Whom the kernel names where the peer's user is none of our namespace (PrivateUsers=)."""


async def serve(at: socket.socket, app: ASGIApp) -> None:
    """Serve an application at a listening socket until cancelled; the socket is closed then."""
    server = _Server(
        Config(
            app,
            http=Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=_CONNECTIONS,
            timeout_graceful_shutdown=_FAREWELL,
            h11_max_incomplete_event_size=_LARGEST_HEAD,
        )
    )
    try:
        await server.serve([at])
    finally:
        if server.started:
            await server.shutdown([at])
        at.close()


class Connection(H11Protocol):
    """One connection: who is at its other end, and since when it is waited for."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the base's
        """Note who is there: `state.peer` of each request."""
        super().connection_made(transport)
        self._asking = self.loop.time()
        self._reading: float | None = None
        self.app_state = {**self.app_state, "peer": peer(transport)}

    def on_response_complete(self) -> None:
        """The client may ask again."""
        self._asking = self.loop.time()
        super().on_response_complete()

    def pause_writing(self) -> None:
        """The client does not read what we send."""
        self._reading = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        """It does again."""
        self._reading = None
        super().resume_writing()

    def let_go_if_slow(self) -> None:
        """End it where the client takes too long to ask, or to read."""
        answering = self.cycle is not None and not self.cycle.response_complete
        since = self._reading if answering else self._asking
        if since is not None and self.loop.time() - since > _PATIENCE:
            self.transport.abort()


class _Server(Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them to the daemon."""
        yield

    async def main_loop(self) -> None:
        while not await self.on_tick(0):
            for connection in list(self.server_state.connections):
                if isinstance(connection, Connection):
                    connection.let_go_if_slow()
            await asyncio.sleep(1)


def peer(transport: asyncio.Transport) -> str:
    """The user at the other end of a Unix socket; empty where it cannot be told."""
    end: Any = transport.get_extra_info("socket")
    if end is None or end.family != socket.AF_UNIX:
        return ""
    # Not the transport's own object: uvloop's has no options.
    with socket.socket(fileno=socket.dup(end.fileno())) as own:
        credentials = own.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, uid, _ = struct.unpack("3i", credentials)
    return _user(uid)


@cache
def _user(uid: int) -> str:
    try:
        return "" if uid == _OVERFLOW_UID else getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
