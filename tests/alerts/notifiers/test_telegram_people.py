from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from alerts.notifiers.telegram_address import Address
from alerts.notifiers.telegram_commands import COMMANDS
from alerts.notifiers.telegram_keyboard import Button
from alerts.rule import Severity
from tests.alerts.notifiers.scene import ANN, BOB, DESK, GROUP, TRADER, Scene
from tests.alerts.rules import LOW, rule
from tests.stand_ins.bot_api import BotApi, Fault

SUPERGROUP = -1009999
NOTHING = "Nothing is firing."


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as api:
        yield api


async def heard(api: BotApi, chat_id: int = GROUP) -> list[str]:
    await asyncio.sleep(5)
    return [posted.text for posted in api.chat(chat_id)]


async def test_the_menu_lists_all_commands(api: BotApi) -> None:
    scene = Scene(api)
    async with scene.running():
        await asyncio.sleep(1)
    assert api.commands == tuple(command.name for command in COMMANDS)


async def test_a_menu_that_is_refused_keeps_nobody_from_commanding(api: BotApi) -> None:
    api.fail("setMyCommands", Fault.ERROR)
    scene = Scene(api)
    async with scene.running():
        assert await scene.say("/alerts") == [NOTHING]


async def test_an_answer_in_private_is_silent_and_keeps_the_common_commands_at_hand(
    api: BotApi,
) -> None:
    scene = Scene(api)
    async with scene.running():
        await scene.say("/alerts")
    [posted] = api.chat(ANN)
    assert posted.silent
    assert posted.keyboard == ("/status", "/alerts", "/chart")


@pytest.mark.parametrize("text", ["/nonsense", "hello", "/"])
async def test_what_is_not_understood_in_private_is_answered_with_help(
    api: BotApi, text: str
) -> None:
    scene = Scene(api)
    async with scene.running():
        assert await scene.say(text) == ["I know no such command: /help lists them."]


async def test_a_listed_user_commands_in_a_group_and_is_replied_to(api: BotApi) -> None:
    scene = Scene(api, [DESK])
    async with scene.running():
        asked = api.people.write(GROUP, "/alerts@c_bot", user=ANN)
        assert await heard(api) == [NOTHING]
    [posted] = api.chat(GROUP)
    assert (posted.reply_to, posted.keyboard) == (asked, ())


async def test_others_in_a_group_are_told_their_number_once(api: BotApi) -> None:
    scene = Scene(api, [DESK])
    async with scene.running():
        for _ in range(3):
            api.people.write(GROUP, "/mute", user=BOB)
        refusal = f"You are not on my list for this chat. Your id is {BOB}."
        assert await heard(api) == [refusal]
        api.people.write(GROUP, "good morning", user=77)
        assert await heard(api) == [refusal]


async def test_nobody_commands_in_a_group_without_users(api: BotApi) -> None:
    scene = Scene(api, [Address(GROUP)])
    async with scene.running():
        api.people.write(GROUP, "/mute", user=ANN)
        assert await heard(api) == [f"You are not on my list for this chat. Your id is {ANN}."]
        await scene.look(LOW)
    assert not scene.alerts()[0].silent


async def test_an_administrator_who_hides_behind_the_group_commands_nothing(api: BotApi) -> None:
    scene = Scene(api, [Address(GROUP, users=(ANN, 1087968824))])
    async with scene.running():
        api.people.write(GROUP, "/mute", anonymous=True)
        assert await heard(api) == ["I obey people, not groups or channels: write as yourself."]


async def test_a_channel_commands_nothing(api: BotApi) -> None:
    scene = Scene(api, [Address(GROUP, users=(GROUP,))])
    async with scene.running():
        api.people.post(GROUP, "/mute")
        assert await heard(api) == ["I obey people, not groups or channels: write as yourself."]


async def test_a_user_listed_for_a_group_is_a_stranger_in_private(api: BotApi) -> None:
    scene = Scene(api, [DESK])
    async with scene.running():
        assert await scene.say("/alerts") == [f"This chat is not on my list. Its id is {ANN}."]
        assert await scene.say("/alerts") == []


