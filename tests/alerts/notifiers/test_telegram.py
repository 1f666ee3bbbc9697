from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from random import Random

import pytest

from alerts.notifiers.notifier import NotifyError
from alerts.notifiers.telegram import Telegram
from alerts.notifiers.telegram_address import Address
from alerts.notifiers.telegram_chat import Chat
from alerts.rule import Severity
from alerts.transition import State, Transition
from tests.alerts.alerts import NS, START, alert
from tests.stand_ins.bot_api import TOKEN, BotApi, Fault

TRADER = 4567
GROUP = -100123
SUPERGROUP = -1009999


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as api:
        yield api


def telegram(
    api: BotApi, chats: Sequence[Address] = (Address(TRADER, "trader"),), token: str = TOKEN
) -> Telegram:
    return Telegram(
        token=token,
        chats=chats,
        base_url=api.base_url,
        rng=Random(0),
    )


@asynccontextmanager
async def running(notifier: Telegram) -> AsyncIterator[asyncio.Task[None]]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(notifier.run(), name="telegram")
        yield task
        task.cancel()


async def refused(chat: Chat, transition: Transition) -> NotifyError:
    with pytest.raises(NotifyError) as caught:
        await chat.notify(transition)
    return caught.value


async def deliver(chat: Chat, transition: Transition) -> None:
    """As the outbox does where a pause is asked for."""
    for _ in range(5):
        try:
            return await chat.notify(transition)
        except NotifyError as error:
            if error.after is None:
                raise
            await asyncio.sleep(error.after)
    raise AssertionError("never delivered")


async def test_a_firing_alert_is_a_message(api: BotApi) -> None:
    notifier = telegram(api)
    async with running(notifier):
        await notifier.notify(alert(severity=Severity.CRITICAL))
    [posted] = api.chat(TRADER)
    assert posted.text == (
        "🔴 ETH and small caps have come apart\n"
        "ETH-IWM: 4.2 σ from what IWM's move implies\n"
        "corr(1h) 0.12 [−0.05, 0.28]\n"
        "ETH-IWM · Thu 19 Mar 10:31:05 New York (14:31:05 UTC)"
    )
    assert not posted.silent


async def test_an_info_makes_no_sound(api: BotApi) -> None:
    notifier = telegram(api)
    async with running(notifier):
        await notifier.notify(alert(severity=Severity.INFO))
    assert api.chat(TRADER)[0].silent


async def test_a_resolution_edits_the_message_and_keeps_what_it_said(api: BotApi) -> None:
    notifier = telegram(api)
    [chat] = notifier.lanes
    async with running(notifier):
        await chat.notify(alert(message="4.2 σ behind"))
        resolved = alert(state=State.RESOLVED, ts=START + 47 * 60 * NS, message="1.9 σ behind")
        await deliver(chat, resolved)
    [posted] = api.chat(TRADER)
    assert posted.edits == 1
    assert posted.text.startswith(
        "✅ Resolved after 47 min: ETH and small caps have come apart\n"
        "1.9 σ behind\nIt fired as: 4.2 σ behind\n"
    )


async def test_a_repeat_is_a_short_reply(api: BotApi) -> None:
    notifier = telegram(api)
    [chat] = notifier.lanes
    async with running(notifier):
        await chat.notify(alert())
        await deliver(chat, alert(ts=START + 4 * 3600 * NS, repeat=True, message="still 4 σ"))
    first, reminder = api.chat(TRADER)
    assert reminder.reply_to == first.message_id
    assert reminder.text == (
        "🟠 Still firing after 4 h: ETH and small caps have come apart\nstill 4 σ"
    )


async def test_a_deleted_message_is_resolved_by_a_new_one(api: BotApi) -> None:
    notifier = telegram(api)
    [chat] = notifier.lanes
    async with running(notifier):
        await chat.notify(alert())
        api.posted.clear()
        await deliver(chat, alert(state=State.RESOLVED))
    [posted] = api.chat(TRADER)
    assert posted.text.startswith("✅ Resolved")
    assert posted.edits == 0


async def test_a_repeat_of_a_deleted_message_is_sent_all_the_same(api: BotApi) -> None:
    notifier = telegram(api)
    [chat] = notifier.lanes
    async with running(notifier):
        await chat.notify(alert())
        api.posted.clear()
        await deliver(chat, alert(repeat=True))
    assert api.chat(TRADER)[0].reply_to is None


async def test_a_resolution_of_what_was_never_sent_is_a_message(api: BotApi) -> None:
    notifier = telegram(api)
    async with running(notifier):
        await notifier.notify(alert(state=State.RESOLVED))
    assert api.chat(TRADER)[0].text.startswith("✅ Resolved")


