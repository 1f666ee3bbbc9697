"""What is told and heard at a real mosquitto: retained topics, Home Assistant, commands."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from alerts.notifiers.mqtt_discovery import Discovery
from alerts.transition import State
from tests.alerts.notifiers.brokered import (
    AVAILABILITY,
    CORR,
    STATE,
    client_of,
    listening,
    mqtt,
    parsed,
    retained,
    running,
    snapshot,
    standing,
)
from tests.alerts.notifiers.desk import NotedDesk
from tests.stand_ins.broker import Broker

pytestmark = pytest.mark.real_time

ANSWER = "comove/main/answer"
CONFIG = "homeassistant/binary_sensor/comove_main/state_small-caps-breakdown_ETH-IWM/config"
ACK = json.dumps({"incident": "i-1", "who": "ann"}).encode()


async def until(broker: Broker, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """What the broker keeps, once it is so."""
    async with asyncio.timeout(10):
        while True:
            kept = await retained(broker, "#")
            if holds(kept):
                return kept


async def test_what_an_earlier_run_left_is_taken_away_and_what_others_keep_is_not(
    broker: Broker,
) -> None:
    first = mqtt(broker, discovery=Discovery())
    async with running(first):
        first.show([standing(), standing("gone")])
        first.publish(snapshot(corr=0.5, returned=0.1))
        kept = await until(broker, lambda kept: len(kept) >= 9)
    assert sum("gone" in topic for topic in kept) == 2
    async with client_of(broker) as other:
        await other.publish("comove/other/state/gone/ETH-IWM", b"{}", qos=1, retain=True)
    second = mqtt(broker, discovery=Discovery())
    async with running(second):
        second.show([standing()])
        second.publish(snapshot(corr=0.5))
        kept = await until(broker, lambda kept: sum("gone" in topic for topic in kept) == 1)
        kept = await until(broker, lambda kept: "comove/main/metric/return_1h/ETH" not in kept)
    assert {STATE, CORR, CONFIG, "comove/other/state/gone/ETH-IWM"} <= kept.keys()


async def test_home_assistant_that_comes_online_is_told_of_every_entity_again(
    broker: Broker,
) -> None:
    notifier = mqtt(broker, discovery=Discovery())
    async with running(notifier), listening(broker, ["homeassistant/#"]) as listener:
        notifier.show([standing()])
        notifier.publish(snapshot(corr=0.5))
        first = await listener.next(CONFIG)
        async with client_of(broker) as home_assistant:
            await home_assistant.publish("homeassistant/status", b"offline", qos=1)
            await home_assistant.publish("homeassistant/status", b"online", qos=1)
        again = await listener.next(CONFIG)
    assert again.payload == first.payload
    assert parsed(again)["availability_topic"] == AVAILABILITY


async def test_without_discovery_nothing_is_told_to_home_assistant(broker: Broker) -> None:
    notifier = mqtt(broker)
    async with running(notifier):
        notifier.show([standing()])
        notifier.publish(snapshot(corr=0.5))
        kept = await until(broker, lambda kept: CORR in kept and STATE in kept)
    assert not any(topic.startswith("homeassistant/") for topic in kept)


async def test_a_state_does_not_wait_for_the_interval_of_the_metrics(broker: Broker) -> None:
    notifier = mqtt(broker, metric_interval=1000.0)
    async with running(notifier), listening(broker) as listener:
        notifier.show([standing()])
        notifier.publish(snapshot(corr=0.5))
        await listener.next(CORR)
        for state in (State.PENDING, State.FIRING, State.RECOVERING):
            notifier.show([standing(state=state)])
            notifier.publish(snapshot(corr=0.6))
            message = await listener.next(STATE)
            assert parsed(message)["state"] == state
        assert json.loads((await retained(broker, CORR))[CORR])["value"] == 0.5


@asynccontextmanager
async def commanded(broker: Broker) -> AsyncIterator[tuple[NotedDesk, aiomqtt.Client]]:
    """A notifier that obeys, and a client that commands."""
    desk, notifier = NotedDesk(), mqtt(broker)
    notifier.obey(desk)
    async with client_of(broker) as client:
        await client.subscribe(ANSWER, qos=1)
        await client.subscribe("mine/#", qos=1)
        async with running(notifier):
            notifier.publish(snapshot(corr=0.5))
            await until(broker, lambda kept: CORR in kept)  # it listens by then
            yield desk, client


async def answer(client: aiomqtt.Client) -> aiomqtt.Message:
    async with asyncio.timeout(10):
        return await anext(aiter(client.messages))


async def test_a_command_is_obeyed_and_answered(broker: Broker) -> None:
    async with commanded(broker) as (desk, client):
        await client.publish("comove/main/command/ack", ACK, qos=1)
        said = await answer(client)
    assert desk.asked == [("ack", "i-1", "ann (MQTT)")]
    assert said.topic.value == ANSWER
    assert parsed(said) == {
        "command": "ack",
        "ok": True,
        "text": "acknowledged by ann (MQTT)",
        "id": "",
    }
    assert not said.retain


@pytest.mark.parametrize(
    ("asked", "topic"),
    [
        ("mine/answers", "mine/answers"),
        ("comove/main/command/ack", ANSWER),
        ("comove/main/availability", ANSWER),
        ("mine/#", ANSWER),
    ],
)
async def test_the_answer_goes_where_the_asker_wants_it_but_never_to_our_own_topics(
    broker: Broker, asked: str, topic: str
) -> None:
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho's
    properties.CorrelationData = b"42"
    try:
        properties.ResponseTopic = asked
    except Exception:  # noqa: BLE001  # paho refuses wildcards with a bare Exception
        object.__setattr__(properties, "ResponseTopic", asked)
    async with commanded(broker) as (desk, client):
        await client.publish("comove/main/command/ack", ACK, qos=1, properties=properties)
        said = await answer(client)
    assert said.topic.value == topic
    assert vars(said.properties)["CorrelationData"] == b"42"
    assert len(desk.asked) == 1


async def test_garbage_floods_and_retained_commands_leave_the_connection_standing(
    broker: Broker,
) -> None:
    async with commanded(broker) as (desk, client):
        for payload in (b"", b"\xff", b"{}", b" " * 5000, b" " * 200_000):
            await client.publish("comove/main/command/ack", payload, qos=1)
        for _ in range(50):
            await client.publish("comove/main/command/silence", b"[]", qos=0)
        said = [parsed(await answer(client)) for _ in range(11)]
        assert not any(one["ok"] for one in said)
        assert "at most 4096 bytes" in said[3]["text"]
        assert "the rest is ignored" in said[10]["text"]
        assert (await retained(broker, AVAILABILITY))[AVAILABILITY] == b"online"
    assert not desk.asked


async def test_a_command_that_was_retained_while_we_were_away_is_refused(broker: Broker) -> None:
    async with client_of(broker) as client:
        await client.publish("comove/main/command/ack", ACK, qos=1, retain=True)
    async with commanded(broker) as (desk, client):
        assert "must not be retained" in parsed(await answer(client))["text"]
        await client.publish("comove/main/command/ack", ACK, qos=1)
        assert parsed(await answer(client))["ok"]
    assert len(desk.asked) == 1


async def test_commands_are_not_heard_unless_asked_for(
    broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    notifier = mqtt(broker)
    with caplog.at_level(logging.DEBUG):
        async with running(notifier), listening(broker) as listener:
            await listener.until(AVAILABILITY, b"online")
            async with client_of(broker) as client:
                await client.publish("comove/main/command/ack", ACK, qos=1)
            notifier.publish(snapshot(corr=0.5))
            await listener.next(CORR)
    assert "MQTT command" not in caplog.text


async def test_a_broker_that_forbids_a_topic_is_complained_of_once_and_used_for_the_rest(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    acl = tmp_path / "acl"
    acl.write_text("topic readwrite comove/#\n", encoding="ascii")
    broker = Broker(tmp_path, extra=f"acl_file {acl}\n")
    await broker.start()
    try:
        notifier = mqtt(broker, discovery=Discovery())
        with caplog.at_level(logging.WARNING):
            async with running(notifier):
                notifier.show([standing()])
                notifier.publish(snapshot(corr=0.5))
                async with listening(broker) as listener:
                    await listener.next(STATE)
                    notifier.show([standing(state=State.FIRING)])
                    while parsed(await listener.next(STATE))["state"] != "firing":
                        pass
    finally:
        broker.close()
    (complaint,) = [r for r in caplog.records if r.name == "alerts.notifiers.mqtt"]
    assert "homeassistant" in complaint.message
    assert "not authorized" in complaint.message