@pytest.mark.parametrize("text", ["/status@other_bot", "/alerts@other_bot", "/roll", "/roll@x"])
async def test_commands_for_other_bots_are_left_to_them(api: BotApi, text: str) -> None:
    scene = Scene(api, [DESK])
    async with scene.running():
        api.people.write(GROUP, text, user=ANN)
        assert await heard(api) == []


async def test_a_command_from_before_is_not_obeyed_any_more(api: BotApi) -> None:
    scene = Scene(api)
    async with scene.running():
        await scene.look(LOW)
        api.people.write(ANN, "/silence behind 2h", ago=600)
        assert (await heard(api, ANN))[-1] == "You asked while I was away: please ask again."
    assert scene.desk.silences() == []


async def test_a_muted_chat_is_told_without_a_sound_and_others_are_not_muted(api: BotApi) -> None:
    scene = Scene(api, [TRADER, Address(BOB)])
    async with scene.running():
        [answer] = await scene.say("/mute 30m")
        assert answer.startswith("No sound in this chat for 30m")
        await scene.fire()
        await scene.calm()
        await asyncio.sleep(1800)
        await scene.fire()
        assert [posted.silent for posted in scene.alerts()] == [True, False]
        assert [posted.silent for posted in scene.alerts(BOB)] == [False, False]


async def test_unmute_ends_it(api: BotApi) -> None:
    scene = Scene(api)
    async with scene.running():
        assert await scene.say("/unmute") == ["This chat is not muted."]
        await scene.say("/mute")
        assert await scene.say("/unmute") == ["Alerts sound again."]
        await scene.fire()
    assert not scene.alerts()[0].silent


@pytest.mark.parametrize(
    ("severity", "silent"),
    [(Severity.INFO, []), (Severity.WARNING, [True]), (Severity.CRITICAL, [False])],
)
async def test_a_chat_is_told_as_loudly_as_it_wants(
    api: BotApi, severity: Severity, silent: list[bool]
) -> None:
    address = Address(ANN, info="off", warning="silent")
    scene = Scene(api, [address], rules=[rule(severity=severity)])
    async with scene.running():
        await scene.look(LOW)
        await scene.calm()
        assert [posted.silent for posted in scene.alerts()] == silent
        assert {counts.failed for counts in scene.box.counts.values()} == {0}


async def test_topics_of_a_group_are_told_and_answered_each_in_its_own(api: BotApi) -> None:
    api.topics[GROUP] = {17, 18}
    crypto = Address(GROUP, "crypto", thread=17, users=(ANN,))
    shares = Address(GROUP, "shares", thread=18, users=(BOB,))
    scene = Scene(api, [crypto, shares])
    async with scene.running():
        await scene.look(LOW)
        await asyncio.sleep(2)
        assert [posted.thread for posted in scene.alerts()] == [17, 18]
        api.people.write(GROUP, "/lead", user=BOB, thread=18)
        api.people.write(GROUP, "/mute", user=ANN, thread=18)  # listed for the other topic
        api.people.write(GROUP, "/lead", user=ANN)  # outside topics
        await asyncio.sleep(10)
    assert api.limited == 0
    answers = {(one.thread, one.text.split()[0]) for one in api.chat(GROUP)[2:]}
    assert answers == {(18, "ETH-IWM"), (18, "You"), (None, "ETH-IWM")}


async def test_the_general_topic_is_addressed_by_naming_none(api: BotApi) -> None:
    scene = Scene(api, [Address(GROUP, thread=1)])
    async with scene.running():
        await scene.look(LOW)
    assert [posted.thread for posted in scene.alerts()] == [None]


