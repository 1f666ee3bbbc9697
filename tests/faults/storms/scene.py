"""The whole daemon on the stage of a storm: stand-in venues, chat and broker, a real state file."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from random import Random
from sqlite3 import Connection
from typing import cast

import msgspec

from alerts.notifiers.telegram import Telegram
from alerts.store import Store
from alerts.transition import Transition
from config.load import load
from daemon.app import App
from daemon.demo import SERVERS
from daemon.metrics import Metrics
from daemon.reload import Reloader
from daemon.selfwatch import SelfWatch
from daemon.service import keep_up
from daemon.warm import Keeper
from daemon.web.sources import Sources
from daemon.wiring import make_app, make_notifiers
from streams.simulator.market import SimulatedMarket
from streams.simulator.servers.alpaca import KEY, SECRET
from streams.simulator.servers.kraken import KrakenServer
from streams.simulator.servers.server import VenueServer
from tests.faults.storms.days import RULES
from tests.faults.storms.mqtt_broker import Broker
from tests.faults.storms.seams import Disk, NamedLoop, SteppedClock, host
from tests.faults.storms.told import CHAT, Chat, Lines, Told, events_to
from tests.stand_ins.bot_api import TOKEN
from tests.stand_ins.broker import free_port

_CONFIG = """\
instance: storm
state: state.db
instruments:
  ETH: {{calendar: 24/7, feeds: [coinbase:ETH-USD, kraken:ETH/USD], stale_after: 30s}}
  IWM: {{calendar: NYSE, feeds: [alpaca:IWM], stale_after: 30s}}
pairs:
  - {{x: ETH, y: IWM, prior: {{correlation: 0.5}}}}
events: events.yaml
feeds:
  coinbase: {{url: 'ws://{coinbase_host}:{coinbase}/'}}
  kraken: {{url: 'ws://{kraken_host}:{kraken}{kraken_path}'}}
  alpaca: {{url: 'ws://{alpaca_host}:{alpaca}', key_file: key, secret_file: secret}}
notifiers:
  log: {{}}
  telegram: {{token_file: token, chats: [{chat}], api_url: 'http://{telegram_host}:{telegram}'}}
  mqtt: {{host: 127.0.0.1, port: {mqtt}}}
"""

Samples = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]


class Said(msgspec.Struct, frozen=True, gc=False):
    """A transition of a rule, and when, by the venues' clock (ns)."""

    rule: str
    state: str
    ts: int


