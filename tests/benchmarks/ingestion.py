"""Ingestion while a storm of alerts is delivered, beside ingestion in calm: one run, one loop.

The daemon as it runs: feeds over WebSocket, the shipped rules and 500 more, SQLite flushed to the
disk at each decision, mosquitto, and Telegram's stand-in in a process of its own. The 500 rules
come with a reload of the rules and fire all at the next snapshot.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic_ns, perf_counter, process_time

import msgspec

from alerts.language import compile_expression
from alerts.notifiers.log import Log
from alerts.notifiers.telegram import Telegram
from alerts.rule import Message, Rule
from alerts.store import Store
from config.settings import Config
from daemon.app import App
from daemon.channels import make_mqtt
from daemon.clock import Clock
from daemon.service import run
from daemon.wiring import make_app
from streams.instrument import Pair
from tests.alerts.storm import ALERTS, CHATS, Mix, severities
from tests.benchmarks.assembly import past, read_config
from tests.benchmarks.blast import blasting, wall
from tests.benchmarks.broker import mosquitto
from tests.stand_ins.bot_api import TOKEN, BotApi

SECONDS = 5.0
"""Of each spell: calm, storm, calm."""
_SETTLE = 2.0
_STIR = 0.005
"""Seconds between two looks at how late the loop is."""


class Spell(msgspec.Struct, frozen=True):
    """A few seconds of ingestion."""

    rate: float
    """Ticks a second."""
    cost: float
    """CPU µs of the process a tick."""
    latest: float
    """Milliseconds by which the loop was late at the most."""


class Weather(msgspec.Struct, frozen=True):
    """Spells of one run."""

    calm: Spell
    storm: Spell
    after: Spell
    told: float | None
    """Seconds until the last alert was on MQTT and in the log; None: not within the run."""
    delivered: int
    """Alerts that were, at the end of the run."""
    lost: int
    """Ticks that the inbox had no room for."""

    @property
    def kept(self) -> float:
        """The storm's rate over that of the calm before and after."""
        return self.storm.rate / median((self.calm.rate, self.after.rate))


def once(rate: float | None) -> Weather | None:
    """One run at so many ticks a second, or as many as go through; None without mosquitto."""
    origin = monotonic_ns()
    found: list[Weather] = []
    with (
        TemporaryDirectory() as folder,
        blasting(origin, rate) as ports,
        mosquitto() as mqtt,
        _telegram() as url,
    ):
        if mqtt is None:
            return None
        config = read_config(Path(folder), ports, mqtt=mqtt)
        run(_run(config, url, origin, found))
    return found[0]


async def _run(config: Config, url: str, origin: int, found: list[Weather]) -> None:
    assert config.notifiers.mqtt is not None
    store = Store(config.state)
    log: list[str] = []
    app = make_app(
        config,
        clock=Clock(asyncio.get_running_loop(), wall(origin)),
        rng=Random(1),
        notifiers=(
            Log(lambda _, block: log.append(block)),
            make_mqtt(config.notifiers.mqtt, config.instance, Random(1)),
            Telegram(token=TOKEN, chats=CHATS, base_url=url, rng=Random(1)),
        ),
        store=store,
        history=past(),
        proxy=False,
    )
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(app.run(), name="daemon")
        while not app.watch.market.counts.ticks:  # noqa: ASYNC110  # nothing tells of counts
            await asyncio.sleep(0.1)
        await asyncio.sleep(_SETTLE)
        found.append(await _weather(app, config))
        running.cancel()
    await store.close()


async def _weather(app: App, config: Config) -> Weather:
    calm = await _spell(app)
    app.watch.engine.swap((*config.rules, *storm_rules(config)), config.quiet)
    async with asyncio.TaskGroup() as tasks:
        telling = tasks.create_task(_told(app), name="telling")
        storm = await _spell(app)
        after = await _spell(app)
        told = telling.result() if telling.done() else None
        telling.cancel()
    lost = app.inbox.conflated + app.inbox.dropped
    return Weather(calm, storm, after, told, _delivered(app), lost)


def storm_rules(config: Config) -> Iterator[Rule]:
    """500 that are true whenever the shipped ones are known."""
    pair = config.pairs[0]
    names = [instrument.name for instrument in config.instruments]
    when = compile_expression("divergence(60m) > -99", pair, names, truth=True)
    for number, severity in enumerate(severities(Mix())):
        yield Rule(
            id=f"storm-{number}",
            title="A storm",
            pair=Pair(pair.x, pair.y, pair.controls),
            when=when,
            severity=severity,
            notify=("log", "mqtt", "telegram"),
            message=Message(f"no. {number}", (f"no. {number}",)),
        )


async def _told(app: App) -> float:
    """Seconds until MQTT and the log have all of them."""
    began = perf_counter()
    while _delivered(app) < ALERTS:  # noqa: ASYNC110  # nothing tells of counts
        await asyncio.sleep(0.01)
    return perf_counter() - began


def _delivered(app: App) -> int:
    return min(app.outbox.counts[name].delivered for name in ("mqtt", "log"))


async def _spell(app: App) -> Spell:
    counts = app.watch.market.counts
    before, began, used, latest = counts.ticks, perf_counter(), process_time(), 0.0
    stirred = began
    while stirred - began < SECONDS:
        await asyncio.sleep(_STIR)
        now = perf_counter()
        latest, stirred = max(latest, now - stirred - _STIR), now
    ticks, used = counts.ticks - before, process_time() - used
    return Spell(ticks / (stirred - began), used / ticks * 1e6, latest * 1000)


@contextmanager
def _telegram() -> Iterator[str]:
    """The stand-in Bot API in a process of its own; where it is."""
    context = get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_stand_in, args=(there,), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()


def _stand_in(pipe: Connection) -> None:
    asyncio.run(_answer(pipe))


async def _answer(pipe: Connection) -> None:
    async with BotApi() as api:
        pipe.send(api.base_url)
        await asyncio.get_running_loop().create_future()
