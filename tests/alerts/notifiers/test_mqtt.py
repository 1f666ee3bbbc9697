from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import aiomqtt
import pytest

from alerts.notifiers.mqtt import Mqtt
from alerts.notifiers.mqtt_connection import Connection
from alerts.notifiers.mqtt_topics import metric_json
from alerts.notifiers.notifier import NotifyError
from alerts.rule import Severity
from alerts.transition import State
from streams.snapshot import Reading
from tests.alerts.alerts import START, alert
from tests.alerts.notifiers.brokered import (
    AVAILABILITY,
    CORR,
    EVENT,
    RETURN,
    STATE,
    listening,
    logged,
    mqtt,
    parsed,
    retained,
    running,
    snapshot,
    standing,
)
from tests.alerts.report.told import report
from tests.stand_ins.broker import Broker, free_port

pytestmark = pytest.mark.real_time


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


async def test_a_report_is_kept_until_the_next_through_a_restart(broker: Broker) -> None:
    topic = "comove/main/report/daily/ETH-IWM"
    notifier = mqtt(broker)
    async with running(notifier):
        await notifier.notify(report())
    async with running(mqtt(broker)), listening(broker) as late:
        kept = await late.next(topic)
        assert kept.retain
        assert parsed(kept)["kind"] == "report"
        assert parsed(kept)["values"]["corr"] == 0.5


async def test_an_alert_is_an_event_once_and_is_not_kept(broker: Broker) -> None:
    notifier = mqtt(broker)
    async with listening(broker) as listener, running(notifier):
        await notifier.notify(alert("i-1", severity=Severity.CRITICAL))
        event = await listener.next(EVENT)
        assert parsed(event)["incident"] == "i-1"
        assert parsed(event)["severity"] == "critical"
        assert parsed(event)["since"] == START
        assert parsed(event)["values"] == {"corr(ETH,IWM,1h)": 0.12}
        assert event.qos == 1
        assert not event.retain
        properties = vars(event.properties)
        assert properties["ContentType"] == "application/json"
        assert properties["UserProperty"] == [("incident", "i-1")]
        assert 0 < properties["MessageExpiryInterval"] <= 3600
    assert EVENT not in await retained(broker, "#")


async def test_a_pending_alert_is_no_event(broker: Broker) -> None:
    notifier = mqtt(broker)
    async with listening(broker) as listener, running(notifier):
        await notifier.notify(alert("i-1", State.PENDING))
        await notifier.notify(alert("i-2", State.FIRING))
        assert parsed(await listener.next(EVENT))["incident"] == "i-2"


async def test_states_and_metrics_are_retained_and_only_changes_are_published(
    broker: Broker,
) -> None:
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
            "note": "",
            "ts": START,
        }
        assert corr.qos == 0
        await listener.next(RETURN)
        notifier.show([standing(state=State.FIRING)])
        assert parsed(await listener.next(STATE))["state"] == "firing"
        notifier.publish(snapshot(returned=None, corr=0.5))
        undefined = await listener.next(RETURN)
        assert parsed(undefined)["value"] is None
        assert parsed(undefined)["reason"] == "closed"
        notifier.publish(snapshot(corr=0.6, returned=None))
        assert parsed(await listener.next(CORR))["value"] == 0.6
        assert {CORR, RETURN, STATE, AVAILABILITY} <= (await retained(broker, "comove/#")).keys()


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_a_restarted_broker_is_told_everything_again(broker: Broker, how: str) -> None:
    notifier = mqtt(broker)
    async with running(notifier):
        notifier.show([standing(state=State.FIRING)])
        notifier.publish(snapshot(corr=0.5, returned=0.01))
        await notifier.notify(alert("i-1"))
        getattr(broker, how)()
        notifier.publish(snapshot(corr=0.6, returned=0.01))
        notifier.publish(snapshot(corr=0.7, returned=0.01))
        await broker.start()
        async with listening(broker) as listener:
            await listener.until(CORR, metric_json(Reading(0.7, n=60), START))
        kept = await retained(broker, "comove/#")
        assert kept[AVAILABILITY] == b"online"
        assert json.loads(kept[RETURN])["value"] == 0.01
        assert json.loads(kept[STATE])["state"] == "firing"


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
        await asyncio.sleep(0)
        assert not waiting.done()
        await broker.start()
        await waiting


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
    acknowledge = Connection._on_publish
    to_stop: list[asyncio.Task[None]] = []

    def acknowledge_and_stop(client: Connection, *args: Any) -> None:
        acknowledge(client, *args)
        if to_stop:
            to_stop.pop().cancel()

    monkeypatch.setattr(Connection, "_on_publish", acknowledge_and_stop)
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
