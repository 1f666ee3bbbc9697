"""A server in a thread that sends trades at a given mean rate, and keeps when each was sent."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from random import Random
from threading import Thread
from time import monotonic, monotonic_ns, sleep

from msgspec.structs import replace

from tests.benchmarks.frames import LISTED, WRITERS, Event, events
from tests.benchmarks.wire import listen, port_of, text_frame, welcome

VENUES = ("coinbase", "alpaca")

_ROUND = 100_000
"""Trades of a symbol before its prices repeat."""
_DELAY = 5_000_000
"""ns by which a stamp is older than its sending."""


class Trickle:
    """Coinbase's and Alpaca's trades in turns, at random instants: a Poisson stream.

    `wall` gives the time (ns UTC) that is stamped. Each venue welcomes one client after another.
    """

    def __init__(self, rate: float, wall: Callable[[], int]) -> None:
        self.sent: dict[tuple[str, int], int] = {}
        """The monotonic instant (ns) before the sending of each (symbol, number)."""
        self._rate = rate
        self._wall = wall
        self._listeners = {venue: listen() for venue in VENUES}
        self._clients: dict[str, socket.socket] = {}
        self._ended = threading.Event()
        self._threads = [
            *(Thread(target=self._greet, args=(venue,)) for venue in VENUES),
            Thread(target=self._send, name="trickle"),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def ports(self) -> dict[str, int]:
        """Where each venue listens."""
        return {venue: port_of(listener) for venue, listener in self._listeners.items()}

    def _greet(self, venue: str) -> None:
        with suppress(OSError):
            while not self._ended.is_set():
                self._clients[venue] = welcome(self._listeners[venue])

    def _send(self) -> None:
        chance = Random(1)
        due = monotonic()
        for venue, trade in _trades():
            due += chance.expovariate(self._rate)
            sleep(max(due - monotonic(), 0.0))
            if self._ended.is_set():
                return
            if client := self._clients.get(venue):
                self._one(client, venue, trade)

    def _one(self, client: socket.socket, venue: str, trade: Event) -> None:
        stamped = replace(trade, ts=self._wall() - _DELAY)
        frame = text_frame(WRITERS[venue][0](stamped))
        self.sent[trade.instrument, trade.id] = monotonic_ns()
        try:
            client.sendall(frame)
        except OSError:
            self._clients.pop(venue, None)
            client.close()

    def close(self) -> None:
        """Stop, and end the threads."""
        self._ended.set()
        for listener in self._listeners.values():
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for thread in self._threads:
            thread.join()
        for client in self._clients.values():
            client.close()


def _trades() -> Iterator[tuple[str, Event]]:
    """Without end; a symbol's numbers rise by one."""
    tapes = [events(LISTED[venue], _ROUND) for venue in VENUES]
    for first in count(step=_ROUND):
        for turn in zip(*tapes, strict=True):
            for venue, trade in zip(VENUES, turn, strict=True):
                yield venue, replace(trade, number=first + trade.number)
