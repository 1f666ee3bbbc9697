from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from alerts.ailment import Ailment
from alerts.notifiers.telegram_keyboard import Button
from streams.instrument import NS
from tests.alerts.notifiers.scene import ANN, BOB, DESK, GROUP, TRADER, Artist, Scene, now
from tests.alerts.rules import HIGH, rule, snapshot
from tests.stand_ins.bot_api import BotApi

ALL = [Button.ACK, Button.HOUR, Button.CLOSE, Button.WHY]


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as api:
        yield api


async def test_an_alert_has_buttons_until_it_is_over(api: BotApi) -> None:
    scene = Scene(api)
    async with scene.running():
        posted = await scene.fire()
        assert posted.data == ALL
        await scene.calm()
    assert posted.text.startswith("✅ Resolved after 2 s: ETH is behind\n")
    assert posted.data == []


async def test_acknowledging_edits_the_message_and_leaves_the_questions(api: BotApi) -> None:
    scene = Scene(api, illustrator=Artist())
    async with scene.running():
        posted = await scene.fire()
        told = await scene.press(posted, Button.ACK, name="Ann <Lee> & Co")
        assert told.startswith("ETH is behind (ETH-IWM) is acknowledged by Ann <Lee> & Co")
        assert posted.text.startswith(
            "🟠 Acknowledged by Ann <Lee> & Co after 2 s: ETH is behind\n"
        )
        assert posted.data == [Button.WHY, Button.CHART]
        assert [p.text for p in scene.alerts()] == [posted.text]
        await scene.calm()
    assert posted.text.endswith("\nacknowledged by Ann <Lee> & Co")
    assert posted.edits == 2


async def test_acknowledging_twice_says_who_did_it_first(api: BotApi) -> None:
    scene = Scene(api)
    async with scene.running():
        posted = await scene.fire()
        await scene.press(posted, Button.ACK)
        told = await scene.press(posted, Button.ACK, name="Bob")
    assert told == "ETH is behind (ETH-IWM) is already acknowledged by Ann."
    assert posted.edits == 1


@pytest.mark.parametrize(
    ("button", "until"), [(Button.HOUR, "11:31 New York"), (Button.CLOSE, "16:00 New York")]
)
async def test_a_snoozed_alert_is_told_again_when_that_is_over(
    api: BotApi, button: Button, until: str
) -> None:
    scene = Scene(api, rules=[rule(repeat=600)])
    async with scene.running():
        posted = await scene.fire()
        told = await scene.press(posted, button)
        assert f"snoozed until {until}" in told
        await asyncio.sleep(1800)
        await scene.fire()
        assert len(scene.alerts()) == 1
        await asyncio.sleep(6 * 3600)
        reminder = await scene.fire()
    assert reminder.text.startswith("🟠 Still firing after")
    assert reminder.reply_to == posted.message_id


async def test_why_is_answered_by_a_silent_reply_of_plain_lines(api: BotApi) -> None:
    scene = Scene(api)
    async with scene.running():
        posted = await scene.fire()
        told = await scene.press(posted, Button.WHY)
    assert told == ""
    answer = api.chat(ANN)[-1]
    assert answer.silent
    assert answer.reply_to == posted.message_id
    assert answer.text.splitlines()[1:] == list(scene.desk.why("behind"))[1:]
    assert "when: divergence(60m) < -4" in answer.text


async def test_a_button_under_a_reminder_is_about_the_same_alert(api: BotApi) -> None:
    scene = Scene(api, rules=[rule(repeat=600)])
    async with scene.running():
        posted = await scene.fire()
        await asyncio.sleep(700)
        first = await scene.fire()
        await asyncio.sleep(700)
        second = await scene.fire()
        await asyncio.sleep(2)
        assert first.data == []
        assert second.data == [Button.ACK, Button.HOUR, Button.CLOSE]
        await scene.press(second, Button.ACK)
    assert posted.text.startswith("🟠 Acknowledged by Ann")
    assert second.data == []


async def test_a_button_works_after_a_restart(api: BotApi) -> None:
    scene = Scene(api)
    async with scene.running():
        posted = await scene.fire()
        chat = scene.bot.lanes[0]
        (standing,) = scene.desk.incidents()
        chat.posts.clear()
        chat.remember(standing.incident, posted.message_id, "4.2 σ")
        await scene.press(posted, Button.ACK)
    assert posted.text.startswith("🟠 Acknowledged by Ann")
    assert "It fired as: 4.2 σ" in posted.text


