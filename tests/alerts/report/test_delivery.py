from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from alerts.backlog import Backlog
from alerts.notifiers.log import block
from alerts.notifiers.payload import report_json
from alerts.notifiers.telegram_text import LIMIT, plain, report_html, units
from alerts.resume import Resumed, resumed
from alerts.row import Row, Status
from alerts.rule import Severity
from alerts.transition import WEEKLY
from tests.alerts.alerts import NS, START, alert
from tests.alerts.notifiers.scene import ANN, Artist, Scene
from tests.alerts.report.told import report
from tests.stand_ins.bot_api import BotApi
from tests.stand_ins.telegram_html import plain_text


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as api:
        yield api


def test_in_the_log_it_is_called_a_report() -> None:
    assert block(report()) == (
        "INFO report: Thu 19 Mar: ETH +5.0% [ETH-IWM]\n"
        "    Moves: ETH +5.0%\n"
        "    Link: no break found\n"
        "    Thu 19 Mar 10:31:05 New York (14:31:05 UTC)"
    )


def test_for_programs_it_is_a_report_with_its_figures() -> None:
    found = json.loads(report_json(report()))
    assert (found["kind"], found["rule"], found["pair"]) == ("report", "report/daily", "ETH-IWM")
    assert found["values"]["corr"] == 0.5
    assert found["ts"] == START


def test_on_telegram_what_a_line_is_about_stands_out_and_delivery_has_its_say() -> None:
    late = replace(report(message="Moves: a < b: c\nno label"), context=("Sent 2 h late",))
    assert report_html(late).splitlines() == [
        "📊 <b>Thu 19 Mar: ETH +5.0%</b>",
        "<b>Moves</b>: a &lt; b: c",
        "no label",
        "Sent 2 h late",
        "<i>ETH-IWM · Thu 19 Mar 10:31:05 New York (14:31:05 UTC)</i>",
    ]


@settings(max_examples=40, deadline=None)
@given(
    message=st.builds(
        lambda text, times: text * times,
        st.text(st.characters(codec="utf-8")),
        st.integers(1, 3000),
    )
)
def test_any_report_is_wellformed_and_inside_the_limit(message: str) -> None:
    html = report_html(report(message=message))
    assert units(plain_text(html)) <= LIMIT
    assert plain(html) == plain_text(html)


async def test_a_daily_report_is_one_message_without_buttons_and_chart(api: BotApi) -> None:
    artist = Artist()
    scene = Scene(api, illustrator=artist)
    async with scene.running():
        scene.box.submit(replace(report(), notify=("telegram",)))
        await asyncio.sleep(10)
    (posted,) = api.chat(ANN)
    assert posted.text.startswith("📊 Thu 19 Mar")
    assert not posted.buttons
    assert artist.asked == []
    assert scene.bot.lanes[0].message_of(report().incident) is None


async def test_a_weekly_report_is_followed_by_the_picture_of_the_week(api: BotApi) -> None:
    artist = Artist()
    scene = Scene(api, illustrator=artist)
    async with scene.running():
        scene.box.submit(replace(report(WEEKLY), notify=("telegram",)))
        await asyncio.sleep(10)
    told, photo = api.chat(ANN)
    assert (photo.photo, photo.reply_to, photo.text) == (True, told.message_id, "ETH-IWM, week")
    assert artist.weeks == [report(WEEKLY).incident]


def test_after_a_restart_a_report_is_told_whole_however_old_it_is() -> None:
    (sent,) = resumed([Row(1, "log", report())], lambda _: False, START + 8 * 3600 * NS)
    assert sent == Resumed(report(), (1,))
    (folded,) = resumed(
        [Row(1, "log", report(), Status.SENDING)], lambda _: False, START + 8 * 3600 * NS
    )
    assert folded.folded


def test_where_many_infos_wait_a_report_is_not_folded_with_them() -> None:
    backlog = Backlog(100)
    for n in range(6):
        backlog.put(alert(f"i{n}", severity=Severity.INFO))
    backlog.put(report())
    backlog.fold(START, 5, lambda _: False)
    assert [parcel.transition.rule for parcel in backlog] == ["report/daily", "digest"]
