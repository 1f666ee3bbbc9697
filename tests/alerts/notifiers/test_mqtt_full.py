"""A mosquitto that has no room: for large messages, or for those of a reader who is away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from alerts.notifiers.notifier import NotifyError
from alerts.transition import State
from tests.alerts.alerts import alert
from tests.alerts.notifiers.brokered import (
    EVENT,
    STATE,
    client_of,
    listening,
    mqtt,
    parsed,
    running,
    standing,
)
from tests.stand_ins.broker import Broker

pytestmark = pytest.mark.real_time


@asynccontextmanager
async def limited(folder: Path, extra: str) -> AsyncIterator[Broker]:
    broker = Broker(folder, extra=extra)
    await broker.start()
    try:
        yield broker
    finally:
        broker.close()


async def test_an_alert_beyond_what_the_broker_names_as_its_limit_is_given_up_unsent(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with limited(tmp_path, "max_packet_size 2000\n") as broker:
        notifier = mqtt(broker)
        with caplog.at_level(logging.WARNING):
            async with listening(broker) as listener, running(notifier):
                with pytest.raises(NotifyError, match="packet too large") as caught:
                    await notifier.notify(alert("large", message="x" * 3000))
                assert not caught.value.retry
                await notifier.notify(alert("small"))
                assert parsed(await listener.next(EVENT))["incident"] == "small"
    assert not caplog.records  # the connection stood


async def test_an_alert_that_ends_the_connection_by_its_size_does_so_once(tmp_path: Path) -> None:
    """To a limit that it has not named mosquitto answers so that the connection ends."""
    async with limited(tmp_path, "message_size_limit 2000\n") as broker:
        notifier = mqtt(broker)
        async with listening(broker) as listener, running(notifier):
            large = alert("large", message="x" * 3000)
            with pytest.raises(NotifyError) as caught:
                await notifier.notify(large)
            assert caught.value.retry
            with pytest.raises(NotifyError, match="packet too large") as caught:
                await notifier.notify(large)
            assert not caught.value.retry
            await notifier.notify(alert("small"))
            assert parsed(await listener.next(EVENT))["incident"] == "small"


@pytest.mark.parametrize("limit", ["message_size_limit 2000", "max_packet_size 2000"])
async def test_a_state_that_is_too_large_leaves_the_others_and_is_told_once_it_fits(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, limit: str
) -> None:
    async with limited(tmp_path, f"{limit}\n") as broker:
        notifier = mqtt(broker)
        with caplog.at_level(logging.WARNING):
            async with listening(broker) as listener, running(notifier):
                notifier.show([standing(reason="x" * 3000), standing("other")])
                await listener.next(STATE.replace("small-caps-breakdown", "other"))
                while not complaints(caplog):  # noqa: ASYNC110  # a log line sets no Event
                    await asyncio.sleep(0.02)
                notifier.show([standing(state=State.FIRING), standing("other")])
                assert parsed(await listener.next(STATE))["state"] == "firing"
    assert len(complaints(caplog)) == 1


def complaints(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if "packet too large" in record.message]


async def test_a_reader_who_is_away_loses_events_and_finds_the_newest_state(tmp_path: Path) -> None:
    """What does not fit into a reader's queue is dropped by mosquitto without a word to us."""
    async with limited(tmp_path, "max_queued_messages 2\n") as broker:
        kept = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho's
        kept.SessionExpiryInterval = 60
        async with client_of(broker, identifier="reader", properties=kept) as away:
            await away.subscribe(EVENT, qos=1)
        notifier = mqtt(broker)
        async with running(notifier):
            for number in range(50):
                await notifier.notify(alert(f"i-{number}"))
                notifier.show([standing(incident=f"i-{number}")])
            async with listening(broker, [STATE]) as listener:
                while parsed(await listener.next(STATE))["incident"] != "i-49":
                    pass