async def test_a_button_of_an_alert_that_is_over_says_so_and_goes(api: BotApi) -> None:
    scene = Scene(api)
    async with scene.running():
        posted = await scene.fire()
        scene.bot.lanes[0].posts.clear()
        told = await scene.press(posted, Button.ACK)
        await asyncio.sleep(2)
    assert told == "This alert is over, or too old for me to know."
    assert posted.data == []


async def test_a_button_pressed_in_the_moment_it_ends_is_answered_in_a_sentence(
    api: BotApi,
) -> None:
    scene = Scene(api)
    async with scene.running():
        posted = await scene.fire()
        scene.engine.update(snapshot(2e9, HIGH), round(2e9) * NS)  # its end is still on the way
        told = await scene.press(posted, Button.ACK)
    assert told == "This alert is over."


async def test_what_ails_comove_has_the_buttons_that_make_sense_and_they_work(api: BotApi) -> None:
    scene = Scene(api, illustrator=Artist())
    ailment = Ailment("feed", "kraken", "kraken is down", "Timed out.", notify=("telegram",))
    async with scene.running():
        for transition in scene.engine.ward.look([ailment], now()):
            scene.box.submit(transition)
        await asyncio.sleep(2)
        (posted,) = scene.alerts()
        assert posted.data == [Button.ACK, Button.HOUR, Button.WHY]
        told = await scene.press(posted, Button.ACK)
        assert told == "kraken is down (kraken) is acknowledged by Ann: no more reminders of it."
        assert posted.data == [Button.WHY]
        await scene.press(posted, Button.WHY)
        await asyncio.sleep(2)
    (answer,) = (one for one in api.chat(ANN) if one.reply_to == posted.message_id)
    assert "when: a venue gives nothing of an open market" in answer.text
    assert posted.text.startswith("🟠 Acknowledged by Ann after 2 s: kraken is down\nTimed out.")
    assert not [one for one in api.chat(ANN) if one.photo]


async def test_a_button_of_another_version_is_answered(api: BotApi) -> None:
    scene = Scene(api)
    async with scene.running():
        posted = await scene.fire()
        told = await scene.press(posted, "dance")
    assert told == "This button is from another version of me."


async def test_a_stranger_s_press_in_a_group_does_nothing_but_tell_the_number(
    api: BotApi,
) -> None:
    scene = Scene(api, [DESK])
    async with scene.running():
        posted = await scene.fire()
        told = await scene.press(posted, Button.ACK, user=BOB)
        assert told == f"You are not on my list for this chat. Your id is {BOB}."
        assert posted.edits == 0
        await scene.press(posted, Button.ACK, user=ANN)
    assert posted.edits == 1


async def test_a_snooze_in_a_group_is_seen_by_the_others(api: BotApi) -> None:
    scene = Scene(api, [DESK])
    async with scene.running():
        posted = await scene.fire()
        await scene.press(posted, Button.HOUR)
    said = api.chat(GROUP)[-1]
    assert said.text.startswith("💤 Ann: ETH is behind (ETH-IWM) is snoozed until 11:31 New York")
    assert (said.silent, said.reply_to) == (True, posted.message_id)


async def test_every_press_is_answered_once_and_in_time_even_where_telegram_limits_the_chat(
    api: BotApi,
) -> None:
    scene = Scene(api, [TRADER])
    async with scene.running():
        posted = await scene.fire()
        for _ in range(10):
            api.press(posted, Button.WHY, user=ANN)
        await asyncio.sleep(5)
        assert api.people.unanswered == 0
        await asyncio.sleep(20)
    assert len(api.chat(ANN)) == 11
    assert api.limited == 0


async def test_a_late_answer_to_a_press_does_no_harm(api: BotApi) -> None:
    scene = Scene(api)
    async with scene.running():
        posted = await scene.fire()
        await api.down()
        api.press(posted, Button.ACK, user=ANN)
        await asyncio.sleep(60)
        await api.up()
        await asyncio.sleep(60)
    assert posted.text.startswith("🟠 Acknowledged by Ann")
    assert api.people.toasts == {}
