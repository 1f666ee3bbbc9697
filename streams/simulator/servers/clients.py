"""Those connected to a stand-in server: how they are let in, told, and dropped."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator

from websockets.asyncio.server import ServerConnection, broadcast
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from streams.simulator.faults import Faults, Frame, Spoiler

_BUFFER_LIMIT = 16 * 2**20
"""Bytes waiting for one client beyond which it is too slow to keep."""


class Dismissed(Exception):  # noqa: N818  # not an error: the venue's decision
    """The venue closes this connection."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason


class Client:
    """A connection, and what it has subscribed to: (channel, symbol)."""

    def __init__(self, ws: ServerConnection, spoiler: Spoiler) -> None:
        self.ws = ws
        self.spoiler = spoiler
        self.subscriptions: set[tuple[str, str]] = set()
        self.sent_at = 0
        self.deadline = asyncio.timeout(None)

    def settle(self) -> None:
        """The client has done what the venue waits for."""
        self.deadline.reschedule(None)


class Clients:
    """The connections of one server, all in the power of its faults."""

    def __init__(self, faults: Faults, clock: Callable[[], int], rng: random.Random) -> None:
        self.down = False
        """Whether the script has the venue refuse everyone."""
        self._faults = faults
        self._clock = clock
        self._rng = rng
        self._open: list[Client] = []
        self._thawed = asyncio.Event()
        self._thawed.set()

    def __iter__(self) -> Iterator[Client]:
        """Those connected now."""
        return iter(self._open)

    @property
    def frozen(self) -> bool:
        """Whether the server is half-open."""
        return not self._thawed.is_set()

    def send(self, client: Client, frame: Frame) -> None:
        """Send a frame as it is, without waiting; a client that does not read is dropped."""
        transport = client.ws.transport
        if self.frozen or transport.is_closing():
            return
        if transport.get_write_buffer_size() > _BUFFER_LIMIT:
            transport.abort()
            return
        client.sent_at = self._clock()
        broadcast((client.ws,), frame)

    def cut(self) -> None:
        """Drop all connections without a word."""
        for client in self._open:
            client.ws.transport.abort()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close all connections."""
        for client in [*self._open]:
            await client.ws.close(code, reason)

    def freeze(self) -> None:
        """Half-open: neither read, write nor answer from now on, with TCP left open."""
        self._thawed.clear()
        for client in self._open:
            client.ws.transport.pause_reading()

    def thaw(self) -> None:
        """End `freeze`; what was due meanwhile is lost."""
        self._thawed.set()
        for client in self._open:
            client.ws.transport.resume_reading()

    async def admit(self, ws: ServerConnection, request: Request, path: str) -> Response | None:
        """The answer in place of a handshake; None lets the client in."""
        await self._thawed.wait()
        if self.down:
            return ws.respond(503, "down\n")
        if refusal := self._faults.refuse:
            response = ws.respond(refusal.status, "refused\n")
            if refusal.retry_after is not None:
                response.headers["Retry-After"] = str(refusal.retry_after)
            return response
        return None if request.path.partition("?")[0] == path else ws.respond(404, "not found\n")

    async def attend(
        self, ws: ServerConnection, converse: Callable[[Client], Awaitable[None]]
    ) -> None:
        """See a connection through to its end."""
        if self._faults.close_on_open is not None:
            await ws.close(self._faults.close_on_open)
            return
        client = Client(ws, Spoiler(self._faults, self._rng))
        self._open.append(client)
        try:
            await converse(client)
        except Dismissed as dismissed:
            await ws.close(dismissed.code, dismissed.reason)
        except ConnectionClosed:
            pass
        finally:
            self._open.remove(client)
