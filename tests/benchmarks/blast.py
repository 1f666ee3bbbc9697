"""A process that sends Coinbase and Alpaca frames as fast as they are read, or at a rate.

Frames are written beforehand; on the way out each block gets the present second and millisecond
as its stamps, and trade ids that go on from the round before.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from multiprocessing import get_context
from time import monotonic, monotonic_ns, sleep

from streams.simulator.servers.stamps import rfc3339
from tests.benchmarks.frames import LISTED, START, WRITERS, events
from tests.benchmarks.wire import listen, port_of, text_frame, welcome

VENUES = ("coinbase", "alpaca")

_ROUND = 10_000
"""Trades of a symbol before its prices repeat; ids count on in their upper digits."""
_BLOCK = 200
_DELAY = 20_000_000
"""ns by which a stamp is older than its sending, as a network would make it."""
_STAMP = re.compile(rb"2026-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\d")
_UNSTAMPED = b"2026-xx-xxTxx:xx:xx.xxx"
_ID = b":1000"


def wall(origin: int) -> int:
    """The simulated time (ns UTC): `START` was when the monotonic clock stood at `origin`."""
    return START + monotonic_ns() - origin


def _blocks(venue: str) -> list[bytes]:
    """A round of a venue's frames, trades and quotes in turns, many in a block."""
    written = [
        text_frame(_STAMP.sub(_UNSTAMPED, write(event)))
        for event in events(LISTED[venue], _ROUND)
        for write in WRITERS[venue]
    ]
    return [b"".join(written[n : n + _BLOCK]) for n in range(0, len(written), _BLOCK)]


def _send(listeners: Mapping[str, socket.socket], origin: int, rate: float | None) -> None:
    blocks = [_blocks(venue) for venue in listeners]
    span = _BLOCK * len(blocks) / rate if rate else 0.0
    connections = [welcome(listener) for listener in listeners.values()]
    due = monotonic()
    with suppress(ConnectionError):
        for number in count(1000):
            here = b":%04d" % number
            for turn in zip(*blocks, strict=True):
                due += span
                sleep(max(due - monotonic(), 0.0) if rate else 0.0)
                stamp = rfc3339(wall(origin) - _DELAY, 3)[:-1].encode()
                for connection, block in zip(connections, turn, strict=True):
                    connection.sendall(block.replace(_UNSTAMPED, stamp).replace(_ID, here))
    for connection in connections:
        connection.close()


@contextmanager
def blasting(origin: int, rate: float | None = None) -> Iterator[dict[str, int]]:
    """Run it, for one client of each venue; yields the ports by venue.

    `rate` is in frames a second, of all venues together and in blocks; None: as fast as they go.
    """
    listeners = {venue: listen() for venue in VENUES}
    process = get_context("spawn").Process(
        target=_send, args=(listeners, origin, rate), daemon=True
    )
    process.start()
    try:
        yield {venue: port_of(listener) for venue, listener in listeners.items()}
    finally:
        process.terminate()
        process.join()
        for listener in listeners.values():
            listener.close()
