from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from alerts.notifiers.telegram_address import Address
from alerts.notifiers.telegram_charts import CHARTED
from alerts.notifiers.telegram_keyboard import Button
from alerts.rule import Severity
from tests.alerts.notifiers.scene import ANN, BOB, TRADER, Artist, Scene, now
from tests.alerts.rules import LOW, rule
from tests.stand_ins.bot_api import BotApi, Fault, Posted


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as api:
        yield api


def photos(api: BotApi, chat_id: int = ANN) -> list[Posted]:
    return [posted for posted in api.chat(chat_id) if posted.photo]


async def test_the_text_comes_first_and_the_chart_as_a_silent_reply(api: BotApi) -> None:
    artist = Artist(seconds=30.0)
    scene = Scene(api, illustrator=artist)
    async with scene.running():
        began = now()
        posted = await scene.fire()
        assert photos(api) == []
        await asyncio.sleep(30)
    [photo] = photos(api)
    assert (photo.reply_to, photo.silent, photo.text) == (posted.message_id, True, "ETH-IWM, 4h")
    assert artist.asked == [("ETH-IWM", CHARTED, began)]


async def test_one_drawing_serves_all_chats(api: BotApi) -> None:
    artist = Artist()
    scene = Scene(api, [TRADER, Address(BOB)], illustrator=artist)
    async with scene.running():
        await scene.fire()
        await asyncio.sleep(10)
    assert len(artist.asked) == 1
    assert [len(photos(api, chat_id)) for chat_id in (ANN, BOB)] == [1, 1]


@pytest.mark.parametrize("png", [None, RuntimeError("no worker")])
async def test_an_alert_without_a_chart_says_nothing_of_it(
    api: BotApi, png: Exception | None
) -> None:
    scene = Scene(api, illustrator=Artist(png))
    async with scene.running():
        await scene.fire()
        await asyncio.sleep(10)
    assert len(api.chat(ANN)) == 1


async def test_failing_charts_are_logged_once_and_alerts_go_on(
    api: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    artist = Artist(RuntimeError("no worker"))
    scene = Scene(api, illustrator=artist)
    async with scene.running():
        for _ in range(3):
            await scene.fire()
            await scene.calm()
            await asyncio.sleep(30)
        assert caplog.messages == ["telegram: no chart of ETH-IWM: no worker"]
        assert len(scene.alerts()) == 3
        artist.png = b"png"
        await scene.fire()
        await asyncio.sleep(10)
    assert len(photos(api)) == 1


async def test_a_chart_that_takes_too_long_is_given_up(
    api: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    scene = Scene(api, illustrator=Artist(seconds=1e6))
    async with scene.running():
        await scene.fire()
        await asyncio.sleep(100)
    assert caplog.messages == ["telegram: no chart of ETH-IWM: TimeoutError"]


async def test_a_chart_that_cannot_be_sent_is_forgotten(
    api: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    api.fail("sendPhoto", Fault.ERROR, Fault.PROXY)
    scene = Scene(api, illustrator=Artist())
    with caplog.at_level(logging.INFO):
        async with scene.running():
            for _ in range(3):
                await scene.fire()
                await scene.calm()
                await asyncio.sleep(60)
    assert len(photos(api)) == 1
    assert [r.message for r in caplog.records if "chart" in r.message] == [
        "telegram/ann: could not send a chart: Internal Server Error"
    ]


async def test_charts_wait_behind_alerts(api: BotApi) -> None:
    rules = [rule(f"r{n}", severity=Severity.CRITICAL) for n in range(5)]
    scene = Scene(api, rules=rules, illustrator=Artist(seconds=0.1))
    async with scene.running():
        await scene.look(LOW)
        await asyncio.sleep(30)
    assert [posted.photo for posted in api.chat(ANN)] == [False] * 5 + [True]
    assert api.limited == 0


async def test_what_another_has_rung_for_is_a_silent_reply_without_a_chart(api: BotApi) -> None:
    rules = [rule("first"), rule("second")]
    scene = Scene(api, rules=rules, illustrator=Artist())
    async with scene.running():
        await scene.look(LOW)
        await asyncio.sleep(20)
    first, second = scene.alerts()
    assert (first.silent, first.reply_to) == (False, None)
    assert (second.silent, second.reply_to) == (True, first.message_id)
    assert [photo.reply_to for photo in photos(api)] == [first.message_id]


async def test_a_chart_on_request_shows_the_alert_from_before_its_start(api: BotApi) -> None:
    artist = Artist()
    scene = Scene(api, illustrator=artist)
    async with scene.running():
        posted = await scene.fire()
        began = now() - 2 * 10**9
        await asyncio.sleep(6 * 3600)
        await scene.look(LOW)
        told = await scene.press(posted, Button.CHART)
        await asyncio.sleep(5)
    assert told == "Drawing …"
    assert artist.asked[-1] == ("ETH-IWM", 8 * 3600.0, began)
    assert photos(api)[-1].reply_to == posted.message_id


async def test_a_chart_by_command_has_the_window_that_was_asked_for(api: BotApi) -> None:
    artist = Artist()
    scene = Scene(api, illustrator=artist)
    async with scene.running():
        await scene.say("/chart", wait=10)
        await scene.say("/chart eth-iwm 90m", wait=10)
    assert artist.asked == [("ETH-IWM", CHARTED, None), ("ETH-IWM", 5400.0, None)]
    assert [photo.text for photo in photos(api)] == ["ETH-IWM, 4h", "ETH-IWM, 90m"]


@pytest.mark.parametrize(
    ("artist", "answer"),
    [
        (None, "Charts are not drawn here."),
        (Artist(None), "There is nothing to draw of ETH-IWM yet."),
        (Artist(OSError("disk")), "The chart could not be drawn; the log says why."),
    ],
)
async def test_one_who_asks_for_a_chart_is_told_why_there_is_none(
    api: BotApi, artist: Artist | None, answer: str
) -> None:
    scene = Scene(api, illustrator=artist)
    async with scene.running():
        assert await scene.say("/chart", wait=10) == [answer]


async def test_without_anyone_who_draws_there_is_no_button_for_it(api: BotApi) -> None:
    scene = Scene(api)
    async with scene.running():
        posted = await scene.fire()
    assert Button.CHART not in posted.data