async def test_an_answer_in_a_topic_that_was_closed_since_leaves_the_alerts_where_they_are(
    api: BotApi,
) -> None:
    api.topics[GROUP] = {17}
    api.closed_topics = {18}
    scene = Scene(api, [Address(GROUP, thread=17, users=(ANN,))])
    async with scene.running():
        api.people.write(GROUP, "/alerts", user=ANN, thread=18)
        await asyncio.sleep(5)
        await scene.look(LOW)
    assert [posted.thread for posted in scene.alerts()] == [17]


async def test_a_user_of_one_topic_presses_no_buttons_in_another(api: BotApi) -> None:
    api.topics[GROUP] = {17, 18}
    crypto = Address(GROUP, "crypto", thread=17, users=(ANN,))
    shares = Address(GROUP, "shares", thread=18, users=(BOB,))
    scene = Scene(api, [crypto, shares])
    async with scene.running():
        await scene.look(LOW)
        await asyncio.sleep(2)
        first, second = scene.alerts()
        assert "not on my list" in await scene.press(second, Button.ACK, user=ANN)
        assert "is acknowledged by Ann" in await scene.press(first, Button.ACK, user=ANN)


@pytest.mark.parametrize("closed", [True, False])
async def test_an_alert_for_a_topic_that_is_gone_is_told_outside_it(
    api: BotApi, caplog: pytest.LogCaptureFixture, *, closed: bool
) -> None:
    if closed:
        api.closed_topics = {17}
    scene = Scene(api, [Address(GROUP, "desk", thread=17)])
    async with scene.running():
        await scene.look(LOW)
    assert [posted.thread for posted in scene.alerts()] == [None]
    assert "desk: topic 17: " in caplog.text
    assert scene.box.counts["telegram/desk"].failed == 0


async def test_a_group_that_says_it_has_moved_is_followed(
    api: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    scene = Scene(api, [DESK])
    with caplog.at_level(logging.WARNING):
        async with scene.running():
            api.people.moved(GROUP, SUPERGROUP)
            await asyncio.sleep(1)
            api.people.write(SUPERGROUP, "/alerts", user=ANN)
            assert await heard(api, SUPERGROUP) == [NOTHING]
    assert caplog.messages == [f"chat {GROUP} is now {SUPERGROUP}: put that into the configuration"]


async def test_markup_that_telegram_refuses_is_sent_without(
    api: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    api.strict_about = "<blockquote>"
    scene = Scene(api)
    async with scene.running():
        posted = await scene.fire()
        assert "<" not in posted.html.replace("< -4", "")
        assert posted.text.startswith("🟠 ETH is behind\n")
        api.strict_about = "<b>"
        [answer] = await scene.say("/lead")
    assert answer.startswith("ETH-IWM\nlead n/a")
    assert sum("sent without markup" in message for message in caplog.messages) == 2


async def test_people_are_answered_within_seconds_amid_a_storm_and_criticals_never_wait(
    api: BotApi,
) -> None:
    rules = [rule(f"w{n}") for n in range(30)]
    scene = Scene(api, rules=rules)
    async with scene.running():
        await scene.look(LOW)
        api.people.write(ANN, "/alerts")
        await asyncio.sleep(60)
    answered = next(one.at for one in api.chat(ANN) if one.keyboard)
    assert 10 < answered - api.chat(ANN)[0].at < 15
    assert api.limited == 0


async def test_one_who_asks_too_much_is_answered_the_newest(api: BotApi) -> None:
    scene = Scene(api)
    async with scene.running():
        for n in range(60):
            api.people.write(ANN, f"/corr {n}x")
        await asyncio.sleep(60)
    answers = [posted.text for posted in api.chat(ANN)]
    assert len(answers) <= 22
    assert answers[-1].startswith("'59x' is not a duration")


async def test_a_fault_of_ours_deafens_nobody(
    api: BotApi, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(api)
    monkeypatch.setattr(scene.desk, "incidents", lambda: 1 / 0)
    async with scene.running():
        assert await scene.say("/alerts") == []
        assert await scene.say("/mute") != []
    assert caplog.messages == ["telegram: could not answer"]
