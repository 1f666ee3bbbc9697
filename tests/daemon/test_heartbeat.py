from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from config.settings import Heartbeat
from daemon.heartbeat import heartbeat
from streams.instrument import NS
from tests.stand_ins.http import Hangup, HttpServer, Request, Response


class Switch:
    """Notes when it was told, in seconds since the first time."""

    def __init__(self) -> None:
        self.at: list[float] = []
        self.paths: set[str] = set()
        self.status = 200
        self.hang_up = False
        self.silent = False
        self.alive = True
        self.http = HttpServer(self._answer)
        self._task: asyncio.Task[None] | None = None

    async def _answer(self, request: Request) -> Response:
        self.at.append(asyncio.get_running_loop().time())
        self.paths.add(f"{request.method} {request.path}")
        if self.hang_up:
            raise Hangup
        if self.silent:
            await asyncio.get_running_loop().create_future()
        return Response(self.status, b"OK", "text/plain")

    async def beat(self, seconds: float) -> None:
        """Beat for so long."""
        url = SecretStr(f"http://127.0.0.1:{self.http.port}/planted-uuid")
        async with asyncio.TaskGroup() as tasks:
            given = Heartbeat(url, 60 * NS)
            task = tasks.create_task(heartbeat(given, lambda: self.alive), name="heartbeat")
            await asyncio.sleep(seconds)
            task.cancel()


@pytest.fixture
async def switch() -> AsyncIterator[Switch]:
    made = Switch()
    await made.http.start()
    yield made
    await made.http.stop()


async def test_it_beats_at_once_and_then_at_its_interval(switch: Switch) -> None:
    await switch.beat(130)
    assert [round(at - switch.at[0]) for at in switch.at] == [0, 60, 120]
    assert switch.paths == {"GET /planted-uuid"}


async def test_it_is_silent_while_evaluation_stands_still(
    switch: Switch, caplog: pytest.LogCaptureFixture
) -> None:
    switch.alive = False
    await switch.beat(200)
    assert switch.at == []
    assert caplog.messages == ["evaluation stands still: no heartbeat to 127.0.0.1"]


@pytest.mark.parametrize("fault", ["refused", "status", "hang up", "silent"])
async def test_a_failure_is_logged_once_and_its_end_once_without_the_address(
    switch: Switch, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    caplog.set_level(logging.INFO)
    switch.status = 503 if fault == "status" else 200
    switch.hang_up, switch.silent = fault == "hang up", fault == "silent"
    if fault == "refused":
        await switch.http.stop()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(switch.beat(400), name="beating")
        await asyncio.sleep(150)
        switch.status, switch.hang_up, switch.silent = 200, False, False
        if fault == "refused":
            await switch.http.start()
    ours = [record for record in caplog.records if record.name == "daemon.heartbeat"]
    assert [record.levelname for record in ours] == ["WARNING", "INFO"]
    assert "the heartbeat to 127.0.0.1 is not taken" in ours[0].message
    assert "planted" not in caplog.text
