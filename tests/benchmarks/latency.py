"""From the server's send of the frame that closes a step to the metric's MQTT message.

One server process sends 1,000 trades a second at random instants to the daemon, which publishes to
mosquitto; a subscriber back in the server's process reads the messages, on the same clock. Steps
are 100 ms here, for enough of them; the daemon says which trade closed each. Beats are withheld,
so that it is always a frame that does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic_ns, sleep
from typing import Any

import msgspec

from config.settings import Config
from daemon.clock import Clock
from daemon.service import run
from daemon.wiring import make_app
from streams.instrument import NS
from streams.snapshot import Snapshot
from streams.tick import Tick
from tests.benchmarks.assembly import Traced, past, read_config
from tests.benchmarks.blast import wall
from tests.benchmarks.broker import ABSENT, Arrival, Subscriber, mosquitto
from tests.benchmarks.figures import Figure, Report, at_most, quantile
from tests.benchmarks.relay import Closing, relay
from tests.benchmarks.trickle import Trickle

_RATE = 1000.0
_STEP, _STEP_NS = "0.1s", NS // 10
_SETTLE = 2.0
_SECONDS = 25.0
_FLOOR_SECONDS = 12.0
_P50, _P99 = at_most(1.0), at_most(3.0)
_REMARKS = (
    f"From the sending of a step's closing frame to the read, at {_RATE:.0f} trades a second.",
    "The floor is a process of raw sockets in the daemon's place.",
)


class _Stamp(msgspec.Struct):
    """Of a metric's payload."""

    ts: int


_decode = msgspec.json.Decoder(_Stamp).decode


class Samples(msgspec.Struct, frozen=True):
    """Latencies in ms: of every message, and of the first and the last of each step."""

    every: tuple[float, ...]
    first: tuple[float, ...]
    last: tuple[float, ...]


def measure() -> Report:
    """The daemon and the floor, one after the other."""
    with mosquitto() as port:
        if port is None:
            return Report("latency", remarks=(f"left out: {ABSENT}",))
        floor = _run(_floor, port, _FLOOR_SECONDS)
        ours = _run(_daemon, port, _SECONDS)
    return Report("latency", tuple(_figures(ours, floor)), _REMARKS)


def _figures(ours: Samples, floor: Samples) -> Iterator[Figure]:
    steps = f"{len(ours.first)} steps, {len(ours.every) / len(ours.first):.1f} messages a step"
    yield from _pair("a step's first message", ours.first, (_P50, _P99), steps)
    yield from _pair("every message", ours.every, (_P50, _P99), "")
    yield from _pair("a step's last message", ours.last, (None, None), "")
    yield from _pair("floor: raw sockets", floor.every, (None, None), f"{len(floor.every)} steps")


def _pair(name: str, sample: Sequence[float], targets: Any, note: str) -> Iterator[Figure]:
    for q, target in zip((0.5, 0.99), targets, strict=True):
        yield Figure(f"{name}, p{q * 100:.0f}", quantile(sample, q), "ms", target, note)


def _run(child: Callable[..., None], mqtt: int, seconds: float) -> Samples:
    origin = monotonic_ns()
    subscriber, trickle = Subscriber(mqtt, "bench/#"), Trickle(_RATE, lambda: wall(origin))
    here, there = get_context("spawn").Pipe()
    process = get_context("spawn").Process(
        target=child, args=(trickle.ports, mqtt, _STEP_NS, origin, there), daemon=True
    )
    process.start()
    try:
        _await(subscriber)
        sleep(_SETTLE)
        since = wall(origin)
        sleep(seconds)
        here.send("stop")
        closings: list[Closing] = here.recv()
    finally:
        process.join(10)
        process.kill()
        trickle.close()
        subscriber.close()
    return _samples(
        [closing for closing in closings if closing[0] > since], trickle.sent, subscriber.arrivals
    )


def _await(subscriber: Subscriber) -> None:
    """Until metrics come."""
    for _ in range(300):
        if any("/metric/" in arrival.topic for arrival in subscriber.arrivals):
            return
        sleep(0.1)
    raise TimeoutError("no metrics came")


def _samples(
    closings: Sequence[Closing], sent: Mapping[tuple[str, int], int], arrivals: Sequence[Arrival]
) -> Samples:
    by_step: dict[int, list[int]] = {ts: [] for ts, _, _ in closings}
    for arrival in arrivals:
        if "/metric/" in arrival.topic:
            by_step.get(_decode(arrival.payload).ts, []).append(arrival.at)
    spans = [
        [(at - sent[name, number]) / 1e6 for at in sorted(by_step[ts])]
        for ts, name, number in closings
        if (name, number) in sent and by_step[ts]
    ]
    return Samples(
        tuple(span for step in spans for span in step),
        tuple(step[0] for step in spans),
        tuple(step[-1] for step in spans),
    )


def _floor(*given: Any) -> None:
    relay(*given)


def _daemon(ports: Mapping[str, int], mqtt: int, _step: int, origin: int, pipe: Connection) -> None:
    closings: list[Closing] = []
    with TemporaryDirectory() as folder:
        config = read_config(Path(folder), ports, step=_STEP, mqtt=mqtt)
        run(_serve(config, origin, pipe, closings))
    pipe.send(closings)


async def _serve(config: Config, origin: int, pipe: Connection, closings: list[Closing]) -> None:
    loop = asyncio.get_running_loop()

    def on_snapshot(snapshot: Snapshot) -> None:
        if isinstance(tick := traced.item, Tick) and isinstance(tick.id, int):
            closings.append((snapshot.ts, tick.symbol.removesuffix("-USD"), tick.id))

    app = make_app(
        config,
        clock=Clock(loop, wall(origin)),
        rng=Random(1),
        history=past(),
        on_snapshot=on_snapshot,
        proxy=False,
    )
    app.watch = traced = Traced(app.watch)
    loop.add_reader(pipe.fileno(), app.stop)
    await app.run()
    loop.remove_reader(pipe.fileno())
