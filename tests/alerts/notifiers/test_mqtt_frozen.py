from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import msgspec
import pytest

from alerts.notifiers.mqtt import Mqtt
from alerts.notifiers.notifier import NotifyError
from tests.alerts.alerts import alert
from tests.faults.storms.mqtt_broker import Broker

Heard = list[str]


@asynccontextmanager
async def running() -> AsyncIterator[tuple[Mqtt, Broker, Heard]]:
    """A notifier, its broker, and the incidents that the broker hears of."""
    heard: Heard = []

    def note(topic: str, payload: bytes) -> None:
        if "/event/" in topic:
            heard.append(msgspec.json.decode(payload)["incident"])

    broker = Broker(note)
    await broker.start()
    mqtt = Mqtt(host="127.0.0.1", port=broker.port, rng=Random(1))
    async with asyncio.TaskGroup() as tasks:
        connected = tasks.create_task(mqtt.run(), name="mqtt")
        await asyncio.sleep(5)
        yield mqtt, broker, heard
        connected.cancel()
    await broker.down()


async def test_a_frozen_broker_is_given_an_alert_once_however_often_it_is_tried() -> None:
    async with running() as (mqtt, broker, heard):
        broker.freeze()
        for _ in range(2):
            with pytest.raises(NotifyError) as caught:
                await mqtt.notify(alert())
            assert caught.value.retry
        broker.thaw()
        assert heard == [alert().incident]
        await asyncio.sleep(120)
        assert mqtt.online
        await mqtt.notify(alert())
        assert heard == [alert().incident] * 2


async def test_a_broker_that_goes_away_is_a_loss_each_time() -> None:
    async with running() as (mqtt, broker, _):
        assert (mqtt.online, mqtt.losses) == (True, 0)
        for number in (1, 2):
            broker.cut()
            await asyncio.sleep(60)
            assert (mqtt.online, mqtt.losses) == (True, number)
        await broker.down()
        await asyncio.sleep(300)
        assert (mqtt.online, mqtt.losses) == (False, 3)
