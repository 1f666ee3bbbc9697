"""The daemon on three channels: its log, a real mosquitto behind a gate, a stand-in Bot API.

ETH falls and rises again every half minute, which one rule tells to all three.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any, Self

import aiomqtt
import msgspec

from alerts.lane import Counts
from alerts.transition import State, Transition
from config.load import load
from daemon.app import App
from daemon.clock import Clock
from daemon.wiring import make_app
from streams.instrument import NS
from streams.simulator.instruments import MODEL, Model
from streams.simulator.market import SimulatedMarket
from streams.simulator.script import JointMove, Script
from streams.simulator.servers.coinbase import CoinbaseServer
from tests.faults.gate import Gate
from tests.stand_ins.bot_api import TOKEN, BotApi, Posted
from tests.stand_ins.broker import Broker

CHAT = 4711
PERIOD, LOW, HIGH = 30.0, 10.0, 25.0
"""Every so often, and when in it ETH falls and rises again (seconds)."""
PERIODS = 4
DURATION = PERIODS * PERIOD + 20.0

_CONFIG = """\
instance: sinks
instruments:
  ETH: {{calendar: 24/7, feeds: [coinbase:ETH-USD]}}
  BTC: {{calendar: 24/7, feeds: [coinbase:BTC-USD]}}
pairs: [{{x: ETH, y: BTC}}]
feeds:
  coinbase: {{url: '{coinbase}'}}
notifiers:
  log: {{}}
  mqtt: {{host: 127.0.0.1, port: {mqtt}}}
  telegram: {{token_file: token, chats: [{chat}], api_url: '{telegram}'}}
"""
_RULES = """\
rules:
  - id: low
    title: ETH is low
    when: price(ETH) < 2290
    clear: price(ETH) > 2300
    message: "ETH stands at {price(ETH)}"
"""

CRYPTO = Model(
    instruments=tuple(i for i in MODEL.instruments if i.continuous),
    correlations=tuple(c for c in MODEL.correlations if {c.x, c.y} == {"ETH", "BTC"}),
    listings=tuple(one for one in MODEL.listings if one.venue == "coinbase"),
)


class Told(msgspec.Struct, frozen=True):
    """An alert as a channel told it: of which incident, how it stood, and how late (seconds)."""

    incident: str
    state: str
    delay: float
    text: str = ""


class _Lines(logging.Handler):
    """The daemon's log of alerts."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.lines: list[tuple[str, int]] = []
        self._clock = clock

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append((record.getMessage(), self._clock.now()))


class Subscriber:
    """Notes every event that comes from the broker."""

    def __init__(self, broker: Broker, clock: Clock) -> None:
        self.told: list[Told] = []
        self._broker = broker
        self._clock = clock
        self._tasks = asyncio.TaskGroup()
        self._listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        await self.subscribe()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._hang_up()
        await self._tasks.__aexit__(None, None, None)

    async def subscribe(self) -> None:
        """Listen, or listen again to a broker that has begun anew."""
        self._hang_up()
        ready = asyncio.Event()
        self._listening = self._tasks.create_task(self._listen(ready), name="subscriber")
        await ready.wait()

    def _hang_up(self) -> None:
        if self._listening is not None:
            self._listening.cancel()

    async def _listen(self, ready: asyncio.Event) -> None:
        host, port = self._broker.host, self._broker.port
        try:
            async with aiomqtt.Client(host, port, protocol=aiomqtt.ProtocolVersion.V5) as client:
                await client.subscribe("comove/sinks/event/low/ETH-BTC", qos=1)
                ready.set()
                async for message in client.messages:
                    self._note(message)
        except aiomqtt.MqttError:
            assert ready.is_set(), "the broker did not let the subscriber in"

    def _note(self, message: aiomqtt.Message) -> None:
        assert isinstance(message.payload, bytes)
        event: dict[str, Any] = json.loads(message.payload)
        delay = (self._clock.now() - event["ts"]) / NS
        self.told.append(Told(event["incident"], event["state"], delay, event["message"]))


