"""A loopback stand-in for a venue: it replays the simulated market, in the loop's time.

    async with CoinbaseServer(market, clock.now) as server:
        ...  # connect to server.url
        server.faults.mute = True
        server.clients.cut()

Written from the venues' documentation and from recorded frames, without a look at the feeds: the
two sides of the wire check one another.
"""

from __future__ import annotations

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import ClassVar, Self

import numpy as np
from websockets.asyncio.server import Server, serve

from streams.simulator.faults import Faults
from streams.simulator.market import SimulatedMarket
from streams.simulator.servers.clients import Client, Clients, Dismissed
from streams.simulator.servers.pump import NS, Pump
from streams.simulator.servers.schedule import Print, Schedule
from streams.simulator.servers.stamps import rfc3339
from streams.simulator.tape import Tape


class Progress:
    """How much of a tape has been sent."""

    def __init__(self, tape: Tape, trades: int, quotes: int) -> None:
        self.tape = tape
        self.trades = trades
        self.quotes = quotes


class VenueServer(ABC):
    """What all venues share; a venue adds its protocol."""

    venue: ClassVar[str]
    path: ClassVar[str] = "/"
    patience: ClassVar[float | None] = None
    """Seconds a client has to say what it came for."""

    def __init__(self, market: SimulatedMarket, clock: Callable[[], int]) -> None:
        rng = random.Random(f"{market.seed} {self.venue}")
        self.faults = Faults()
        self.clients = Clients(self.faults, clock, rng)
        self.port = 0
        """Where it will listen, 0 for a free one."""
        self._rng = rng
        self._clock = clock
        tapes = market.tapes(self.venue)
        schedule = Schedule(tapes, np.random.default_rng(rng.getrandbits(64)))
        self._pump = Pump(schedule, market.outages(self.venue), clock)
        # What was due before now was sent to nobody.
        self._order = [Progress(tape, *self._pump.printed(n)) for n, tape in enumerate(tapes)]
        self.progress = {one.tape.listing.symbol: one for one in self._order}
        self._server: Server
        self._tasks: asyncio.TaskGroup
        self._pumping: asyncio.Task[None]

    @abstractmethod
    def welcome(self, client: Client) -> None:
        """A client has connected."""

    @abstractmethod
    def receive(self, client: Client, message: str | bytes) -> None:
        """A client has sent a frame; `Dismissed` closes its connection."""

    def overdue(self, client: Client) -> Dismissed:  # noqa: ARG002  # a venue may tell it why
        """A client's time is up."""
        return Dismissed(1008, "no subscription received")

    @abstractmethod
    def trade(self, tape: Tape, row: int) -> None:
        """A trade is due."""

    @abstractmethod
    def quote(self, tape: Tape, row: int) -> None:
        """A quote is due."""

    @abstractmethod
    def beat(self, now: int) -> None:
        """A whole second has come."""

    @abstractmethod
    def unknown(self, filler: str) -> str:
        """A well-formed frame of a kind that nobody knows."""

    def giant(self, size: int) -> None:
        """Send everyone a frame of `size` bytes and of unknown kind."""
        frame = self.unknown("x" * (size - len(self.unknown(""))))
        for client in self.clients:
            self.clients.send(client, frame)

    @property
    def url(self) -> str:
        """Where to connect."""
        port = self._server.sockets[0].getsockname()[1]
        return f"ws://127.0.0.1:{port}{self.path}"

    def stamp(self, ts: int, digits: int) -> str:
        """An instant as the venue's clock shows it and the venue writes it."""
        return rfc3339(ts + round(self.faults.ahead * NS), digits)

    def now(self, digits: int) -> str:
        """The time by the venue's clock."""
        return self.stamp(self._clock(), digits)

    def subscribers(self, channel: str, symbol: str) -> list[Client]:
        """Who gets a channel's data now."""
        if self.faults.mute:
            return []
        return [c for c in self.clients if (channel, symbol) in c.subscriptions]

    def publish(self, clients: list[Client], frame: str) -> None:
        """Send data, spoilt as the faults say."""
        for client in clients:
            for spoilt in client.spoiler.spoil(frame):
                self.clients.send(client, spoilt)

    def play(self, due: Print) -> None:
        """Send a print to those who subscribed."""
        progress = self._order[due.tape]
        if due.trade:
            progress.trades += 1
            self.trade(progress.tape, due.row)
        else:
            progress.quotes += 1
            self.quote(progress.tape, due.row)

    def outage(self, *, down: bool) -> None:
        """Follow the script."""
        self.clients.down = down
        if down:
            self.clients.cut()

    async def __aenter__(self) -> Self:
        """Listen on a free port of the loopback interface."""
        self._server = await serve(
            partial(self.clients.attend, converse=self._converse),
            "127.0.0.1",
            self.port,
            process_request=partial(self.clients.admit, path=self.path),
            compression=None,
            ping_interval=None,
            open_timeout=None,
            close_timeout=1,
        )
        self._tasks = await asyncio.TaskGroup().__aenter__()
        running = self._pump.run(self)
        self._pumping = self._tasks.create_task(running, name=f"simulator {self.venue}")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close every connection with 1001; those of a frozen server are cut."""
        self._pumping.cancel()
        if self.clients.frozen:
            self.clients.cut()
            self.clients.thaw()
        self._server.close()
        await self._server.wait_closed()
        # The group is told nothing of the body's error, which would come out wrapped.
        await self._tasks.__aexit__(None, None, None)

    async def _converse(self, client: Client) -> None:
        client.deadline = asyncio.timeout(self.patience)
        try:
            async with client.deadline:
                self.welcome(client)
                async for message in client.ws:
                    self.receive(client, message)
        except TimeoutError:
            raise self.overdue(client) from None
