"""Servers of bars, a venue each, as strict and as quirky as the venues: what they have in common.

Prices are a function of symbol and instant: the close of a bar is that of its end.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from math import exp, sin
from typing import ClassVar, Self
from urllib.parse import parse_qsl, urlsplit
from zlib import crc32

from streams.sessions import calendar
from tests.stand_ins.http import Hangup, HttpServer, Request, Response, json_response

NS = 1_000_000_000
MINUTE, HOUR, DAY = 60 * NS, 3600 * NS, 86_400 * NS
NYSE = calendar("NYSE")


def price(symbol: str, ts: int) -> float:
    """What a symbol costs at an instant (ns)."""
    seed = crc32(symbol.encode()) % 1000
    hours = ts / HOUR
    return round(100 * exp(0.05 * sin(hours / 37 + seed) + 0.01 * sin(hours / 2.3 + seed)), 4)


def quiet(symbol: str, start: int, size: int) -> bool:
    """Whether nobody traded in the bar: in one minute of fifty."""
    return size == MINUTE and crc32(f"{symbol}{start}".encode()) % 50 == 0


def too_many(retry_after: str | None) -> Response:
    headers = () if retry_after is None else (("Retry-After", retry_after),)
    return Response(429, b"slow down", "text/plain", headers)


HANG_UP = Response(0, b"")
"""The connection is closed without an answer."""
SILENCE = Response(1, b"")
"""It stays open without one."""


class Candles(ABC):
    """`symbols` are those that it knows, listed since `began` (ns); it answers `latency` s late.

    `faults` are answers by the number of the request, from 0; `asked` are the requests.
    """

    venue: ClassVar[str]

    def __init__(
        self, now: Callable[[], int], *symbols: str, began: int = 0, latency: float = 0.0
    ) -> None:
        self.now = now
        self.symbols = symbols
        self.began = began
        self.latency = latency
        self.asked: list[str] = []
        self.at: list[float] = []
        """When, in seconds of the loop."""
        self.faults: dict[int, Response] = {}
        self.down: Response | None = None
        """The answer to everything, if there is one."""
        self._http = HttpServer(self._handle)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.port}"

    async def __aenter__(self) -> Self:
        await self._http.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.stop()

    async def _handle(self, request: Request) -> Response:
        number = len(self.asked)
        self.asked.append(request.path)
        self.at.append(asyncio.get_running_loop().time())
        await asyncio.sleep(self.latency)
        fault = self.faults.get(number, self.down)
        if fault is HANG_UP:
            raise Hangup
        if fault is SILENCE:
            await asyncio.get_running_loop().create_future()
        if fault is not None:
            return fault
        parts = urlsplit(request.path)
        try:
            return self.answer(parts.path, dict(parse_qsl(parts.query)), request.headers)
        except (KeyError, ValueError) as error:
            return json_response(400, {"message": f"{type(error).__name__}: {error}"})

    @abstractmethod
    def answer(self, path: str, params: dict[str, str], headers: Mapping[str, str]) -> Response: ...

    def bars(
        self, symbol: str, size: int, first: int, last: int, shift: float = 1.0
    ) -> Iterator[tuple[int, list[float]]]:
        """Start, and [open, high, low, close, volume], of bars from `first` to `last`."""
        for start in range(-(-first // size) * size, min(last, self.now()) + 1, size):
            if start >= self.began and not quiet(symbol, start, size):
                yield start, self.row(symbol, start, min(start + size, self.now()), shift)

    def row(self, symbol: str, start: int, end: int, shift: float = 1.0) -> list[float]:
        opened, closed = price(symbol, start) * shift, price(symbol, end) * shift
        return [opened, max(opened, closed), min(opened, closed), closed, 12.5]

    def share_bars(
        self, symbol: str, size: int, first: int, last: int, shift: float = 1.0
    ) -> Iterator[tuple[int, list[float]]]:
        """The same of a share: of sessions, extended hours included in minutes."""
        if size == DAY:
            yield from self._share_days(symbol, first, last, shift)
            return
        for start, row in self.bars(symbol, size, first, last, shift):
            if NYSE.session(start).kind != "closed":
                yield start, row

    def _share_days(
        self, symbol: str, first: int, last: int, shift: float
    ) -> Iterator[tuple[int, list[float]]]:
        """Opening and row, stamped at the open."""
        for opened, closed in regular(first - DAY, min(last, self.now())):
            if first <= opened <= last and opened >= self.began:
                yield opened, self.row(symbol, opened, min(closed, self.now()), shift)


def regular(since: int, until: int) -> Iterator[tuple[int, int]]:
    """Sessions of New York that begin in between."""
    at = since
    while at < until:
        session = NYSE.session(at)
        if session.kind == "regular" and session.start_ns >= since:
            yield session.start_ns, session.end_ns
        at = session.end_ns
