"""The one connection loop: connect, follow, reconnect, for any venue, until cancelled.

Liveness is judged by data: a connection on which every symbol that should have data has none is
given up, however lively its heartbeats. Outside their hours symbols are closed, and a silent
connection is kept.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Literal, Protocol

from msgspec.structs import replace
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from streams.feeds.backoff import Backoff
from streams.feeds.intake import NO_LAG, Counts, Intake
from streams.feeds.loss import Lost, loss
from streams.feeds.venue import Control, Venue
from streams.redaction import Redaction
from streams.tick import FeedState, Item

log = logging.getLogger(__name__)

_wire = logging.getLogger(f"{__name__}.wire")
_wire.setLevel(logging.CRITICAL)  # requests and frames in it hold tokens and keys

_LONGEST_REASON = 200


class Record(Protocol):
    """Takes what a connection does, for a recording; must not block."""

    def __call__(self, kind: str, ts: int, data: str | bytes | None = None) -> None:
        """`kind` is connect, send, recv or close (with its reason), `ts` ns UTC."""


def unrecorded(kind: str, ts: int, data: str | bytes | None = None) -> None:
    """Nobody records."""


class Feed:
    """One venue, for all the symbols wanted from it.

    `emit` gets every tick and event, stamped with `now` (ns UTC); it must not block. `due` says
    whether a symbol should have data at an instant. `stale_after` and `open_timeout` are seconds,
    `max_size` bytes; `url` replaces the scheme, host and port of the venue's own. `record` gets all
    that passes, secrets included.
    """

    def __init__(
        self,
        venue: Venue[float],
        *,
        emit: Callable[[Item], None],
        now: Callable[[], int],
        due: Callable[[str, int], bool],
        stale_after: float,
        rng: random.Random,
        url: str | None = None,
        proxy: str | Literal[True] | None = True,
        open_timeout: float = 10.0,
        max_size: int = 16 * 2**20,
        record: Record = unrecorded,
    ) -> None:
        self._venue = venue
        self._now = now
        self._url = venue.url(url)
        self._proxy: str | Literal[True] | None = proxy
        self._open_timeout = open_timeout
        self._max_size = max_size
        self._record = record
        self._redact = Redaction(venue.secrets())
        self._check_every = min(1.0, stale_after / 4)
        self._intake = Intake(venue, emit=emit, due=due, stale_after=stale_after)
        self._backoff = Backoff(rng)

    @property
    def name(self) -> str:
        """The venue's."""
        return self._venue.name

    @property
    def counts(self) -> Counts:
        """What has been seen so far."""
        return self._intake.counts

    def shortest_lag(self) -> int | None:
        """From a tick's stamp to its receipt (ns), the shortest since it was asked for last."""
        lag, self._intake.shortest_lag = self._intake.shortest_lag, NO_LAG
        return None if lag == NO_LAG else lag

    async def run(self) -> None:
        """Follow the venue until cancelled; no fault of the venue or the network ends it."""
        try:
            await self._follow()
        except asyncio.CancelledError:
            self._record("close", self._now(), "stopped")
            raise

    async def _follow(self) -> None:
        clock = asyncio.get_running_loop().time
        self._intake.tell_all(FeedState.CONNECTING, "", self._now())
        while True:
            self.counts.connects += 1
            self._backoff.started(clock())
            before = self.counts.ticks
            lost = await self._connection()
            if self.counts.ticks > before:
                self._backoff.reset()
            self._tell(lost)
            wait = self._backoff.delay(clock(), slow=lost.slow, retry_after=lost.retry_after)
            log.debug("%s: next try in %.1f s", self.name, wait)
            await asyncio.sleep(wait)

    async def _connection(self) -> Lost:
        """One connection from its opening to its end, and what ended it."""
        end: BaseException = Lost("closed")
        try:
            ws = await self._open()
            try:
                await self._converse(ws)
            finally:
                await ws.close()
        except* (Lost, WebSocketException, OSError) as several:
            end = _first(several)
        return loss(end, self._now())

    async def _open(self) -> ClientConnection:
        try:
            return await connect(
                self._url,
                proxy=self._proxy,
                open_timeout=self._open_timeout,
                close_timeout=2,
                max_size=self._max_size,
                logger=_wire,
            )
        except Exception as fault:  # noqa: BLE001  # a name, a proxy, TLS, HTTP: none may end us
            raise loss(fault, self._now()) from None

    async def _converse(self, ws: ClientConnection) -> None:
        self._record("connect", self._now())
        self._intake.opened(asyncio.get_running_loop().time())
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._greet(ws), name=f"{self.name} greeter")
            tasks.create_task(self._watch(), name=f"{self.name} watchdog")
            # Here and not in a task of its own: before Python 3.12 a group without a body forgets
            # that it was cancelled where a task of it fails in the same turn of the loop.
            await self._read(ws)

    async def _read(self, ws: ClientConnection) -> None:
        clock, now, take, recv, record = (
            asyncio.get_running_loop().time,
            self._now,
            self._intake.take,
            ws.recv,
            self._record,
        )
        while True:
            frame = await recv(decode=False)
            ts = now()
            record("recv", ts, frame)
            for control in take(frame, ts, clock()):
                await self._heed(ws, control)

    async def _greet(self, ws: ClientConnection) -> None:
        """Subscribe, again and again where the venue wants that."""
        while True:
            await self._send(ws, self._venue.hello())
            if self._venue.resend_every is None:
                return
            await asyncio.sleep(self._venue.resend_every)

    async def _watch(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(self._check_every)
            ts = self._now()
            if self._intake.check(ts, clock()):
                self._record("close", ts, "no data")
                raise Lost("no data", mute=True)

    async def _heed(self, ws: ClientConnection, control: Control) -> None:
        at = asyncio.get_running_loop().time()
        control = replace(control, text=self._safe(control.text))
        match control.kind:
            case "halt":
                self._intake.halt(control, self._now(), at)
            case "resume":
                self._intake.resume(control, at)
            case "reconnect":
                raise Lost(control.text)
            case "refusal":
                raise Lost(control.text, slow=True)
            case "error":
                self._bear(control, at)
            case _:
                await self._send(ws, self._venue.answer(control))

    def _bear(self, control: Control, at: float) -> None:
        """An error: of one symbol, it costs that symbol; before any data, the connection."""
        if control.symbol is not None:
            if self._intake.refuse(control, self._now()):
                raise Lost(control.text, slow=True)
        elif not self._intake.heard:
            raise Lost(control.text)
        self._intake.complain(control.text, at)

    def _tell(self, lost: Lost) -> None:
        """Down, unless it was told as stale already."""
        if not lost.mute:
            reason, ts = self._safe(lost.reason), self._now()
            self._record("close", ts, reason)
            self._intake.tell_all(FeedState.DOWN, reason, ts)

    async def _send(self, ws: ClientConnection, frames: Iterable[str]) -> None:
        # The end is the reader's to tell: what the venue said before it may still be unread.
        with suppress(ConnectionClosed):
            for frame in frames:
                await ws.send(frame)
                self._record("send", self._now(), frame)

    def _safe(self, text: str) -> str:
        """One short line without our secrets, whatever the venue wrote."""
        return " ".join(self._redact(text).split())[:_LONGEST_REASON]


def _first(fault: BaseException) -> BaseException:
    while isinstance(fault, BaseExceptionGroup):
        fault = fault.exceptions[0]
    return fault
