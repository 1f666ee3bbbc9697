from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

import aiomqtt
import pytest

from alerts.notifiers.mqtt import Mqtt
from alerts.notifiers.notifier import NotifyError
from alerts.rule import Severity
from alerts.transition import State
from streams.snapshot import Reading, Snapshot
from tests.alerts.alerts import START, alert
from tests.stand_ins.broker import Broker, free_port

pytestmark = pytest.mark.real_time

MQTT_LOG = "alerts.notifiers.mqtt"
STATE = "comove/main/state/small-caps-breakdown/ETH-IWM"
EVENT = "comove/main/event/small-caps-breakdown/ETH-IWM"
AVAILABILITY = "comove/main/availability"
RETURN = "comove/main/metric/return_1h/ETH"
CORR = "comove/main/metric/corr_1h/ETH-IWM"


def mqtt(broker: Broker, **options: Any) -> Mqtt:
    settings: dict[str, Any] = {"keepalive": 1, "timeout": 1.0, "patience": 1.0} | options
    return Mqtt(host=broker.host, port=broker.port, rng=_Impatient(0), **settings)


class _Impatient(Random):
    """Backoff without waiting: a twentieth of what it would be."""

    def uniform(self, a: float, b: float) -> float:
        return super().uniform(a, b) / 20


def snapshot(**readings: float | None) -> Snapshot:
    keys = {"corr": "corr(ETH,IWM,1h)", "returned": "return(ETH,1h)"}
    return Snapshot(
        ts=START,
        readings={
            keys[name]: Reading(value, "" if value is not None else "closed", n=60)
            for name, value in readings.items()
        },
        sessions={},
    )


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
async def listening(broker: Broker) -> AsyncIterator[Listener]:
    async with aiomqtt.Client(
        broker.host, broker.port, protocol=aiomqtt.ProtocolVersion.V5
    ) as client:
        await client.subscribe("comove/#", qos=1)
        yield Listener(client)


async def logged(caplog: pytest.LogCaptureFixture, count: int) -> list[logging.LogRecord]:
    """Wait until the notifier has logged so many lines."""
    async with asyncio.timeout(10):
        while len(told := [r for r in caplog.records if r.name == MQTT_LOG]) < count:  # noqa: ASYNC110  # a log line sets no Event
            await asyncio.sleep(0.02)
    return told


def parsed(message: aiomqtt.Message) -> Any:
    assert isinstance(message.payload, bytes)
    return json.loads(message.payload)


async def test_availability_is_retained_and_offline_after_a_clean_stop(broker: Broker) -> None:
    async with listening(broker) as listener:
        async with running(mqtt(broker)):
            await listener.until(AVAILABILITY, b"online")
            async with listening(broker) as late:
                assert (await late.next(AVAILABILITY)).retain
        await listener.until(AVAILABILITY, b"offline")


async def test_availability_turns_offline_by_the_will_when_the_process_dies(
    broker: Broker,
) -> None:
    async with listening(broker) as listener, running(mqtt(broker)) as task:
        notifier_online = await listener.until(AVAILABILITY, b"online")
        assert notifier_online.qos == 1
        del task
        # A second client of the same identifier takes the session over: the will is due.
        async with aiomqtt.Client(
            broker.host, broker.port, identifier="comove-main", protocol=aiomqtt.ProtocolVersion.V5
        ):
            await listener.until(AVAILABILITY, b"offline")
        await listener.until(AVAILABILITY, b"online")


async def test_an_alert_sets_the_retained_state_and_is_an_event_once(broker: Broker) -> None:
    notifier = mqtt(broker)
    async with listening(broker) as listener, running(notifier):
        await notifier.notify(alert("i-1", severity=Severity.CRITICAL))
        state = parsed(await listener.next(STATE))
        event = await listener.next(EVENT)
        assert state["state"] == "firing"
        assert state["severity"] == "critical"
        assert state["since"] == START
        assert state["values"] == {"corr(ETH,IWM,1h)": 0.12}
        assert parsed(event)["incident"] == "i-1"
        assert event.qos == 1
        assert not event.retain
        properties = vars(event.properties)
        assert properties["ContentType"] == "application/json"
        assert properties["UserProperty"] == [("incident", "i-1")]
        assert 0 < properties["MessageExpiryInterval"] <= 3600
        async with listening(broker) as late:
            message = await late.next(STATE)
            assert message.retain
            assert parsed(message) == state


async def test_a_pending_alert_is_a_state_but_no_event(broker: Broker) -> None:
    notifier = mqtt(broker)
    async with listening(broker) as listener, running(notifier):
        await notifier.notify(alert("i-1", State.PENDING))
        assert parsed(await listener.next(STATE))["state"] == "pending"
        await notifier.notify(alert("i-2", State.FIRING))
        assert parsed(await listener.next(EVENT))["incident"] == "i-2"


async def test_an_older_alert_delivered_late_leaves_the_newer_state(broker: Broker) -> None:
    notifier = mqtt(broker)
    async with listening(broker) as listener, running(notifier):
        await notifier.notify(alert("new", State.FIRING, ts=START + 5))
        await notifier.notify(alert("old", State.RESOLVED, ts=START))
        await listener.next(EVENT)
        await listener.next(EVENT)
        async with listening(broker) as late:
            assert parsed(await late.next(STATE))["state"] == "firing"