class Sinks:
    """What runs, and what has been told so far."""

    def __init__(
        self, *, clock: Clock, broker: Broker, gate: Gate, api: BotApi, subscriber: Subscriber
    ) -> None:
        self.clock = clock
        self.broker = broker
        self.gate = gate
        self.api = api
        self.subscriber = subscriber
        self.lines = _Lines(clock)
        self.transitions: list[Transition] = []
        self.app: App
        self._began = clock.now()

    async def until(self, second: float) -> None:
        """Wait for an instant of the market."""
        await asyncio.sleep(second - (self.clock.now() - self._began) / NS)

    def counts(self, lane: str) -> Counts:
        return self.app.outbox.counts[lane]

    def logged(self) -> list[Told]:
        """The alerts in the log, whose lines are one for one those of the rule."""
        pairs = zip(self.lines.lines, self.transitions, strict=True)
        return [
            Told(t.incident, line.split()[1].rstrip(":"), (at - t.ts) / NS, line)
            for (line, at), t in pairs
        ]

    def posted(self, incident: str) -> list[Posted]:
        """The messages of an incident in the chat: those that name the price at which it fired."""
        fired = next(t for t in self.transitions if t.incident == incident)
        return [one for one in self.api.chat(CHAT) if fired.message in one.text]

    def post_delay(self, incident: str) -> float:
        """Seconds from the firing of an incident to its first message."""
        fired = next(t for t in self.transitions if t.incident == incident)
        began = self.clock.now() - round(asyncio.get_running_loop().time() * NS)
        return (began - fired.ts) / NS + self.posted(incident)[0].at

    def incidents(self) -> list[str]:
        return [t.incident for t in self.transitions if t.state is State.FIRING]


@asynccontextmanager
async def sinks(folder: Path) -> AsyncIterator[Sinks]:
    """The daemon with its channels, for the length of the body."""
    market = _market()
    clock = Clock(asyncio.get_running_loop(), market.start_ns)
    log = logging.getLogger("comove.alerts")
    async with AsyncExitStack() as stack:
        broker = Broker(folder)
        await broker.start()
        stack.callback(broker.close)
        running = Sinks(
            clock=clock,
            broker=broker,
            gate=await stack.enter_async_context(Gate(broker.port)),
            api=await stack.enter_async_context(BotApi()),
            subscriber=await stack.enter_async_context(Subscriber(broker, clock)),
        )
        log.addHandler(running.lines)
        stack.callback(log.removeHandler, running.lines)
        server = await stack.enter_async_context(CoinbaseServer(market, clock.now))
        running.app = make_app(
            load(_write(folder, server.url, running)),
            clock=clock,
            rng=Random(1),
            on_transition=running.transitions.append,
            proxy=False,
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(running.app.run(), name="daemon")
            yield running
            running.app.stop()


def _market() -> SimulatedMarket:
    turns = ((LOW, -0.03), (HIGH, 1 / 0.97 - 1))
    phases = tuple(
        JointMove(
            name=f"turn {number}", moves=(("ETH", move),), start=PERIOD * number + at, duration=1.0
        )
        for number in range(PERIODS)
        for at, move in turns
    )
    script = Script(duration=DURATION + 10.0, phases=phases)
    return SimulatedMarket(seed=1, script=script, model=CRYPTO)


def _write(folder: Path, coinbase: str, running: Sinks) -> Path:
    telegram = running.api.base_url.removesuffix("/bot")
    config = _CONFIG.format(coinbase=coinbase, mqtt=running.gate.port, chat=CHAT, telegram=telegram)
    for name, text in {"comove.yaml": config, "rules.yaml": _RULES, "token": TOKEN}.items():
        (folder / name).write_text(text, "utf-8")
    return folder / "comove.yaml"
