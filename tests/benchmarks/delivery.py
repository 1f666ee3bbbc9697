"""From a snapshot that changes a rule's state to the event read from mosquitto.

    python -m tests.benchmarks.delivery

The daemon's engine, outbox, store and MQTT notifier in a process of their own, the subscriber in
another, on one clock. 200 rules are looked at and at rest; one fires, or resolves, at each
snapshot. Before it is told, its decision is flushed to the disk, and that it is being sent.
Keeps results/delivery.md and results/delivery.json.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic_ns, perf_counter

import msgspec

from alerts.engine import Engine
from alerts.language import compile_expression
from alerts.notifiers.mqtt import Mqtt
from alerts.outbox import Outbox
from alerts.rule import Rule
from alerts.store import Store
from daemon.channels import Display
from daemon.service import run
from streams.instrument import NS, Pair
from streams.snapshot import Reading, Snapshot
from tests.benchmarks import rules
from tests.benchmarks.broker import ABSENT, Arrival, Subscriber, mosquitto
from tests.benchmarks.figures import Figure, Report, at_most, quantile
from tests.benchmarks.machine import describe
from tests.benchmarks.page import keep

_ALERTS = 500
_EVERY = 0.05
"""Seconds between two snapshots."""
_P50, _P99 = at_most(15.0), at_most(50.0)
_PAIR = Pair("ETH", "IWM", ("SPY", "BTC"))
_SESSIONS = {"ETH": "regular", "IWM": "regular"}

Changes = dict[str, int]
"""When (monotonic ns) the snapshot was there that brought each change about."""


class _Event(msgspec.Struct):
    """Of an event's payload."""

    incident: str
    state: str


_decode = msgspec.json.Decoder(_Event).decode


def main() -> None:
    """Measure, print and keep."""
    keep("delivery", "an alert on its way", describe(), [measure()])


def measure() -> Report:
    """Alerts one after another, and what the disk alone takes."""
    with mosquitto() as port, TemporaryDirectory() as folder:
        if port is None:
            return Report("delivery", remarks=(f"left out: {ABSENT}",))
        before = _commits(Path(folder) / "before.db")
        changes, arrivals = _run(port, folder)
        floor = before + _commits(Path(folder) / "after.db")
    return Report("delivery", tuple(_figures(_spans(changes, arrivals), floor)))


def _figures(spans: Sequence[float], floor: Sequence[float]) -> Iterator[Figure]:
    yield Figure("alerts lost", _ALERTS - len(spans), "", at_most(0), f"of {_ALERTS}")
    note = "from the snapshot to the subscriber's read; two flushed commits are on the way"
    yield Figure("snapshot to MQTT, p50", quantile(spans, 0.5), "ms", _P50, note)
    yield Figure("snapshot to MQTT, p99", quantile(spans, 0.99), "ms", _P99)
    yield Figure("snapshot to MQTT, the longest", max(spans), "ms")
    note = "one row, WAL, synchronous FULL; measured before and after"
    yield Figure("floor: one commit, p50", quantile(floor, 0.5), "ms", None, note)
    yield Figure("floor: one commit, p99", quantile(floor, 0.99), "ms")


def _spans(changes: Changes, arrivals: Sequence[Arrival]) -> list[float]:
    """Milliseconds."""
    read: dict[str, int] = {}
    for arrival in arrivals:
        if "/event/" in arrival.topic:
            event = _decode(arrival.payload)
            read.setdefault(f"{event.incident} {event.state}", arrival.at)
    return [(read[change] - at) / 1e6 for change, at in changes.items() if change in read]


def _run(port: int, folder: str) -> tuple[Changes, Sequence[Arrival]]:
    subscriber = Subscriber(port, "comove/#")
    here, there = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_daemon, args=(port, folder, there), daemon=True)
    process.start()
    try:
        return here.recv(), subscriber.arrivals
    finally:
        process.join(10)
        process.kill()
        subscriber.close()


def _daemon(port: int, folder: str, pipe: Connection) -> None:
    changes: Changes = {}
    run(_serve(port, Path(folder), changes))
    pipe.send(changes)


async def _serve(port: int, folder: Path, changes: Changes) -> None:
    store = Store(folder / "state.db")
    engine = Engine([_toggled(), *rules.rules()])
    mqtt = Mqtt(host="127.0.0.1", port=port, rng=Random(1))
    display = Display(engine, [mqtt])
    box = Outbox([mqtt], now=lambda: 0, rng=Random(1), store=store, lives=engine.lives)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(box.run(), name="outbox")
        for number, snapshot in enumerate(_snapshots()):
            await asyncio.sleep(1.0 if number == 1 else _EVERY)  # the first while it connects
            began = monotonic_ns()
            for transition in engine.update(snapshot, snapshot.ts):
                if transition.notify:
                    changes[f"{transition.incident} {transition.state}"] = began
                box.submit(transition)
            display.look(snapshot)
        await box.drain(10)
        running.cancel()
    await store.close()


def _toggled() -> Rule:
    """Fires and resolves in turns."""
    when = compile_expression("price(ETH) > 100", _PAIR, ["ETH", "IWM", "SPY", "BTC"], truth=True)
    return Rule(
        id="toggled",
        title="ETH is above 100",
        pair=_PAIR,
        when=when,
        notify=("mqtt",),
        repeat_interval=None,
        flapping=None,
    )


def _snapshots() -> Iterator[Snapshot]:
    """The first changes nothing."""
    calls = rules.snapshots([_toggled(), *rules.rules()], lambda _: 0.1)[0].readings
    for number in range(_ALERTS + 1):
        readings: Mapping[str, Reading] = {**calls, "price(ETH)": Reading(200.0 * (number % 2))}
        yield Snapshot((number + 1) * NS, dict(readings), _SESSIONS)


def _commits(file: Path) -> list[float]:
    """Milliseconds that a row takes on its way to the disk, as often as there are alerts."""
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE floor (row TEXT)")
        return [_commit(database) for _ in range(_ALERTS)]


def _commit(database: sqlite3.Connection) -> float:
    began = perf_counter()
    database.execute("INSERT INTO floor VALUES (?)", ("x" * 1000,))
    return (perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