async def test_metrics_are_retained_and_only_changes_are_published(broker: Broker) -> None:
    notifier = mqtt(broker)
    async with listening(broker) as listener, running(notifier):
        await listener.until(AVAILABILITY, b"online")
        notifier.publish(snapshot(corr=0.5, returned=0.01))
        corr = await listener.next(CORR)
        assert parsed(corr) == {
            "value": 0.5,
            "n": 60,
            "low": None,
            "high": None,
            "reason": "",
            "ts": START,
        }
        assert corr.qos == 0
        await listener.next(RETURN)
        notifier.publish(snapshot(returned=None, corr=0.5))
        undefined = await listener.next(RETURN)
        assert parsed(undefined)["value"] is None
        assert parsed(undefined)["reason"] == "closed"
        notifier.publish(snapshot(corr=0.6, returned=None))
        assert parsed(await listener.next(CORR))["value"] == 0.6
        async with listening(broker) as late:
            assert (await late.next(CORR)).retain


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_a_restarted_broker_is_told_everything_again(broker: Broker, how: str) -> None:
    notifier = mqtt(broker)
    async with running(notifier):
        await notifier.notify(alert("i-1"))
        notifier.publish(snapshot(corr=0.5, returned=0.01))
        await asyncio.sleep(0)
        getattr(broker, how)()
        notifier.publish(snapshot(corr=0.6, returned=0.01))
        notifier.publish(snapshot(corr=0.7, returned=0.01))
        await broker.start()
        async with listening(broker) as listener:
            await listener.until(AVAILABILITY, b"online")
        async with listening(broker) as listener:
            assert parsed(await listener.next(CORR))["value"] == 0.7
        async with listening(broker) as listener:
            assert parsed(await listener.next(RETURN))["value"] == 0.01
        async with listening(broker) as listener:
            assert parsed(await listener.next(STATE))["state"] == "firing"


async def test_an_alert_given_while_the_broker_is_away_arrives_when_it_is_back(
    broker: Broker,
) -> None:
    notifier = mqtt(broker, patience=20.0)
    async with running(notifier), asyncio.TaskGroup() as group:
        await notifier.notify(alert("i-1"))
        broker.kill()
        with suppress(NotifyError):  # on the dying connection
            await notifier.notify(alert("i-2"))
        waiting = group.create_task(notifier.notify(alert("i-3")), name="waiting")
        await broker.start()
        await waiting
        async with listening(broker) as listener:
            assert parsed(await listener.next(STATE))["state"] == "firing"


async def test_a_broker_that_is_away_makes_an_alert_fail_retryably(tmp_path: Path) -> None:
    notifier = mqtt(Broker(tmp_path), patience=0.05)
    async with running(notifier):
        with pytest.raises(NotifyError, match="not connected") as caught:
            await notifier.notify(alert())
    assert caught.value.retry
    assert not caught.value.uncertain


async def test_a_frozen_broker_makes_an_alert_fail_retryably_and_is_found_again(
    broker: Broker,
) -> None:
    notifier = mqtt(broker, timeout=0.3)
    async with running(notifier):
        await notifier.notify(alert("i-1"))
        broker.freeze()
        with pytest.raises(NotifyError) as caught:
            await notifier.notify(alert("i-2"))
        assert caught.value.retry
        broker.thaw()
        async with asyncio.timeout(10), listening(broker) as listener:
            await notifier.notify(alert("i-3"))
            while parsed(await listener.next(EVENT))["incident"] != "i-3":
                pass


async def test_a_broker_frozen_for_longer_than_the_keepalive_is_left_and_found_again(
    broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    notifier = mqtt(broker, timeout=0.3)
    with caplog.at_level(logging.INFO, logger="alerts.notifiers.mqtt"):
        async with running(notifier):
            await notifier.notify(alert("i-1"))
            broker.freeze()
            await logged(caplog, 1)
            broker.thaw()
            told = await logged(caplog, 2)
    assert [record.levelname for record in told] == ["WARNING", "INFO"]


@pytest.mark.parametrize("frozen", [False, True])
async def test_stopping_is_prompt_whether_the_broker_answers_or_not(
    broker: Broker, *, frozen: bool
) -> None:
    notifier = mqtt(broker, timeout=0.3)
    async with asyncio.timeout(5), running(notifier):
        await notifier.notify(alert())
        if frozen:
            broker.freeze()


async def test_stopping_at_the_instant_of_an_acknowledgement_is_not_missed(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    acknowledge = aiomqtt.Client._on_publish
    to_stop: list[asyncio.Task[None]] = []

    def acknowledge_and_stop(client: aiomqtt.Client, *args: Any) -> None:
        acknowledge(client, *args)
        if to_stop:
            to_stop.pop().cancel()

    monkeypatch.setattr(aiomqtt.Client, "_on_publish", acknowledge_and_stop)
    async with running(mqtt(broker)) as task:
        to_stop.append(task)
        done, _ = await asyncio.wait([task], timeout=5)
        assert done, "the cancellation was swallowed"


async def test_stopping_while_connecting_to_a_frozen_broker_leaves_nothing_behind(
    broker: Broker,
) -> None:
    broker.freeze()
    async with asyncio.timeout(5), running(mqtt(broker, timeout=0.5)):
        await asyncio.sleep(0.1)
    for _ in range(3):
        await asyncio.sleep(0)  # let what was cancelled end
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_refusal_is_logged_once_without_the_password(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    closed = Broker(tmp_path, anonymous=False)
    await closed.start()
    notifier = mqtt(closed, username="comove", password="a-secret", timeout=0.3)  # noqa: S106  # made up
    with caplog.at_level(logging.DEBUG):
        async with running(notifier):
            told = await logged(caplog, 2)
    closed.close()
    assert [record.levelname for record in told[:2]] == ["WARNING", "DEBUG"]
    assert "authori" in told[0].message.lower()
    assert "a-secret" not in caplog.text


async def test_an_unused_port_is_no_reason_to_fail() -> None:
    notifier = Mqtt(host="127.0.0.1", port=free_port(), rng=Random(0))
    async with running(notifier) as task:
        await asyncio.sleep(0.05)
        assert not task.done()
