"""The page in a real browser."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from daemon.illustrator import Charts
from daemon.trail import Trail
from daemon.web.sockets import listen_at
from daemon.worker import Worker
from streams.instrument import NS
from streams.snapshot import Reading, Snapshot
from tests.daemon.web.browsing import at_socket, correlate, show, watch, with_token
from tests.daemon.web.running import START, TOKEN, Running
from tests.daemon.web.test_pictures import BREAKDOWN, CLIMBS, moved
from tests.stand_ins.chromium import PROGRAM, Tab, looking_at

pytestmark = [
    pytest.mark.real_time,
    pytest.mark.skipif(PROGRAM is None, reason="no chromium on the path"),
]

SHOWN = "document.querySelector('.headline b')?.textContent"
DRAWN = "[...document.images].filter((image) => image.naturalWidth).length"
PICTURES = """[...document.images].map((image) => ({
  src: image.currentSrc, alt: image.alt, right: image.getBoundingClientRect().right,
}))"""
COMMANDS = "document.querySelectorAll('button[data-command]').length"
FOCUSED = "document.activeElement.textContent || document.activeElement.name"


@pytest.fixture
async def drawn(running: Running) -> AsyncIterator[Running]:
    """One that has ten minutes to draw, and a token."""
    watch(running, CLIMBS)
    link = running.app.watch.market.link("ETH", "IWM")
    link.lead = moved()
    trail, worker = Trail(running.config.pairs, evidence=link.evidence), Worker()
    for minute in range(10):
        readings = {"price(ETH)": Reading(2000.0 + minute), "price(IWM)": Reading(200.0)}
        sessions = {"ETH": "regular", "IWM": "regular"}
        trail.look(Snapshot(START + minute * 60 * NS, readings, sessions))
    running.app.charts = Charts(trail, worker)
    yield with_token(running)
    worker.close()


@pytest.mark.parametrize(("width", "dark"), [(1280, ""), (360, "dark")])
async def test_all_is_shown_in_the_window_and_nothing_is_said_against_it(
    drawn: Running, tmp_path: Path, width: int, dark: str
) -> None:
    correlate(drawn, 0.58)
    async with (
        at_socket(drawn) as url,
        looking_at(url, tmp_path, width=width, dark=bool(dark), phone=width < 600) as tab,
    ):
        assert await tab.until(SHOWN) == ".58"
        await tab.until("document.images[0]?.naturalWidth > 0")
        drawing = await tab.evaluate("document.images[0].currentSrc")
        assert f"dark={1 if dark else 0}" in drawing
        text = await tab.evaluate("document.body.innerText")
        for part in ("One alert is firing", "No prices", "Feeds", "coinbase", "open, closes in"):
            assert part in text
        # Nothing stands out of the window: what is wide scrolls by itself.
        assert await tab.evaluate("document.documentElement.scrollWidth") <= width
        assert await tab.evaluate("document.title") == "(1) .58 ETH–IWM · comove"
        assert (tab.console, tab.log) == ([], [])
        assert {each.startswith(f"{url}/") for each in tab.requests} == {True}


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
async def test_statistic_and_lag_profile_are_drawn_and_told_in_words(
    drawn: Running,
    tmp_path: Path,
    width: int,
    dark: bool,  # noqa: FBT001  # a case
) -> None:
    show(drawn, {BREAKDOWN: Reading(value=False)})
    async with (
        at_socket(drawn) as url,
        looking_at(url, tmp_path, width=width, dark=dark, phone=width < 600) as tab,
    ):
        await tab.until(f"{DRAWN} === 3")
        pictures = await tab.evaluate(PICTURES)
        assert [each["src"].partition("?")[0] for each in pictures] == [
            f"{url}/{name}/ETH-IWM.svg" for name in ("chart", "breakdown", "lead")
        ]
        for each in pictures:
            assert f"dark={int(dark)}&narrow={int(width < 600)}" in each["src"]
            assert each["right"] <= width
        _, breakdown, lead = pictures
        assert breakdown["alt"].endswith("statistic 3.1 of 9.4, above 0 since about 09:40 New York")
        assert "largest 1.00 at +6 s" in lead["alt"]
        text = await tab.evaluate("document.body.innerText")
        for words in (
            "statistic 3.1 of 9.4, above 0 since about 09:40 New York",
            "no lead can be claimed: ETH's feed is polled",
            "no lag says anything on these feeds",
        ):
            assert words in text
        show(drawn, {BREAKDOWN: Reading(None, "IWM stale 95 s")})
        await tab.until("document.body.innerText.includes('IWM stale 95 s: statistic 3.1 of 9.4')")
        assert (tab.console, tab.log) == ([], [])


async def test_what_becomes_unknown_gives_its_picture_up_for_the_reason(
    drawn: Running, tmp_path: Path
) -> None:
    async with at_socket(drawn) as url, looking_at(url, tmp_path) as tab:
        await tab.until(f"{DRAWN} === 3")
        watch(drawn, None)
        drawn.app.watch.market.link("ETH", "IWM").lead = None
        show(drawn, {BREAKDOWN: Reading(None, "link not learned yet")})
        await tab.until(f"{DRAWN} === 1")
        text = await tab.evaluate("document.body.innerText")
        assert "link not learned yet" in text
        assert "who leads: not asked for" in text
        assert (tab.console, tab.log) == ([], [])


async def test_what_changes_is_shown_without_a_reload_and_alerts_are_read_aloud(
    running: Running, tmp_path: Path
) -> None:
    with_token(running)
    correlate(running, 0.58)
    async with at_socket(running) as url, looking_at(url, tmp_path) as tab:
        await tab.until(f"{SHOWN} === '.58'")
        await tab.evaluate("document.querySelector('details').open = true")
        await tab.evaluate("window.same = document.querySelector('details')")
        correlate(running, -0.07)
        await tab.until(f"{SHOWN} === '−.07'")
        assert await tab.evaluate("window.same.isConnected && window.same.open")
        assert await tab.evaluate("document.getElementById('announced').textContent") == ""
        running.rules.write_text("rules: [{id: other, title: Another, when: corr(1h) < 0}]")
        await running.reloader.reload()
        await tab.until("document.getElementById('announced').textContent === 'Over: No prices.'")
        assert (tab.console, tab.log) == ([], [])


async def test_a_daemon_that_is_gone_is_noticed_and_its_return_too(
    running: Running, tmp_path: Path
) -> None:
    at = listen_at("127.0.0.1", 0)
    port: int = at.getsockname()[1]
    correlate(with_token(running), 0.58)
    (tmp_path / "again").mkdir()
    async with at_socket(running, at) as url:
        browser = looking_at(url, tmp_path / "browser")
        tab = await browser.__aenter__()
        await tab.until(f"{SHOWN} === '.58'")
    try:
        lost = await tab.until("!lost.hidden && lost.textContent")
        assert lost.startswith("✖ Connection lost ")
        assert "trying again" in lost
        again = with_token(Running(tmp_path / "again"))
        again.fire()
        correlate(again, 0.31)
        async with at_socket(again, _same(port)):
            await tab.until(f"{SHOWN} === '.31'")
            assert await tab.evaluate("lost.hidden")
        # That nobody answers, the browser says itself.
        assert tab.console == []
        assert all(line.startswith("network: ") for line in tab.log)
    finally:
        await browser.__aexit__(None, None, None)


def _same(port: int) -> socket.socket:
    return listen_at("127.0.0.1", port)


async def test_one_acknowledges_with_the_keyboard_alone(running: Running, tmp_path: Path) -> None:
    with_token(running)
    async with at_socket(running) as url, looking_at(url, tmp_path) as tab:
        await tab.until("!commanding.hidden")
        await tab.press("Tab")
        assert await tab.evaluate(FOCUSED) == "Skip to how it stands"
        assert not await tab.evaluate(COMMANDS)
        for name, text in (("who", "ann"), ("token", TOKEN)):
            await _tab_to(tab, name)
            await tab.type(text)
        await tab.press("Enter")
        await tab.until(COMMANDS)
        assert await tab.evaluate("sessionStorage.token") == TOKEN
        await tab.evaluate("document.querySelector('.skip').focus()")
        await _tab_to(tab, "Ack")
        assert await tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        await tab.press("Enter")
        said = await tab.until("said.textContent")
        assert said == "✔ No prices (ETH-IWM) is acknowledged by ann: no more reminders of it."
        await tab.until("!document.querySelector('button[data-command=ack]')")
        assert running.app.desk.incidents()[0].acknowledged == "ann"
        assert (tab.console, tab.log) == ([], [])


async def test_a_wrong_token_is_said_to_be_wrong_and_forgotten(
    running: Running, tmp_path: Path
) -> None:
    with_token(running)
    async with at_socket(running) as url, looking_at(url, tmp_path) as tab:
        await tab.until("!commanding.hidden")
        await _tab_to(tab, "token")
        await tab.type("wrong-horse")
        await tab.press("Enter")
        await tab.until(COMMANDS)
        await tab.evaluate("document.querySelector('button[data-command=ack]').click()")
        assert await tab.until("said.textContent") == "✖ a token is needed for this"
        await tab.until("!sessionStorage.token && !token.hidden")
        assert running.app.desk.incidents()[0].acknowledged == ""


async def test_a_page_without_a_token_configured_only_reads(
    running: Running, tmp_path: Path
) -> None:
    async with at_socket(running) as url, looking_at(url, tmp_path) as tab:
        await tab.until("!readonly.hidden")
        assert await tab.evaluate("commanding.hidden")
        assert not await tab.evaluate(COMMANDS)


async def _tab_to(tab: Tab, what: str) -> None:
    for _ in range(30):
        if await tab.evaluate(FOCUSED) == what:
            return
        await tab.press("Tab")
    raise AssertionError(f"{what} is not reached by keyboard")
