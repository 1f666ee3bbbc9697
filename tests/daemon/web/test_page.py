"""The page's files, charts and events, as HTTP has them."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import product
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, RemoteProtocolError, Response

from daemon.illustrator import Charts
from daemon.trail import Trail
from daemon.web.events import Events
from daemon.web.page import routes
from daemon.web.pictures import PICTURES, pictures
from daemon.web.server import make_app
from daemon.worker import Worker
from streams.detectors import Evidence
from streams.instrument import NS
from streams.snapshot import Reading, Snapshot
from tests.daemon.web.browsing import at_socket, correlate, watch, with_token
from tests.daemon.web.running import READING, START, Running

FILES = ("/", "/page.css", "/page.js", "/icon.svg")


@asynccontextmanager
async def visiting(running: Running) -> AsyncIterator[AsyncClient]:
    app = make_app(running.sources, READING, routes(running.sources))
    async with AsyncClient(transport=ASGITransport(app), base_url="http://localhost") as client:
        yield client


async def got(running: Running, what: str, **headers: str) -> Response:
    async with visiting(running) as client:
        return await client.get(what, headers=headers)


@pytest.mark.parametrize("what", FILES)
async def test_a_browser_that_has_a_file_is_not_sent_it_again(running: Running, what: str) -> None:
    first = await got(running, what)
    assert first.status_code == 200
    assert first.headers["cache-control"] == "no-cache"
    again = await got(running, what, **{"if-none-match": f'"other", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]


@pytest.mark.parametrize("what", FILES)
async def test_nothing_is_fetched_from_elsewhere(running: Running, what: str) -> None:
    text = (await got(running, what)).text
    elsewhere = set(re.findall(r"(?:https?:)?//[\w.-]+", text)) - {"http://www.w3.org"}
    assert not [each for each in elsewhere if "." in each]


async def test_nothing_stands_in_the_page_that_its_policy_forbids(running: Running) -> None:
    answer = await got(running, "/")
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert not re.search(r"<style|style=|\son\w+=|<script>", answer.text)
    assert '<html lang="en">' in answer.text


async def test_the_page_is_small(running: Running) -> None:
    sizes = {what: len((await got(running, what)).text.splitlines()) for what in FILES}
    assert sizes["/page.js"] < 300
    assert sizes["/page.css"] < 250


class Drawn(Charts):
    """Counts drawings, and draws nothing."""

    def __init__(self, trail: Trail) -> None:
        super().__init__(trail, Worker())
        self.count = 0
        self.fails = False

    async def svg(
        self, pair: str, seconds: float, *, dark: bool = False, narrow: bool = False, **_: Any
    ) -> bytes | None:
        self.count += 1
        await asyncio.sleep(1)
        if self.fails:
            raise TimeoutError
        return f"<svg>{pair} {seconds} {dark} {narrow} {self.count}</svg>".encode()

    async def breakdown(
        self, pair: str, seconds: float, found: Evidence, *, dark: bool, narrow: bool
    ) -> bytes | None:
        assert seconds > 0
        return f"<svg>{pair} {found.total} {dark} {narrow}</svg>".encode()


@pytest.fixture
def trail(running: Running) -> Trail:
    """Of two minutes, which the daemon draws from."""
    made = Trail(running.config.pairs)
    minute(made, 0)
    minute(made, 1)
    running.app.charts = Drawn(made)
    return made


def minute(trail: Trail, number: int) -> None:
    look(trail, 60 * number)


def look(trail: Trail, second: int) -> None:
    sessions = {"ETH": "regular", "IWM": "regular"}
    readings = {"price(ETH)": Reading(2000.0)}
    trail.look(Snapshot(START + second * NS, readings, sessions))


async def test_a_chart_is_drawn_once_for_all_until_there_is_something_new(
    running: Running, trail: Trail
) -> None:
    async with visiting(running) as client, asyncio.TaskGroup() as tasks:
        seen = [
            tasks.create_task(client.get("/chart/ETH-IWM.svg"), name=str(number))
            for number in range(3)
        ]
    assert {task.result().text for task in seen} == {"<svg>ETH-IWM 23400.0 False False 1</svg>"}
    async with visiting(running) as client:
        first = await client.get("/chart/ETH-IWM.svg")
        tag = {"if-none-match": first.headers["etag"]}
        assert (await client.get("/chart/ETH-IWM.svg", headers=tag)).status_code == 304
        minute(trail, 2)
        assert (await client.get("/chart/ETH-IWM.svg", headers=tag)).status_code == 200
        assert "True False" in (await client.get("/chart/ETH-IWM.svg?dark=1")).text
        assert "False True" in (await client.get("/chart/ETH-IWM.svg?narrow=1")).text


async def test_a_page_that_stays_open_has_nothing_drawn_more_than_once_a_minute(
    running: Running, trail: Trail
) -> None:
    assert isinstance(running.app.charts, Drawn)
    async with visiting(running) as client:
        for second in range(60, 241):
            look(trail, second)
            edition = pictures(running.sources, running.config.pairs[0])[0].edition
            answer = await client.get(f"/chart/ETH-IWM.svg?at={edition}")
            assert answer.status_code == 200
    assert running.app.charts.count == 4


@pytest.mark.usefixtures("trail")
async def test_the_statistic_is_drawn_where_it_is_known_and_nothing_else(running: Running) -> None:
    async with visiting(running) as client:
        assert (await client.get("/breakdown/ETH-IWM.svg")).status_code == 404
        assert (await client.get("/lead/ETH-IWM.svg")).status_code == 404
        watch(running, Evidence(3.1, 9.4, broken=False, since=None))
        answer = await client.get("/breakdown/ETH-IWM.svg?narrow=1")
    assert answer.text == "<svg>ETH-IWM 3.1 False True</svg>"
    assert answer.headers["content-type"] == "image/svg+xml"


@pytest.mark.usefixtures("trail")
async def test_a_chart_that_cannot_be_drawn_is_a_fault_of_the_moment(running: Running) -> None:
    assert isinstance(running.app.charts, Drawn)
    running.app.charts.fails = True
    answer = await got(running, "/chart/ETH-IWM.svg")
    assert (answer.status_code, answer.json()) == (503, {"error": "the chart could not be drawn"})


async def test_where_there_is_nothing_to_draw_there_is_no_chart(running: Running) -> None:
    running.app.charts = Drawn(Trail(running.config.pairs))
    pairs = "ETH-IWM", "BTC-DOGE", "%2e%2e%2fetc"
    for name, pair in product(PICTURES, pairs):
        answer = await got(running, f"/{name}/{pair}.svg")
        assert answer.status_code == 404


@asynccontextmanager
async def listening(url: str, **headers: str) -> AsyncIterator[AsyncIterator[str]]:
    async with (
        AsyncClient(timeout=100, trust_env=False) as client,
        client.stream("GET", f"{url}/events", headers=headers) as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield answer.aiter_lines()


async def event(lines: AsyncIterator[str]) -> tuple[str, dict[str, Any]]:
    """The next one: its id and what it says."""
    async for line in lines:
        if line.startswith("id: "):
            id_ = line.removeprefix("id: ")
        elif line.startswith("data: "):
            return id_, json.loads(line.removeprefix("data: "))
    raise AssertionError("the events have ended")


async def test_all_is_told_at_once_and_then_what_has_changed(running: Running) -> None:
    async with at_socket(with_token(running)) as url, listening(url) as lines:
        first, said = await event(lines)
        assert said["verdict"]["text"] == "One alert is firing"
        correlate(running, 0.42)
        second, said = await event(lines)
        assert said["links"][0]["correlation"]["value"] == ".42"
        assert first != second


async def test_who_comes_back_is_not_told_again_what_he_has(running: Running) -> None:
    async with at_socket(with_token(running)) as url:
        async with listening(url) as lines:
            had, _ = await event(lines)
        async with listening(url, **{"last-event-id": had}) as lines:
            id_, _ = await event(lines)
    assert id_ != had


async def test_all_who_look_are_told_the_same(running: Running) -> None:
    async with (
        at_socket(with_token(running)) as url,
        listening(url) as one,
        listening(url) as other,
    ):
        assert await event(one) == await event(other)


async def test_who_is_slow_gets_the_newest_and_nothing_is_kept_for_him(running: Running) -> None:
    told = Events(running.sources, "")._stream("")  # never ended: nothing is held by it
    await anext(told)
    for value in (0.1, 0.5, 0.9):
        correlate(running, value)
        await asyncio.sleep(60)
    assert b'"value":".90"' in await anext(told)


async def test_who_does_not_read_at_all_is_let_go(running: Running) -> None:
    async with at_socket(with_token(running)) as url, listening(url) as lines:
        await event(lines)
        await asyncio.sleep(3600)
        with pytest.raises(RemoteProtocolError):
            await ended(lines)


async def test_the_events_end_with_the_daemon(running: Running) -> None:
    async with at_socket(with_token(running)) as url, listening(url) as lines:
        await event(lines)
        running.app.stop()
        await ended(lines)


async def ended(lines: AsyncIterator[str]) -> None:
    async for _ in lines:
        pass


async def test_there_are_only_so_many_who_listen(running: Running) -> None:
    async with at_socket(with_token(running)) as url:
        async with asyncio.TaskGroup() as tasks:
            held = [tasks.create_task(_held(url), name=str(n)) for n in range(32)]
            await asyncio.sleep(5)
            async with AsyncClient(trust_env=False) as client:
                answer = await client.get(f"{url}/events")
            for task in held:
                task.cancel()
        assert answer.status_code == 503


async def _held(url: str) -> None:
    async with listening(url) as lines:
        while True:
            await event(lines)
