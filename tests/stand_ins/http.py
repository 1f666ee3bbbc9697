"""A minimal HTTP/1.1 server over asyncio streams: enough for an API client on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qsl

import msgspec


class Request(msgspec.Struct, frozen=True):
    path: str
    form: dict[str, str]
    method: str = "GET"
    headers: dict[str, str] = {}
    """By their names in small letters."""
    body: bytes = b""


class Response(msgspec.Struct, frozen=True):
    status: int
    body: bytes
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


class Hangup(Exception):  # noqa: N818  # not an error of ours
    """Close the connection without an answer."""


Handler = Callable[[Request], Awaitable[Response]]


def json_response(status: int, value: Any) -> Response:
    return Response(status, json.dumps(value).encode())


class HttpServer:
    """Serves on 127.0.0.1 at a port of its own, which stays the same through `stop` and `start`."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.StreamWriter, asyncio.Task[None] | None] = {}
        self.port = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Refuse connections and cut those that are open."""
        if self._server is None:
            return
        self._server.close()
        tasks = [task for task in self._connections.values() if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self._server.wait_closed()
        self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections[writer] = asyncio.current_task()
        try:
            # A cancelled connection ends in good order: `stop` asked for it.
            with suppress(
                asyncio.IncompleteReadError, ConnectionError, Hangup, asyncio.CancelledError
            ):
                while True:
                    response = await self._handler(await _read(reader))
                    writer.write(_rendered(response))
                    await writer.drain()
        finally:
            del self._connections[writer]
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    start, *lines = head.split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    form = _form(headers.get("content-type", ""), body)
    method, path, _ = start.split(" ")
    return Request(path=path, form=form, method=method, headers=headers, body=body)


def _form(content_type: str, body: bytes) -> dict[str, str]:
    if not content_type.startswith("multipart/form-data"):
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    message = BytesParser().parsebytes(
        b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body
    )
    form = {}
    for part in message.walk():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(payload, bytes):
            form[name] = payload.decode("utf-8", "replace")
    return form


def _rendered(response: Response) -> bytes:
    head = (
        f"HTTP/1.1 {response.status} -\r\nContent-Type: {response.content_type}\r\n"
        f"Content-Length: {len(response.body)}\r\n"
    )
    head += "".join(f"{name}: {value}\r\n" for name, value in response.headers) + "\r\n"
    return head.encode() + response.body
