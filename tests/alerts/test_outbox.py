from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import pytest

from alerts.notifiers.notifier import Notifier, NotifyError
from alerts.notifiers.telegram import Telegram
from alerts.notifiers.telegram_address import Address
from alerts.outbox import Outbox
from alerts.rule import Severity
from alerts.transition import State, Transition
from tests.alerts.alerts import NS, START, alert
from tests.stand_ins.bot_api import TOKEN, BotApi

INFO, WARNING, CRITICAL = Severity.INFO, Severity.WARNING, Severity.CRITICAL


class Channel:
    """Records what it is told and when; `trouble` may raise for an attempt."""

    def __init__(
        self, name: str = "log", trouble: Callable[[Transition], None] = lambda _: None
    ) -> None:
        self.name = name
        self.trouble = trouble
        self.told: list[Transition] = []
        self.times: list[float] = []
        self.running = False

    async def run(self) -> None:
        self.running = True
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.running = False

    async def notify(self, transition: Transition) -> None:
        self.times.append(asyncio.get_running_loop().time())
        self.trouble(transition)
        self.told.append(transition)

    @property
    def incidents(self) -> list[str]:
        return [transition.incident for transition in self.told]


class Failing:
    """Raises the given errors, one an attempt, then no more."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)

    def __call__(self, _: Transition) -> None:
        if self.errors:
            raise self.errors.pop(0)


def unreachable() -> NotifyError:
    return NotifyError("connection refused", retry=True)


def now() -> int:
    """The alerts fire as the loop starts."""
    return START + round(asyncio.get_running_loop().time() * NS)


def outbox(*notifiers: Notifier, **options: Any) -> Outbox:
    return Outbox(notifiers, now=now, rng=Random(0), **options)


@asynccontextmanager
async def running(box: Outbox) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(box.run(), name="outbox")
        yield
        task.cancel()


async def test_an_alert_goes_to_each_channel_it_names_once() -> None:
    log, mqtt, other = Channel("log"), Channel("mqtt"), Channel("telegram")
    box = outbox(log, mqtt, other)
    async with running(box):
        box.submit(alert(notify=["log", "mqtt", "log"]))
        assert await box.drain(1) == 0
    assert (len(log.told), len(mqtt.told), len(other.told)) == (1, 1, 0)
    assert box.counts["log"].delivered == 1


async def test_an_unknown_channel_is_an_error_in_the_log_and_stops_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log = Channel()
    box = outbox(log)
    async with running(box):
        box.submit(alert(notify=["pager", "log"]))
        await box.drain(1)
    assert "pager" in caplog.text
    assert len(log.told) == 1


async def test_channels_run_while_it_runs() -> None:
    log = Channel()
    async with running(outbox(log)):
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert log.running
    assert not log.running


async def test_a_failure_is_retried_with_growing_waits_and_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log = Channel(trouble=Failing(*(unreachable() for _ in range(9))))
    box = outbox(log)
    with caplog.at_level(logging.INFO):
        async with running(box):
            box.submit(alert(notify=["log"]))
            assert await box.drain(600) == 0
    gaps = [later - earlier for earlier, later in zip(log.times, log.times[1:], strict=False)]
    for gap, full in zip(gaps, [1, 2, 4, 8, 16, 30, 30, 30, 30], strict=True):
        assert full / 2 <= gap <= full
    assert len(set(gaps)) == len(gaps)  # jitter
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert box.counts["log"].retried == 9


async def test_one_channels_trouble_delays_no_other() -> None:
    log = Channel("log")
    mqtt = Channel("mqtt", Failing(*(unreachable() for _ in range(5))))
    box = outbox(mqtt, log)
    async with running(box):
        for n in range(5):
            box.submit(alert(str(n), notify=["mqtt", "log"]))
        await asyncio.sleep(0.01)
        assert len(log.told) == 5
        assert not mqtt.told
        assert await box.drain(100) == 0
    assert mqtt.incidents == ["0", "1", "2", "3", "4"]


async def test_a_pause_asked_for_is_kept() -> None:
    log = Channel(trouble=Failing(NotifyError("slow down", retry=True, after=17.0)))
    box = outbox(log)
    async with running(box):
        box.submit(alert(notify=["log"]))
        await box.drain(60)
    assert log.times[1] - log.times[0] == pytest.approx(17)
    assert box.counts["log"].deferred == 1
    assert box.counts["log"].retried == 0


async def test_a_critical_that_arrives_during_a_pause_goes_first() -> None:
    log = Channel(trouble=Failing(NotifyError("slow down", retry=True, after=5.0)))
    box = outbox(log)
    async with running(box):
        box.submit(alert("w", notify=["log"]))
        await asyncio.sleep(1)
        box.submit(alert("c", severity=CRITICAL, notify=["log"]))
        await box.drain(60)
    assert log.incidents == ["c", "w"]


async def test_refusals_for_good_are_counted_and_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    log = Channel(trouble=Failing(*(NotifyError("blocked", retry=False) for _ in range(3))))
    box = outbox(log)
    with caplog.at_level(logging.INFO):
        async with running(box):
            for n in range(4):
                box.submit(alert(str(n), notify=["log"]))
            await box.drain(1)
    assert box.counts["log"].failed == 3
    assert log.incidents == ["3"]
    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"]


async def test_an_alert_that_breaks_its_channel_is_counted_and_the_next_goes_on() -> None:
    log = Channel(trouble=Failing(KeyError("surprise")))
    box = outbox(log)
    async with running(box):
        box.submit(alert("a", notify=["log"]))
        box.submit(alert("b", notify=["log"]))
        await box.drain(1)
    assert box.counts["log"].failed == 1
    assert log.incidents == ["b"]


@pytest.mark.parametrize("severity", Severity)
async def test_what_may_have_arrived_is_sent_again_unless_it_is_an_info(
    severity: Severity,
) -> None:
    log = Channel(trouble=Failing(NotifyError("timed out", retry=True, uncertain=True)))
    box = outbox(log)
    async with running(box):
        box.submit(alert(severity=severity, notify=["log"]))
        await box.drain(60)
    counts = box.counts["log"]
    if severity is not INFO:
        assert (counts.delivered, counts.uncertain) == (1, 0)
        assert "Sent again: the first attempt may have arrived" in log.told[0].context
    else:
        assert (counts.delivered, counts.uncertain) == (0, 1)


@pytest.mark.parametrize(
    ("severity", "attempts", "delivered"), [(CRITICAL, 6, 1), (WARNING, 2, 0), (INFO, 1, 0)]
)
async def test_a_warning_that_may_have_arrived_twice_is_let_be_a_critical_never(
    severity: Severity, attempts: int, delivered: int
) -> None:
    unsure = NotifyError("timed out", retry=True, uncertain=True)
    log = Channel(trouble=Failing(*[unsure] * 5))
    box = outbox(log)
    async with running(box):
        box.submit(alert(severity=severity, notify=["log"]))
        await box.drain(600)
    counts = box.counts["log"]
    assert (counts.delivered, counts.uncertain) == (delivered, 1 - delivered)
    assert counts.retried == attempts - 1


async def test_a_channel_that_never_answers_is_uncertain_after_a_while() -> None:
    class Hanging(Channel):
        async def notify(self, transition: Transition) -> None:
            await super().notify(transition)
            if len(self.told) == 1:
                await asyncio.get_running_loop().create_future()

    log = Hanging()
    box = outbox(log, patience=120)
    async with running(box):
        box.submit(alert(severity=CRITICAL, notify=["log"]))
        assert await box.drain(300) == 0
    assert log.times[1] - log.times[0] > 120


async def test_one_bad_alert_does_not_block_the_rest_for_ever() -> None:
    def choke(transition: Transition) -> None:
        if transition.severity is CRITICAL:
            raise unreachable()

    log = Channel(trouble=choke)
    box = outbox(log)
    async with running(box):
        box.submit(alert("bad", severity=CRITICAL, notify=["log"]))
        for n in range(5):
            box.submit(alert(str(n), notify=["log"]))
        assert await box.drain(120) == 1
    assert log.incidents == ["0", "1", "2", "3", "4"]


async def test_an_alert_sent_late_says_how_late_and_one_in_time_does_not() -> None:
    log = Channel()
    box = outbox(log)
    box.submit(alert("late", notify=["log"]))
    await asyncio.sleep(720)
    box.submit(alert("fresh", ts=now(), notify=["log"]))
    async with running(box):
        await box.drain(1)
    late, fresh = log.told
    assert late.context[-1] == "Sent 12 min late"
    assert fresh.context == alert().context


async def test_a_dead_channel_keeps_the_newest_and_says_what_it_left_out() -> None:
    log = Channel(trouble=Failing(*(unreachable() for _ in range(4))))
    box = outbox(log, capacity=10)
    async with running(box):
        box.submit(alert("c", severity=CRITICAL, notify=["log"]))
        for n in range(20):
            box.submit(alert(str(n), severity=WARNING, notify=["log"]))
            await asyncio.sleep(0)
        assert box.counts["log"].queued == 10
        assert await box.drain(100) == 0
    assert log.incidents == ["c", *(str(n) for n in range(11, 20))]
    assert box.counts["log"].dropped == 11
    assert "11 lesser alerts were left out while this channel lagged" in log.told[0].context
    assert not any("left out" in line for line in log.told[1].context)


async def test_draining_gives_up_in_time_and_says_what_is_left() -> None:
    log = Channel(trouble=Failing(*(unreachable() for _ in range(1000))))
    box = outbox(log)
    loop = asyncio.get_running_loop()
    async with running(box):
        for n in range(3):
            box.submit(alert(str(n), notify=["log"]))
        began = loop.time()
        assert await box.drain(10) == 3
        assert loop.time() - began == pytest.approx(10)


# A whole storm, through Telegram's limits.


def _storm() -> list[Transition]:
    severities: Sequence[Severity] = [INFO, WARNING, WARNING, CRITICAL]
    fired = [
        alert(f"i{n}", severity=severities[n % 4], message=f"alert {n}", notify=["telegram"])
        for n in range(100)
    ]
    resolved = [
        alert(f"i{n}", State.RESOLVED, severities[n % 4], message=f"over {n}", notify=["telegram"])
        for n in range(100)
    ]
    return fired + resolved


async def test_a_storm_with_refusals_loses_nothing_tells_criticals_first_and_stalls_no_other() -> (
    None
):
    async with BotApi() as api:
        api.refuse_for[1] = 10
        chats = [Address(1, "trader"), Address(2, "quiet"), Address(-3, "desk")]
        bot = Telegram(token=TOKEN, chats=chats, base_url=api.base_url, rng=Random(0))
        box = outbox(bot)
        async with running(box):
            for transition in _storm():
                box.submit(transition)
            box.submit(alert("only", notify=["telegram/quiet"]))
            began = asyncio.get_running_loop().time()
            assert await box.drain(3600) == 0
        for chat_id in (1, 2, -3):
            text = "\n".join(p.text for p in api.chat(chat_id))
            assert all(f"over {n}" in text for n in range(100))
            # Infos are every fourth; they are told a dozen a message.
            assert text.count("alerts told together") <= 5
        first = [p for p in api.chat(1) if p.at - began < 120]
        assert {int(p.text.split("fired as: alert ")[1].split()[0]) % 4 for p in first[:25]} == {3}
        # The second chat kept its own pace while the first was refused for 70 seconds.
        assert len([p for p in api.chat(2) if p.at - began < 60]) >= 25
        assert api.limited == 10
        assert box.counts["telegram/quiet"].delivered == 201
        assert box.counts["telegram/trader"].delivered == 200
        assert {counts.failed + counts.dropped for counts in box.counts.values()} == {0}
