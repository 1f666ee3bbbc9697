"""Deliveries across an end of the process: a store that stays, outboxes that come and go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from alerts.notifiers.notifier import Notifier, NotifyError
from alerts.notifiers.telegram import Telegram
from alerts.notifiers.telegram_address import Address
from alerts.outbox import Outbox
from alerts.row import Row, Status
from alerts.rule import Severity
from alerts.store import Store
from alerts.transition import State, Transition
from tests.alerts.alerts import NS, START, alert
from tests.stand_ins.bot_api import TOKEN, BotApi

INFO, WARNING, CRITICAL = Severity.INFO, Severity.WARNING, Severity.CRITICAL


class Channel:
    """Notes what it is told; `trouble` may raise for an attempt."""

    def __init__(self, trouble: Callable[[Transition], None] = lambda _: None) -> None:
        self.name = "log"
        self.told: list[Transition] = []
        self.store: Store | None = None
        self.seen: list[list[tuple[str, Status]]] = []
        """What stood in the file as it was told."""
        self._trouble = trouble

    async def run(self) -> None:
        await asyncio.get_running_loop().create_future()

    async def notify(self, transition: Transition) -> None:
        if self.store is not None:
            self.seen.append(in_file(self.store))
        self._trouble(transition)
        self.told.append(transition)

    @property
    def incidents(self) -> list[str]:
        return [transition.incident for transition in self.told]


class Idempotent(Channel):
    def repeatable(self, _: Transition) -> bool:
        return True


class Hanging(Channel):
    async def notify(self, transition: Transition) -> None:
        await super().notify(transition)
        await asyncio.get_running_loop().create_future()


def in_file(store: Store) -> list[tuple[str, Status]]:
    found = store._database.execute(
        "SELECT incident, status FROM outbox JOIN transitions ON transitions.id = transition_id "
        "ORDER BY outbox.id"
    )
    return [(incident, Status(status)) for incident, status in found]


def statuses(box: Outbox) -> list[Status]:
    assert box._store is not None
    return [status for _, status in in_file(box._store)]


def refusing(*errors: Exception) -> Callable[[Transition], None]:
    waiting = list(errors)

    def trouble(_: Transition) -> None:
        if waiting:
            raise waiting.pop(0)

    return trouble


def unreachable() -> NotifyError:
    return NotifyError("connection refused", retry=True)


def unsure() -> NotifyError:
    return NotifyError("no answer", retry=True, uncertain=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@asynccontextmanager
async def process(
    path: Path, *channels: Notifier, later: float = 0.0, **options: Any
) -> AsyncIterator[Outbox]:
    """One life of the process, that begins `later` seconds after the alerts; it is cut short."""
    store = Store(path)
    for channel in channels:
        if isinstance(channel, Channel):
            channel.store = store
    began = asyncio.get_running_loop().time()

    def now() -> int:
        return START + round((later + asyncio.get_running_loop().time() - began) * NS)

    box = Outbox(channels, now=now, rng=Random(0), store=store, **options)
    try:
        async with asyncio.TaskGroup() as group:
            running = group.create_task(box.run(), name="outbox")
            yield box
            running.cancel()
    finally:
        await store.close()


def left(path: Path) -> Sequence[Row]:
    store = Store(path)
    store._database.close()
    return store.left.rows


def to_log(incident: str = "a", *args: Any, **options: Any) -> Transition:
    return alert(incident, *args, notify=["log"], **options)


async def test_nobody_is_told_before_it_is_written(path: Path) -> None:
    channel = Channel()
    async with process(path, channel) as box:
        box.submit(to_log("a"))
        assert await box.drain(10) == 0
        assert channel.seen == [[("a", Status.SENDING)]]
    assert left(path) == ()


@pytest.mark.parametrize("severity", Severity)
async def test_what_was_not_tried_is_told_by_the_next_and_says_that_it_is_late(
    path: Path, severity: Severity
) -> None:
    async with process(path, Channel(refusing(unreachable(), unreachable()))) as box:
        box.submit(to_log("a", severity=severity))
        assert await box.drain(1) == 1
    channel = Channel()
    async with process(path, channel, later=2000.0) as box:
        assert await box.drain(10) == 0
    assert channel.incidents == ["a"]
    assert channel.told[0].context[-1] == "Sent 33 min late"
    assert left(path) == ()


async def test_what_was_decided_as_the_process_ended_is_told_by_the_next(path: Path) -> None:
    channel = Channel()
    async with process(path, channel) as box:
        await box.drain(1)
        box.submit(to_log("a"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert channel.told == []
    async with process(path, channel) as box:
        await box.drain(1)
    assert channel.incidents == ["a"]


async def test_a_critical_that_may_have_arrived_is_sent_again_and_says_so(path: Path) -> None:
    async with process(path, Hanging()) as box:
        box.submit(to_log("c", severity=CRITICAL))
        await box.drain(1)
        assert statuses(box) == [Status.SENDING]
    channel = Channel()
    async with process(path, channel) as box:
        await box.drain(1)
    assert channel.incidents == ["c"]
    assert "Sent again: the first attempt may have arrived" in channel.told[0].context


@pytest.mark.parametrize("severity", [INFO, WARNING])
async def test_a_lesser_one_that_may_have_arrived_is_not_sent_again_but_named(
    path: Path, severity: Severity
) -> None:
    async with process(path, Hanging()) as box:
        box.submit(to_log(severity=severity))
        await box.drain(1)
    channel = Channel()
    async with process(path, channel) as box:
        await box.drain(1)
    (digest,) = channel.told
    assert digest.title == "1 alert from before a restart"
    assert "may have arrived" in digest.message
    assert left(path) == ()


async def test_a_channel_that_does_not_mind_is_told_again_whatever_it_is(path: Path) -> None:
    class Stuck(Hanging, Idempotent):
        pass

    async with process(path, Stuck()) as box:
        box.submit(to_log("a", severity=INFO))
        await box.drain(1)
    channel = Idempotent()
    async with process(path, channel, later=90_000.0) as box:
        await box.drain(1)
    assert channel.incidents == ["a"]
    assert channel.told[0].context[-1] == "Sent 1 d 1 h late"


async def test_old_infos_are_folded_into_one_alert_that_survives_an_end_as_well(
    path: Path,
) -> None:
    async with process(path, Channel(refusing(*[unreachable()] * 9))) as box:
        for n in range(3):
            box.submit(to_log(str(n), severity=INFO))
        box.submit(to_log("w"))
        assert await box.drain(1) == 4
    async with process(path, Hanging(), later=4000.0) as box:
        await box.drain(1)
    # The warning may have arrived by now.
    channel = Channel()
    async with process(path, channel, later=4000.0) as box:
        assert await box.drain(1) == 0
    (digest,) = channel.told
    assert digest.title == "4 alerts from before a restart"
    assert digest.severity is WARNING
    assert left(path) == ()


async def test_a_digest_that_fails_is_never_taken_for_what_surely_did_not_arrive(
    path: Path,
) -> None:
    async with process(path, Hanging()) as box:
        box.submit(to_log("w"))
        await box.drain(1)
    async with process(path, Channel(refusing(*[unreachable()] * 9))) as box:
        assert await box.drain(1) == 1
    channel = Channel()
    async with process(path, channel) as box:
        await box.drain(1)
    assert [told.title for told in channel.told] == ["1 alert from before a restart"]


@pytest.mark.parametrize(
    ("error", "severity", "status"),
    [
        (NotifyError("blocked", retry=False), CRITICAL, Status.DEAD),
        (KeyError("surprise"), CRITICAL, Status.DEAD),
        (unsure(), INFO, Status.UNCERTAIN),
        (unsure(), WARNING, Status.SENDING),
        (unsure(), CRITICAL, Status.SENDING),
        (unreachable(), CRITICAL, Status.QUEUED),
        (NotifyError("slow down", retry=True, after=60.0), CRITICAL, Status.QUEUED),
    ],
)
async def test_what_became_of_an_attempt_is_written(
    path: Path, error: Exception, severity: Severity, status: Status
) -> None:
    async with process(path, Channel(refusing(error))) as box:
        box.submit(to_log(severity=severity))
        await box.drain(0.1)
        assert statuses(box) == [status]


async def test_what_may_have_arrived_once_stays_so_whatever_comes_after(path: Path) -> None:
    async with process(path, Channel(refusing(unsure(), *[unreachable()] * 9))) as box:
        box.submit(to_log(severity=CRITICAL))
        await box.drain(5)
        assert statuses(box) == [Status.SENDING]


async def test_what_is_left_out_for_want_of_room_is_dead(path: Path) -> None:
    async with process(path, Channel(refusing(*[unreachable()] * 99)), capacity=2) as box:
        for n in range(4):
            box.submit(to_log(str(n), severity=INFO))
        await box.drain(1)
    assert [row.transition.incident for row in left(path)] == ["2", "3"]


async def test_alerts_for_a_channel_that_is_no_more_are_given_up_and_said(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with process(path, Channel(refusing(*[unreachable()] * 9))) as box:
        box.submit(to_log())
        await box.drain(1)
    with caplog.at_level(logging.WARNING):
        async with process(path) as box:
            await box.drain(1)
    assert "log is no longer configured: its undelivered alerts are given up" in caplog.messages
    assert left(path) == ()


async def test_on_a_full_disk_alerts_are_told_from_memory(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    channel = Channel()
    async with process(path, channel) as box:
        assert box._store is not None
        (pages,) = box._store._database.execute("PRAGMA page_count").fetchone()
        box._store._database.execute(f"PRAGMA max_page_count = {pages}")
        for n in range(3):
            box.submit(to_log(str(n), message="x" * 50_000))
        assert await box.drain(10) == 0
        assert channel.incidents == ["0", "1", "2"]
        assert caplog.text.count("cannot be written") == 1
        box._store._database.execute("PRAGMA max_page_count = 100000")


async def test_an_incident_told_before_a_restart_is_edited_after_it(path: Path) -> None:
    def telegram(api: BotApi) -> Telegram:
        return Telegram(
            token=TOKEN, chats=[Address(1, "desk")], base_url=api.base_url, rng=Random(0)
        )

    async with BotApi() as api:
        async with process(path, telegram(api)) as box:
            box.submit(alert("a", message="4.2 σ", notify=["telegram"]))
            assert await box.drain(10) == 0
        async with process(path, telegram(api)) as box:
            box.submit(alert("a", State.RESOLVED, message="Over.", notify=["telegram"]))
            assert await box.drain(10) == 0
        (message,) = api.chat(1)
        assert message.edits == 1
        assert "It fired as: 4.2 σ" in message.text
        async with process(path, telegram(api)) as box:
            assert box._store is not None
            assert box._store.left.posted == ()
