"""A door in front of a TCP server, to be shut and opened while clients come and go."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Self


class Gate:
    """Passes on what comes to its own `port`; shut, it cuts everyone off and refuses."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self._target = target
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._passing: set[asyncio.Task[None] | None] = set()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.shut()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        if self._passing:
            await asyncio.wait([task for task in self._passing if task is not None])
        await self._server.wait_closed()
        self._server = None

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        self._passing.add(task)
        self._writers.add(writer)
        try:
            with suppress(OSError):
                inner, outer = await asyncio.open_connection("127.0.0.1", self._target)
                self._writers.add(outer)
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._copy(reader, outer), name="gate in")
                    tasks.create_task(self._copy(inner, writer), name="gate out")
        finally:
            writer.transport.abort()
            self._writers.discard(writer)
            self._passing.discard(task)

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Until either side ends, which ends both."""
        try:
            with suppress(OSError):
                while data := await reader.read(65536):
                    writer.write(data)
                    await writer.drain()
        finally:
            self._writers.discard(writer)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
