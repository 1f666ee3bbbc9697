"""Peers that refuse, and shout out in their refusal whatever they were told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from itertools import cycle
from urllib.parse import quote, unquote

import msgspec
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

Way = Callable[[bytes, str], bytes]
"""What was asked, and the path in it → the answer."""


class Shouter:
    """An HTTP server; each answer is another way to say back what was asked, `heard` is all of it.

    Every path has its turns of the `ways`. Once it is `well` it answers 204, and `taken` is what
    it was told but for the paths.
    """

    def __init__(self, ways: Callable[[str], Sequence[Way]]) -> None:
        self.heard = b""
        self.taken = b""
        self.well = False
        self.port = 0
        self._ways = ways
        self._turns: dict[str, int] = {}

    def turns(self, paths: int) -> int:
        """How often the least of so many paths was answered."""
        return min(self._turns.values()) if len(self._turns) >= paths else 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            async with server:
                yield
        finally:
            server.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            asked = await _asked(reader)
            self.heard += asked
            if self.well:
                self.taken += asked.partition(b"\r\n")[2]
            writer.write(self._answer(asked, asked.split(b" ")[1].decode()))
            await writer.drain()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    def _answer(self, asked: bytes, path: str) -> bytes:
        if self.well:
            return _taken(asked, path)
        bare = path.partition("?")[0]
        ways = self._ways(bare)
        turn = self._turns[bare] = self._turns.get(bare, 0) + 1
        return ways[(turn - 1) % len(ways)](asked, path)


async def _asked(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    sizes = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    size = int(sizes[0].partition(b":")[2]) if sizes else 0
    return head + await reader.readexactly(size)


def answer(status: str, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers, "Connection: close", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _taken(_: bytes, __: str) -> bytes:
    return b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


def _failed(asked: bytes, path: str) -> bytes:
    return answer(f"500 cannot do {unquote(path)}", asked, f"X-Asked: {path}")


def _garbled(asked: bytes, _: str) -> bytes:
    """As a service that says back what it is told."""
    return asked


def _moved(asked: bytes, path: str) -> bytes:
    return answer(f"302 see {path}", asked, f"Location: http://127.0.0.1:1{path}?from={path}")


def _refused(asked: bytes, path: str) -> bytes:
    return answer(f"503 away from {path}", asked)


def _by_bot_api(code: int) -> Way:
    """Telegram's own form of a refusal."""

    def say(_: bytes, path: str) -> bytes:
        text = f"{HTTPStatus(code).phrase}: no {path} of {unquote(path)}, {quote(path, safe='')}"
        said = {"ok": False, "error_code": code, "description": text}
        return answer(f"{code} -", _json(said).encode(), "Content-Type: application/json")

    return say


def web(_: str) -> Sequence[Way]:
    """Of any service."""
    return (_failed, _garbled, _moved, _refused)


def bot_api(path: str) -> Sequence[Way]:
    """Of Telegram's."""
    last = 401 if path.endswith("/getMe") else 400
    return (_by_bot_api(500), _garbled, _by_bot_api(last))


class ShoutingVenue:
    """A WebSocket server for Alpaca and Finnhub: three ways to refuse, one after the other."""

    def __init__(self) -> None:
        self.heard = b""
        self.answers = 0
        self.port = 0
        self._turns = cycle(range(3))
        self._doors = cycle(range(3))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with serve(
            self._converse, "127.0.0.1", 0, process_request=self._admit, ping_interval=None
        ) as server:
            self.port = next(iter(server.sockets)).getsockname()[1]
            yield

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}"

    def _admit(self, _: ServerConnection, request: Request) -> Response | None:
        """Finnhub's token stands in the path."""
        self.answers += 1
        self.heard += request.path.encode()
        if "token=" not in request.path:
            return None
        where, body = unquote(request.path), request.path.encode()
        match next(self._doors):
            case 0:
                return None
            case 1:
                headers = Headers(Location=f"http://127.0.0.1:1{request.path}")
                return Response(HTTPStatus.FOUND, "see elsewhere", headers, body)
            case _:
                status = HTTPStatus.SERVICE_UNAVAILABLE
                reason = f"no {where}".encode("ascii", "replace").decode()
                return Response(status, reason, Headers(), body)

    async def _converse(self, ws: ServerConnection) -> None:
        asked = ws.request.path if ws.request else ""
        with suppress(ConnectionClosed):
            if "token=" in asked:
                await self._shout_finnhub(ws, asked)
            else:
                await self._shout_alpaca(ws)

    async def _shout_finnhub(self, ws: ServerConnection, asked: str) -> None:
        for said in (asked, unquote(asked)):
            await ws.send(_json({"type": "error", "msg": f"Invalid API key {said}"}))
            await ws.send(f"no JSON but {said}")
        await ws.close(1008, asked[:120])

    async def _shout_alpaca(self, ws: ServerConnection) -> None:
        await ws.send(_json([{"T": "success", "msg": "connected"}]))
        asked = await ws.recv()
        text = asked if isinstance(asked, str) else asked.decode()
        self.heard += text.encode()
        given = msgspec.json.decode(text, type=dict[str, str])
        said = f"no account of {given['key']} with {given['secret']} in {text}"
        turn = next(self._turns)
        await ws.send(_json([{"T": "error", "code": (500, 400, 402)[turn], "msg": said}]))
        await ws.send(f"{said} is no JSON")
        await ws.send(_json([{"T": "s", "S": "IWM", "sc": "2", "sm": said, "rm": text}]))
        await ws.close(1008, (given["secret"], given["key"], "auth failed")[turn])


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


@asynccontextmanager
async def shouting_broker(port: int, heard: Callable[[bytes], None]) -> AsyncIterator[None]:
    """Speaks just enough of MQTT 5 to refuse a client with its own password for a reason."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.read(4096)
        heard(asked)
        size = int.from_bytes(asked[-_password(asked) - 2 : -_password(asked)], "big")
        reason = asked[-size:]
        properties = b"\x1f" + len(reason).to_bytes(2, "big") + reason
        body = b"\x00\x86" + bytes([len(properties)]) + properties
        writer.write(b"\x20" + bytes([len(body)]) + body)
        with suppress(ConnectionError):
            await writer.drain()
            writer.close()
            await writer.wait_closed()

    server = await asyncio.start_server(refuse, "127.0.0.1", port)
    async with server:
        yield


def _password(asked: bytes) -> int:
    """Bytes of the password, which ends a CONNECT."""
    return next(
        size for size in range(1, len(asked)) if asked[-size - 2 : -size] == size.to_bytes(2, "big")
    )
