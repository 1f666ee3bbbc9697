from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from tests.alerts.alerts import alert
from tests.alerts.notifiers.test_telegram import TRADER, refused, running, telegram
from tests.stand_ins.bot_api import TOKEN, BotApi, Fault


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as api:
        yield api


async def test_it_starts_while_the_api_is_down_and_listens_when_it_is_up(
    api: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    notifier = telegram(api)
    await api.down()
    with caplog.at_level(logging.INFO):
        async with running(notifier):
            await asyncio.sleep(100)
            await api.up()
            await asyncio.sleep(60)
            api.write_to_bot(99, "hello")
            await asyncio.sleep(1)
    assert [r.levelname for r in caplog.records] == ["WARNING", "INFO"]
    assert len(api.chat(99)) == 1


async def test_a_stranger_is_told_its_id_once_and_nothing_else(api: BotApi) -> None:
    async with running(telegram(api)):
        for _ in range(5):
            api.write_to_bot(99, "/alerts")
            await asyncio.sleep(2)
        api.write_to_bot(TRADER, "/alerts")
        await asyncio.sleep(2)
    assert [posted.text for posted in api.chat(99)] == [
        "This chat is not on my list. Its id is 99."
    ]
    assert not api.chat(TRADER)


async def test_many_strangers_are_answered_sparingly(api: BotApi) -> None:
    async with running(telegram(api)):
        for chat_id in range(100, 200):
            api.write_to_bot(chat_id, "hello")
        await asyncio.sleep(60)
        assert len(api.posted) == 10
        await asyncio.sleep(600)
        api.write_to_bot(100, "hello")
        await asyncio.sleep(1)
    assert len(api.chat(100)) == 2


async def test_a_second_poller_is_told_in_a_sentence_once(
    api: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="alerts.notifiers.telegram"):
        async with running(telegram(api)), running(telegram(api)):
            await asyncio.sleep(3600)
    said = [r.message for r in caplog.records if r.levelno >= logging.WARNING]
    assert len(said) == 2  # one each
    assert all("another program" in message for message in said)


async def test_a_webhook_left_by_another_program_is_removed(api: BotApi) -> None:
    api.webhook = True
    async with running(telegram(api)):
        await asyncio.sleep(1)
    assert not api.webhook


async def test_the_token_is_told_to_no_one(
    api: BotApi, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    wrong = "987654:a-refused-token"
    with caplog.at_level(logging.DEBUG):
        for token in (TOKEN, wrong):
            notifier = telegram(api, token=token)
            async with running(notifier):
                api.fail("sendMessage", Fault.PROXY)
                [chat] = notifier.lanes
                error = await refused(chat, alert())
                await asyncio.sleep(1)
                assert token not in repr(error) + repr(notifier) + repr(chat)
                assert error.__suppress_context__
                await asyncio.sleep(200)
    told = caplog.text + "".join(capfd.readouterr())
    assert "refused the bot's token" in told
    assert "secret" not in told
    assert wrong not in told


async def test_stopping_while_an_answer_is_awaited_leaves_no_task_behind(api: BotApi) -> None:
    async with running(telegram(api)):
        await asyncio.sleep(30)
    await api.down()
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}
