from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from random import Random

import pytest

from daemon.clock import Clock
from streams.context.fred import Fred
from streams.context.poll import Poll, follow
from streams.instrument import NS
from streams.tick import ContextPoint
from tests.stand_ins.http import Hangup, HttpServer, Request, Response
from tests.streams.context.answers import NOW, table

HOURLY = "0 * * * *"
HOUR = 3600
BODY = table("VIXCLS", ("2026-03-16", "27.4"))
GOOD = Response(200, BODY, "text/csv")
BUSY = Response(503, b"", "text/plain")


class Publisher:
    """Notes when it was asked, in seconds since NOW, and what for."""

    def __init__(self) -> None:
        self.at: list[float] = []
        self.asked: list[Request] = []
        self.answer: Callable[[], Response] = lambda: GOOD
        self.silent = False
        self.http = HttpServer(self._serve)
        self.clock = Clock(asyncio.get_running_loop(), NOW)
        self.points: list[ContextPoint] = []

    async def _serve(self, request: Request) -> Response:
        self.at.append((self.clock.now() - NOW) / NS)
        self.asked.append(request)
        if self.silent:
            await asyncio.get_running_loop().create_future()
        return self.answer()

    def poll(self, schedule: str = HOURLY, key: str | None = None) -> Poll:
        url = f"http://127.0.0.1:{self.http.port}/graph"
        return Poll(
            Fred("vix", key=key, url=url),
            schedule=schedule,
            emit=self.points.append,
            now=self.clock.now,
            rng=Random(0),
        )

    async def asked_for(self, seconds: float, *polls: Poll) -> None:
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(follow(polls), name="context")
            await asyncio.sleep(seconds)
            task.cancel()


@pytest.fixture
async def publisher() -> AsyncIterator[Publisher]:
    made = Publisher()
    await made.http.start()
    yield made
    await made.http.stop()


async def test_it_is_asked_at_the_start_and_then_when_its_schedule_says_so(
    publisher: Publisher,
) -> None:
    await publisher.asked_for(2 * HOUR + 60, publisher.poll())
    assert [round(at) for at in publisher.at] == [0, HOUR, 2 * HOUR]
    assert [point.value for point in publisher.points] == [27.4] * 3
    assert publisher.asked[0].path == "/graph?id=VIXCLS&cosd=2026-02-24"


async def test_each_series_goes_by_its_own_schedule(publisher: Publisher) -> None:
    rare = publisher.poll("0 0 * * *")
    often = publisher.poll("*/20 * * * *")
    await publisher.asked_for(HOUR + 60, often, rare)
    assert (often.counts.polls, rare.counts.polls) == (4, 1)


async def test_a_failure_is_tried_again_within_a_minute_then_less_and_less_often(
    publisher: Publisher,
) -> None:
    publisher.answer = lambda: BUSY
    poll = publisher.poll()
    await publisher.asked_for(24 * HOUR, poll)
    waits = [b - a for a, b in zip(publisher.at, publisher.at[1:], strict=False)]
    for n, wait in enumerate(waits):
        ceiling = min(60 * 2**n, HOUR)
        assert ceiling / 2 <= wait <= ceiling + 1
    assert len(waits) < 60
    assert poll.counts.failures == poll.counts.polls == len(publisher.at)
    assert poll.counts.reason == "HTTP 503"
    assert publisher.points == []


@pytest.mark.parametrize("status", [401, 403, 429])
async def test_a_refusal_is_left_alone_for_half_an_hour_at_least(
    publisher: Publisher, status: int
) -> None:
    publisher.answer = lambda: Response(status, b"", "text/html")
    await publisher.asked_for(1700, publisher.poll("* * * * *"))
    assert len(publisher.at) == 1


@pytest.mark.parametrize("asked", ["7200", "Tue, 17 Mar 2026 16:00:00 GMT"])
@pytest.mark.parametrize("status", [429, 503])
async def test_a_publisher_is_left_alone_as_long_as_it_asks(
    publisher: Publisher, asked: str, status: int
) -> None:
    publisher.answer = lambda: Response(status, b"", "text/html", (("Retry-After", asked),))
    await publisher.asked_for(2 * HOUR - 60, publisher.poll("* * * * *"))
    assert len(publisher.at) == 1
    publisher.answer = lambda: GOOD


async def test_after_a_failure_the_schedule_holds_again(publisher: Publisher) -> None:
    publisher.answer = lambda: BUSY if len(publisher.at) == 1 else GOOD
    await publisher.asked_for(HOUR + 60, publisher.poll())
    assert len(publisher.at) == 3
    assert 30 <= publisher.at[1] <= 60
    assert round(publisher.at[2]) == HOUR


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("refused", "ConnectError"),
        ("hang up", "RemoteProtocolError"),
        ("silent", "no answer in 20 s"),
        ("status", "HTTP 503"),
        ("moved", "HTTP 301: a redirect is not followed"),
        ("garbage", "its answer has no observations"),
        ("no text", "its answer cannot be read"),
        ("large", "larger than 2,000,000 bytes"),
    ],
)
async def test_a_failure_is_told_once_and_its_end_once_without_the_key(
    publisher: Publisher, caplog: pytest.LogCaptureFixture, fault: str, said: str
) -> None:
    caplog.set_level(logging.INFO)
    good = Response(200, b'{"observations":[{"date":"2026-03-16","value":"27.4"}]}')
    answers = {
        "status": BUSY,
        "moved": Response(301, b"", headers=(("Location", "/planted"),)),
        "garbage": Response(200, b"<html>planted"),
        "no text": Response(200, b'{"observations":[{"date":"\xff\xfe","value":"1"}]}'),
        "large": Response(200, b" " * 3_000_000),
    }

    def hang_up() -> Response:
        raise Hangup

    publisher.answer = hang_up if fault == "hang up" else lambda: answers.get(fault, good)
    publisher.silent = fault == "silent"
    poll = publisher.poll(key="planted")
    if fault == "refused":
        await publisher.http.stop()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(publisher.asked_for(3 * HOUR, poll), name="asking")
        await asyncio.sleep(600)
        assert poll.counts.failures >= 1
        assert said in poll.counts.reason
        publisher.answer, publisher.silent = (lambda: good), False
        if fault == "refused":
            await publisher.http.start()
    ours = [each for each in caplog.records if each.name == "streams.context.poll"]
    assert [each.levelname for each in ours] == ["WARNING", "INFO"]
    assert said in ours[0].message
    assert ours[0].message.startswith("no vix of FRED: ")
    assert poll.counts.reason == ""
    assert "planted" not in caplog.text
    assert "api_key=planted" in publisher.asked[-1].path
