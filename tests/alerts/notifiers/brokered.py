"""A notifier and a listener at a real mosquitto."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import aiomqtt
import pytest

from alerts.notifiers.mqtt import Mqtt
from alerts.rule import Severity
from alerts.standing import Standing
from alerts.transition import State
from streams.snapshot import FeedStatus, Reading, Snapshot
from tests.alerts.alerts import START
from tests.stand_ins.broker import Broker

MQTT_LOG = "alerts.notifiers.mqtt"
RULE = "small-caps-breakdown"
STATE = f"comove/main/state/{RULE}/ETH-IWM"
EVENT = f"comove/main/event/{RULE}/ETH-IWM"
AVAILABILITY = "comove/main/availability"
RETURN = "comove/main/metric/return_1h/ETH"
CORR = "comove/main/metric/corr_1h/ETH-IWM"
FEED = "comove/main/feed/ETH/coinbase"
KEYS = {"corr": "corr(ETH,IWM,1h)", "returned": "return(ETH,1h)"}


def mqtt(broker: Broker, **options: Any) -> Mqtt:
    settings: dict[str, Any] = {
        "keepalive": 1,
        "timeout": 1.0,
        "patience": 1.0,
        "metric_interval": 0.0,
    }
    settings |= options
    return Mqtt(host=broker.host, port=broker.port, rng=Impatient(0), **settings)


class Impatient(Random):
    """Backoff without waiting: a twentieth of what it would be."""

    def uniform(self, a: float, b: float) -> float:
        return super().uniform(a, b) / 20


def snapshot(*, ts: int = START, **readings: float | None) -> Snapshot:
    return Snapshot(
        ts=ts,
        readings={
            KEYS.get(name, name): Reading(value, "" if value is not None else "closed", n=60)
            for name, value in readings.items()
        },
        sessions={},
        feeds=(FeedStatus("ETH", "coinbase", "live", active=True, age=0.5),),
    )


def standing(rule: str = RULE, state: State = State.INACTIVE, **fields: Any) -> Standing:
    given: dict[str, Any] = {
        "pair": "ETH-IWM",
        "severity": Severity.CRITICAL,
        "title": "ETH and small caps have come apart",
        "since": START,
    }
    return Standing(rule=rule, state=state, **(given | fields))


def parsed(message: aiomqtt.Message) -> Any:
    assert isinstance(message.payload, bytes)
    return json.loads(message.payload)


def client_of(broker: Broker, **options: Any) -> aiomqtt.Client:
    """A client of MQTT 5 besides the notifier."""
    return aiomqtt.Client(broker.host, broker.port, protocol=aiomqtt.ProtocolVersion.V5, **options)


async def retained(broker: Broker, *topics: str) -> dict[str, Any]:
    """What the broker keeps below the topics; a mark of our own says when all of it came."""
    found: dict[str, Any] = {}
    async with asyncio.timeout(10), client_of(broker) as client:
        for topic in (*topics, "end/of/it"):
            await client.subscribe(topic, qos=1)
        await client.publish("end/of/it", b"", qos=1)
        async for message in client.messages:
            if message.topic.value == "end/of/it":
                break
            found[message.topic.value] = message.payload
    return found


@asynccontextmanager
async def running(notifier: Mqtt) -> AsyncIterator[asyncio.Task[None]]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(notifier.run(), name="mqtt")
        yield task
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=5)
        task.cancel()
        assert done, "the first cancellation was swallowed"


class Listener:
    """A subscriber to everything that comove says."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self._client = client

    async def next(self, topic: str) -> aiomqtt.Message:
        async with asyncio.timeout(10):
            async for message in self._client.messages:
                if message.topic.value == topic:
                    return message
        raise AssertionError

    async def until(self, topic: str, payload: bytes) -> aiomqtt.Message:
        while (message := await self.next(topic)).payload != payload:
            pass
        return message


@asynccontextmanager
async def listening(
    broker: Broker, topics: Sequence[str] = ("comove/#",)
) -> AsyncIterator[Listener]:
    async with client_of(broker) as client:
        for topic in topics:
            await client.subscribe(topic, qos=1)
        yield Listener(client)


async def logged(caplog: pytest.LogCaptureFixture, count: int) -> list[logging.LogRecord]:
    """Wait until the notifier has logged so many lines."""
    async with asyncio.timeout(10):
        while len(told := [r for r in caplog.records if r.name == MQTT_LOG]) < count:  # noqa: ASYNC110  # a log line sets no Event
            await asyncio.sleep(0.02)
    return told