async def test_a_resolution_already_shown_counts_as_delivered(api: BotApi) -> None:
    notifier = telegram(api)
    [chat] = notifier.lanes
    async with running(notifier):
        await chat.notify(alert())
        api.fail("editMessageText", Fault.SILENT)
        await asyncio.sleep(2)
        error = await refused(chat, alert(state=State.RESOLVED))
        assert error.retry
        assert not error.uncertain
        await deliver(chat, alert(state=State.RESOLVED))
    [posted] = api.chat(TRADER)
    assert posted.edits == 1


async def test_a_pending_alert_is_not_told(api: BotApi) -> None:
    notifier = telegram(api)
    async with running(notifier):
        await notifier.notify(alert(state=State.PENDING))
    assert not api.posted


async def test_a_second_message_within_a_second_must_wait(api: BotApi) -> None:
    notifier = telegram(api)
    [chat] = notifier.lanes
    async with running(notifier):
        await chat.notify(alert("a"))
        error = await refused(chat, alert("b"))
        assert error.retry
        assert error.after == pytest.approx(1.05, abs=0.01)
        await asyncio.sleep(error.after or 0)
        await chat.notify(alert("b"))
    assert len(api.chat(TRADER)) == 2
    assert api.limited == 0


async def test_a_group_gets_twenty_messages_a_minute(api: BotApi) -> None:
    notifier = telegram(api, [Address(GROUP, "desk")])
    [chat] = notifier.lanes
    async with running(notifier):
        for number in range(45):
            await deliver(chat, alert(str(number)))
    assert len(api.chat(GROUP)) == 45
    assert api.limited == 0


async def test_a_bot_says_thirty_messages_a_second_in_all(api: BotApi) -> None:
    notifier = telegram(api, [Address(number) for number in range(1, 41)])
    async with running(notifier):
        outcomes = [await _outcome(chat) for chat in notifier.lanes]
    assert outcomes == [True] * 30 + [False] * 10
    assert api.limited == 0


async def _outcome(chat: Chat) -> bool:
    try:
        await chat.notify(alert())
    except NotifyError:
        return False
    return True


async def test_the_pause_that_telegram_asks_for_is_passed_on(api: BotApi) -> None:
    notifier = telegram(api)
    [chat] = notifier.lanes
    api.refuse_for[TRADER] = 1
    async with running(notifier):
        error = await refused(chat, alert())
    assert error.after == 7
    assert error.retry
    assert not error.uncertain


@pytest.mark.parametrize("chats", ["blocked", "unknown"])
async def test_a_chat_that_is_not_there_refuses_for_good(api: BotApi, chats: str) -> None:
    getattr(api, chats).add(TRADER)
    notifier = telegram(api)
    [chat] = notifier.lanes
    async with running(notifier):
        error = await refused(chat, alert())
    assert not error.retry


async def test_a_group_that_moved_is_followed(api: BotApi) -> None:
    api.migrated[GROUP] = SUPERGROUP
    notifier = telegram(api, [Address(GROUP, "desk")])
    [chat] = notifier.lanes
    async with running(notifier):
        error = await refused(chat, alert())
        assert error.after == 0
        assert str(SUPERGROUP) in str(error)
        await deliver(chat, alert())
    assert len(api.chat(SUPERGROUP)) == 1


@pytest.mark.parametrize(
    ("fault", "uncertain"),
    [
        (Fault.ERROR, False),
        (Fault.PROXY, True),
        (Fault.GARBAGE, True),
        (Fault.SILENT, True),
        (Fault.HANGUP, True),
    ],
)
async def test_a_fault_is_retryable_and_uncertain_where_it_may_have_arrived(
    api: BotApi, fault: Fault, *, uncertain: bool
) -> None:
    api.fail("sendMessage", fault)
    notifier = telegram(api)
    [chat] = notifier.lanes
    async with running(notifier):
        error = await refused(chat, alert())
    assert error.retry
    assert error.after is None
    assert error.uncertain is uncertain


async def test_an_api_that_is_down_is_certain_not_to_have_got_it(api: BotApi) -> None:
    notifier = telegram(api)
    [chat] = notifier.lanes
    await api.down()
    async with running(notifier):
        error = await refused(chat, alert())
    assert error.retry
    assert not error.uncertain


async def test_a_refused_token_keeps_the_alerts(api: BotApi) -> None:
    notifier = telegram(api, token="1:wrong")  # noqa: S106  # made up
    [chat] = notifier.lanes
    async with running(notifier):
        error = await refused(chat, alert())
    assert error.retry
    assert error.after == 60
