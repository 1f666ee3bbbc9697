from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters
from telegram.error import BadRequest, Conflict, RetryAfter

from tests.stand_ins.bot_api import TOKEN, BotApi
from tests.stand_ins.telegram_html import EntityError, plain_text


@pytest.fixture
async def api(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[BotApi]:
    monkeypatch.setitem(os.environ, "PTB_TIMEDELTA", "true")
    async with BotApi() as api:
        yield api


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[Bot]:
    async with Bot(TOKEN, base_url=api.base_url) as bot:
        yield bot


@pytest.mark.parametrize(
    "html",
    [
        "<b>left open",
        "closed only</b>",
        "<b><i>crossed</b></i>",
        "<h1>unknown</h1>",
        "5 < 6",
        "fish & chips",
        "<blockquote><blockquote>nested</blockquote></blockquote>",
    ],
)
def test_markup_that_telegram_refuses_is_refused(html: str) -> None:
    with pytest.raises(EntityError):
        plain_text(html)


def test_markup_is_not_counted_as_text() -> None:
    html = '<b>5 &lt; 6</b> <a href="https://example.com">&#38;</a> <blockquote>q</blockquote>'
    assert plain_text(html) == "5 < 6 & q"


async def test_texts_are_limited_to_4096_and_captions_to_1024(bot: Bot) -> None:
    await bot.send_message(1, "x" * 4096)
    await bot.send_photo(2, b"png", caption="x" * 1024)
    with pytest.raises(BadRequest, match="too long"):
        await bot.send_message(3, "x" * 4097)
    with pytest.raises(BadRequest, match="too long"):
        await bot.send_photo(4, b"png", caption="x" * 1025)


async def test_bad_markup_is_a_bad_request(bot: Bot) -> None:
    with pytest.raises(BadRequest, match="parse entities"):
        await bot.send_message(1, "<b>", parse_mode="HTML")


async def test_a_second_message_in_a_second_is_refused_for_that_chat_only(bot: Bot) -> None:
    await bot.send_message(1, "a")
    with pytest.raises(RetryAfter) as caught:
        await bot.send_message(1, "b")
    assert caught.value.retry_after == timedelta(seconds=1)
    await bot.send_message(2, "a")
    await asyncio.sleep(1)
    await bot.send_message(1, "b")


async def test_a_group_is_refused_its_21st_message_in_a_minute(bot: Bot) -> None:
    for _ in range(20):
        await bot.send_message(-1, "a")
        await asyncio.sleep(1)
    with pytest.raises(RetryAfter) as caught:
        await bot.send_message(-1, "b")
    assert caught.value.retry_after == timedelta(seconds=40)


async def test_the_31st_message_in_a_second_is_refused(bot: Bot) -> None:
    for chat_id in range(1, 31):
        await bot.send_message(chat_id, "a")
    with pytest.raises(RetryAfter):
        await bot.send_message(31, "a")


async def test_an_edit_that_changes_nothing_is_refused(bot: Bot) -> None:
    message = await bot.send_message(1, "a")
    await asyncio.sleep(1)
    with pytest.raises(BadRequest, match="not modified"):
        await bot.edit_message_text("a", 1, message.message_id)


async def test_updates_are_held_until_one_comes_or_time_is_up(api: BotApi, bot: Bot) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert await bot.get_updates(timeout=20) == ()
    assert loop.time() - began == pytest.approx(20)
    loop.call_later(5, api.write_to_bot, 7, "hello")
    [update] = await bot.get_updates(timeout=20)
    assert loop.time() - began == pytest.approx(25)
    assert update.effective_message is not None
    assert update.effective_message.text == "hello"


async def test_a_second_poller_ends_the_first(api: BotApi, bot: Bot) -> None:
    async with Bot(TOKEN, base_url=api.base_url) as other, asyncio.TaskGroup() as group:
        second = group.create_task(_after(1, other), name="second")
        with pytest.raises(Conflict):
            await bot.get_updates(timeout=20)
        assert await second == 0


async def _after(seconds: float, bot: Bot) -> int:
    await asyncio.sleep(seconds)
    return len(await bot.get_updates(timeout=5))


async def test_buttons_carry_one_to_64_bytes(bot: Bot) -> None:
    for chat_id, data in enumerate(("x" * 64, "x", "é" * 32), 1):
        await bot.send_message(chat_id, "a", reply_markup=_button(data))
    for chat_id, data in enumerate(("x" * 65, "é" * 33), 4):
        with pytest.raises(BadRequest, match="Button_data_invalid"):
            await bot.send_message(chat_id, "a", reply_markup=_button(data))


async def test_a_pressed_button_is_answered_once_and_within_15_seconds(
    api: BotApi, bot: Bot
) -> None:
    message = await bot.send_message(1, "a", reply_markup=_button("x"))
    posted = api.posted[message.message_id]
    first, second, third = (api.press(posted, "x", user=1) for _ in range(3))
    updates = await bot.get_updates(allowed_updates=["callback_query"])
    assert [update.callback_query and update.callback_query.data for update in updates] == ["x"] * 3
    with pytest.raises(BadRequest, match="Message_too_long"):
        await bot.answer_callback_query(third, "x" * 201)
    await bot.answer_callback_query(first, "x" * 200)
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query(first)
    await asyncio.sleep(16)
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query(second)
    assert api.people.toasts == {first: "x" * 200}


async def test_only_updates_that_are_allowed_are_handed_out(api: BotApi, bot: Bot) -> None:
    api.write_to_bot(1, "a")
    api.people.post(-1, "b")
    [update] = await bot.get_updates(allowed_updates=["channel_post"])
    assert update.channel_post is not None


@pytest.mark.parametrize(
    ("name", "description"), [("Status", "a"), ("a-b", "a"), ("a" * 33, "a"), ("a", "x" * 257)]
)
async def test_a_menu_that_is_not_as_documented_is_refused(
    bot: Bot, name: str, description: str
) -> None:
    with pytest.raises(BadRequest, match="Bot_command"):
        await bot.set_my_commands([(name, description)])


async def test_buttons_are_taken_away_once(api: BotApi, bot: Bot) -> None:
    message = await bot.send_message(1, "a", reply_markup=_button("x"))
    await asyncio.sleep(1)
    await bot.edit_message_reply_markup(1, message.message_id)
    assert api.posted[message.message_id].buttons == ()
    await asyncio.sleep(1)
    with pytest.raises(BadRequest, match="not modified"):
        await bot.edit_message_reply_markup(1, message.message_id)


async def test_a_text_edited_without_buttons_loses_them(api: BotApi, bot: Bot) -> None:
    message = await bot.send_message(1, "a", reply_markup=_button("x"))
    await asyncio.sleep(1)
    await bot.edit_message_text("b", 1, message.message_id)
    assert api.posted[message.message_id].buttons == ()


async def test_a_picture_has_no_text_to_edit_and_is_not_empty(bot: Bot) -> None:
    message = await bot.send_photo(1, b"png", caption="a")
    await asyncio.sleep(1)
    with pytest.raises(BadRequest, match="no text in the message"):
        await bot.edit_message_text("b", 1, message.message_id)
    with pytest.raises(BadRequest, match="non-empty"):
        await bot.send_photo(2, b"")


async def test_a_topic_must_be_there_and_open(api: BotApi, bot: Bot) -> None:
    api.topics[-1] = {17}
    await bot.send_message(-1, "a", message_thread_id=17)
    for thread in (1, 18):
        await asyncio.sleep(1)
        with pytest.raises(BadRequest, match="thread not found"):
            await bot.send_message(-1, "a", message_thread_id=thread)
    api.closed_topics = {17}
    await asyncio.sleep(1)
    with pytest.raises(BadRequest, match="Topic_closed"):
        await bot.send_message(-1, "a", message_thread_id=17)


async def test_a_message_of_another_chat_cannot_be_replied_to(bot: Bot) -> None:
    message = await bot.send_message(1, "a")
    with pytest.raises(BadRequest, match="replied not found"):
        await bot.send_message(2, "a", reply_parameters=ReplyParameters(message.message_id))


def _button(data: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton("a", callback_data=data)]])