class Scene:
    """What runs; `servers` are those of the day."""

    def __init__(
        self, folder: Path, loop: NamedLoop, clock: SteppedClock, venues_clock: SteppedClock
    ) -> None:
        self.folder = folder
        self.loop = loop
        self.clock = clock
        self.venues_clock = venues_clock
        self.servers: Mapping[str, VenueServer] = {}
        self.told = Told()
        self.said: list[Said] = []
        self.crashes: list[str] = []
        self.chat = Chat(self.told.heard["telegram/4711"])
        self.broker = Broker(events_to(self.told.heard["mqtt"]))
        self.app: App
        self.disk: Disk
        self.store: Store
        self.reloader: Reloader
        self.keeper: Keeper
        self.metrics: Metrics
        self._ports = {kind.venue: free_port() for kind in SERVERS}

    def connects(self, venue: str) -> int:
        """How often a venue was tried."""
        return next(feed.counts.connects for feed in self.app.feeds if feed.name == venue)

    def samples(self) -> Samples:
        """What Prometheus would scrape now."""
        return {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in self.metrics.collect()
            for sample in family.samples
        }

    def write(self, name: str, text: str | bytes) -> None:
        """A file of the configuration."""
        data = text if isinstance(text, bytes) else text.encode()
        (self.folder / name).write_bytes(data)

    @asynccontextmanager
    async def venues(self, day: SimulatedMarket) -> AsyncIterator[None]:
        """The day's venues, until its end."""
        async with AsyncExitStack() as venues:
            servers = {kind.venue: kind(day, self.venues_clock.now) for kind in SERVERS}
            for name, server in servers.items():
                server.port = self._ports[name]
                await venues.enter_async_context(server)
            self.servers = servers
            yield

    @asynccontextmanager
    async def daemon(
        self, history: Mapping[str, Sequence[tuple[int, float]]], seed: int
    ) -> AsyncIterator[None]:
        """The daemon with its channels; what dies in it ends the body."""
        async with AsyncExitStack() as stack:
            await self.broker.start()
            stack.push_async_callback(self.broker.down)
            await stack.enter_async_context(self.chat)
            self._write_all()
            config = load(self.folder / "storm.yaml")
            self.store = Store(config.state)
            self.disk = Disk(self.store._database)
            self.store._database = cast("Connection", self.disk)
            stack.push_async_callback(self.store.close)
            self._listen(stack)
            channels = make_notifiers(config, Random(seed), self.clock.now)
            self.app = app = make_app(
                config,
                clock=self.clock,
                rng=Random(seed),
                notifiers=channels,
                store=self.store,
                history=history,
                on_transition=self._note,
                proxy=False,
            )
            for channel in channels:
                if isinstance(channel, Telegram):
                    channel._charts.attend(None)  # a picture costs more than all the rest
            setattr(app.outbox, "submit", partial(self._submit, app.outbox.submit))  # noqa: B010  # mypy takes no assignment to a method
            self.reloader = Reloader(config, app.watch, now=self.clock.now, tell=app.outbox.submit)
            sources = Sources(app, self.reloader, started=self.clock.now(), store=self.store)
            self.metrics = Metrics(sources)
            self.keeper = Keeper(app.watch.market, config.state.with_suffix(".warm"), every=300.0)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(app.run(), name="daemon")
                beside = [
                    tasks.create_task(keep_up(name, run), name=name)
                    for name, run in (
                        ("self-watch", SelfWatch(sources).run),
                        ("warm", self.keeper.run),
                    )
                ]
                yield
                app.stop()
                for task in beside:
                    task.cancel()

    def _submit(self, submit: Callable[[Transition], None], transition: Transition) -> None:
        self.told.decided.append(transition)
        submit(transition)

    def _note(self, transition: Transition) -> None:
        self.said.append(Said(transition.rule, transition.state.value, self.venues_clock.now()))

    def _listen(self, stack: AsyncExitStack) -> None:
        """To alerts in the log, and to all that speaks of a crash."""
        lines, crashes = Lines(self.told.heard["log"]), _Crashes(self.crashes)
        for handler, name in ((lines, "comove.alerts"), (crashes, "")):
            log = logging.getLogger(name)
            log.addHandler(handler)
            stack.callback(log.removeHandler, handler)

    def _write_all(self) -> None:
        telegram = int(self.chat.base_url.removesuffix("/bot").rpartition(":")[2])
        hosts = {f"{name}_host": host(name) for name in (*self._ports, "telegram")}
        self.config = _CONFIG.format(
            **self._ports,
            **hosts,
            kraken_path=KrakenServer.path,
            chat=CHAT,
            telegram=telegram,
            mqtt=self.broker.port,
        )
        files = {"key": KEY, "secret": SECRET, "token": TOKEN, "rules.yaml": RULES}
        for name, text in {**files, "storm.yaml": self.config}.items():
            self.write(name, text)


class _Crashes(logging.Handler):
    """Keeps what was logged with a traceback: something died, or nearly."""

    def __init__(self, found: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._found = found

    def emit(self, record: logging.LogRecord) -> None:
        """One record."""
        if record.exc_info and record.exc_info[0] is not None:
            error = record.exc_info[1]
            self._found.append(f"{record.getMessage()}: {type(error).__name__}: {error}")


def memory_folder() -> Path | None:
    """Where files cost no disk, if there is such a place: ten thousand commits are flushed."""
    folder = Path("/dev/shm")  # noqa: S108  # a temporary folder is made in it
    return folder if folder.is_dir() and os.access(folder, os.W_OK) else None
