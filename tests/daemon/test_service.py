from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from daemon.service import keep_up


async def test_what_fails_beside_the_core_is_told_and_tried_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    loop = asyncio.get_running_loop()
    tries: list[float] = []

    async def fragile() -> None:
        tries.append(loop.time())
        if len(tries) < 4:
            raise OSError("the folder is gone")

    await keep_up("archive", fragile)
    assert [round(after - before) for before, after in pairwise(tries)] == [5, 10, 20]
    assert caplog.text.count("archive failed") == 3
    assert "the folder is gone" in caplog.text


async def test_a_cancellation_ends_it() -> None:
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(keep_up("view", lambda: asyncio.sleep(3600)), name="view")
        await asyncio.sleep(1)
        task.cancel()
    assert task.cancelled()
