"""Where the world is let in that a test cannot break otherwise: names, the wall clock, the disk."""

from __future__ import annotations

import asyncio
import resource
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from typing import Any

from daemon.clock import Clock, PacedLoop

_Address = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int]]


def host(name: str) -> str:
    """The name under which a stand-in is found."""
    return f"{name}.test"


class NamedLoop(PacedLoop):
    """A loop that resolves `*.test` to this machine; not those in `unknown`."""

    def __init__(self) -> None:
        super().__init__(inf)
        self.unknown: set[str] = set()
        self.asked = 0

    async def getaddrinfo(self, host: Any, port: Any, **_: Any) -> list[_Address]:  # type: ignore[override]  # names and ports are text and numbers here
        """As the resolver answers."""
        self.asked += 1
        name = host.decode() if isinstance(host, bytes) else str(host)
        if name in self.unknown:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        stream = socket.SOCK_STREAM
        return [(socket.AF_INET, stream, socket.IPPROTO_TCP, "", ("127.0.0.1", int(port or 0)))]


class SteppedClock(Clock):
    """A clock whose system's clock can be stepped: `ahead` (ns) until that is followed."""

    def __init__(self, loop: asyncio.AbstractEventLoop, wall_ns: int) -> None:
        super().__init__(loop, wall_ns)
        self.ahead = 0

    def drift(self) -> int:
        """As in a real clock."""
        return self.ahead

    def reanchor(self) -> None:
        """As in a real clock."""
        super().reanchor()
        self.ahead = 0

    def sleep_over(self, until: int) -> None:
        """Go on at an instant: what is between is not played."""
        self._anchor += until - self.now()


class Disk:
    """A connection to SQLite that fails at the statements in `fails`, with SQLite's own words.

    The state file is held exclusively, so that nobody else can lock it: the lock is told, not made.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self.fails: dict[str, str] = {}

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        """As the connection does."""
        for beginning, words in self.fails.items():
            if statement.startswith(beginning):
                raise sqlite3.OperationalError(words)
        return self._database.execute(statement, *values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


@contextmanager
def no_room() -> Iterator[None]:
    """The kernel lets this process write to no file: every write of one byte fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
