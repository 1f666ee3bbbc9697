"""The floor of latency: a process of raw sockets between the venues and the broker.

It decodes nothing and decides nothing: what arrives first after a step's instant is answered with
one message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from multiprocessing.connection import Connection
from selectors import EVENT_READ, DefaultSelector

from tests.benchmarks.blast import wall
from tests.benchmarks.broker import connect, publish
from tests.benchmarks.wire import ask

Closing = tuple[int, str, int]
"""A step's instant, and the instrument and id of the trade whose frame closed it."""

_ID = re.compile(rb'"(?:trade_id|i)":(\d+)')
_INSTRUMENT = re.compile(rb"ETH|BTC|IWM|SPY")


def relay(ports: Mapping[str, int], mqtt: int, step: int, origin: int, pipe: Connection) -> None:
    """Run until something comes through `pipe`; sends the closings through it."""
    closings: list[Closing] = []
    broker = connect(mqtt, "relay")
    next_step = 0
    with DefaultSelector() as selector:
        for port in ports.values():
            selector.register(ask(port), EVENT_READ)
        selector.register(pipe, EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is pipe:
                    pipe.send(closings)
                    return
                received = key.fileobj.recv(65536)  # type: ignore[union-attr]  # a socket
                now = wall(origin)
                if now >= next_step:
                    publish(broker, "bench/bench/metric/floor", b'{"ts":%d}' % (now - now % step))
                    closings.append((now - now % step, *_read(received)))
                    next_step = now - now % step + step


def _read(frames: bytes) -> tuple[str, int]:
    name, number = _INSTRUMENT.search(frames), _ID.search(frames)
    return (name[0].decode(), int(number[1])) if name and number else ("", 0)
