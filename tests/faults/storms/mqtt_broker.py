"""A stand-in for an MQTT 5 broker in the loop's own time, so that simulated time need not wait.

It takes connections, subscriptions and messages and answers them; it passes nothing on. Of a
message it tells `heard`, then acknowledges it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

_CONNACK = b"\x20\x03\x00\x00\x00"
_PONG = b"\xd0\x00"

Heard = Callable[[str, bytes], None]


class Broker:
    """`await start()`, then `port`, which stays the same; `down`, `freeze` and `cut` break it."""

    def __init__(self, heard: Heard) -> None:
        self.port = 0
        self.frozen = False
        self.sessions: list[_Session] = []
        self._heard = heard
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen; after `down` again."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def down(self) -> None:
        """Cut everyone off and refuse connections."""
        if self._server is not None:
            self._server.close()
            self.cut()
            await self._server.wait_closed()
            self._server = None

    def cut(self) -> None:
        """Cut everyone off."""
        for session in self.sessions:
            session.transport.abort()

    def freeze(self) -> None:
        """Accept connections and bytes, and answer nothing."""
        self.frozen = True

    def thaw(self) -> None:
        """Go on with what came meanwhile, from those also who have gone since."""
        self.frozen = False
        for session in [*self.sessions]:
            session.go_on()

    def _session(self) -> _Session:
        return _Session(self, self._heard)


class _Session(asyncio.Protocol):
    """One connection."""

    transport: asyncio.Transport

    def __init__(self, broker: Broker, heard: Heard) -> None:
        self._broker = broker
        self._heard = heard
        self._bytes = b""
        self._lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._broker.sessions.append(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        self._lost = True
        if not self._broker.frozen:
            self._broker.sessions.remove(self)

    def data_received(self, data: bytes) -> None:
        self._bytes += data
        if not self._broker.frozen:
            self._read()

    def go_on(self) -> None:
        """The broker was frozen and is no more."""
        self._read()
        if self._lost:
            self._broker.sessions.remove(self)

    def _read(self) -> None:
        for head, body in self._packets():
            answer = self._answer(head, body)
            if answer and not self._lost:
                self.transport.write(answer)

    def _packets(self) -> Iterator[tuple[int, bytes]]:
        while (size := _number(self._bytes, 1)) is not None:
            start, length = size
            if len(self._bytes) < start + length:
                return
            head, body = self._bytes[0], self._bytes[start : start + length]
            self._bytes = self._bytes[start + length :]
            yield head, body

    def _answer(self, head: int, body: bytes) -> bytes:
        match head >> 4:
            case 1:
                return _CONNACK
            case 3:
                return self._publish(body, qos=(head >> 1) & 3)
            case 8:
                return _suback(body)
            case 12:
                return _PONG
            case 14 if not self._lost:
                self.transport.close()
        return b""

    def _publish(self, body: bytes, *, qos: int) -> bytes:
        end = 2 + int.from_bytes(body[:2])
        topic, at = body[2:end].decode(), end + (2 if qos else 0)
        start, length = _number(body, at) or (at, 0)
        self._heard(topic, body[start + length :])
        return b"\x40\x02" + body[end : end + 2] if qos else b""


def _suback(body: bytes) -> bytes:
    """Every topic is granted."""
    start, length = _number(body, 2) or (2, 0)
    at, codes = start + length, b""
    while at < len(body):
        at += 3 + int.from_bytes(body[at : at + 2])
        codes += b"\x01"
    rest = body[:2] + b"\x00" + codes
    return b"\x90" + bytes([len(rest)]) + rest


def _number(data: bytes, at: int) -> tuple[int, int] | None:
    """A number of MQTT's variable length at a place: where it ends, and what it is."""
    value = 0
    for place, byte in enumerate(data[at : at + 4]):
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return at + place + 1, value
    return None
