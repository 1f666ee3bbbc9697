"""A real process, so in real time."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from daemon.worker import Worker
from tests.daemon import work

pytestmark = pytest.mark.real_time


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    made = Worker()
    yield made
    made.close()


def alive(pid: int | None) -> bool:
    assert pid is not None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


async def gone(pid: int) -> None:
    async with asyncio.timeout(10):
        while alive(pid):  # noqa: ASYNC110  # another process sets no Event
            await asyncio.sleep(0.02)


async def test_it_is_started_when_there_is_work_and_kept_for_more(worker: Worker) -> None:
    assert worker.pid is None
    assert await worker.run(work.double, 21) == 42
    first = worker.pid
    assert await worker.run(work.double, value=4) == 8
    assert worker.pid == first
    assert first != os.getpid()


async def test_it_is_ended_when_there_has_been_no_work_and_started_again() -> None:
    worker = Worker(idle=0.05)
    await worker.run(work.double, 1)
    pid = worker.pid
    assert pid is not None
    await gone(pid)
    assert worker.pid is None
    assert await worker.run(work.double, 2) == 4
    worker.close()


async def test_what_the_work_raises_is_raised_here_and_the_process_stays(worker: Worker) -> None:
    await worker.run(work.double, 1)
    pid = worker.pid
    with pytest.raises(ValueError, match="of the work's own"):
        await worker.run(work.fail)
    assert await worker.run(work.double, 1) == 2
    assert worker.pid == pid


async def test_a_process_that_dies_at_its_work_is_replaced(worker: Worker, tmp_path: Path) -> None:
    assert await worker.run(work.die_once, tmp_path / "mark") == "done"


async def test_a_process_that_died_idle_is_replaced(worker: Worker) -> None:
    await worker.run(work.double, 1)
    pid = worker.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await gone(pid)
    assert await worker.run(work.double, 3) == 6
    assert worker.pid != pid


async def test_work_that_kills_every_process_is_given_up_and_the_next_is_done(
    worker: Worker,
) -> None:
    with pytest.raises(BrokenProcessPool):
        await worker.run(work.die)
    assert await worker.run(work.double, 3) == 6


async def test_work_that_takes_too_long_is_ended_and_the_next_is_done() -> None:
    worker = Worker(patience=5.0)
    await worker.run(work.double, 1)
    pid, worker._patience = worker.pid, 0.1
    assert pid is not None
    with pytest.raises(TimeoutError):
        await worker.run(work.sleep)
    await gone(pid)
    worker._patience = 10.0
    assert await worker.run(work.double, 3) == 6
    worker.close()


async def test_who_no_longer_waits_ends_the_work(worker: Worker) -> None:
    await worker.run(work.double, 1)
    pid = worker.pid
    assert pid is not None
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(worker.run(work.sleep), name="waiting")
        await asyncio.sleep(0.05)
        waiting.cancel()
    await gone(pid)
    assert await worker.run(work.double, 3) == 6


async def test_several_who_ask_at_once_are_served_one_after_the_other(worker: Worker) -> None:
    async with asyncio.TaskGroup() as tasks:
        asked = [tasks.create_task(worker.run(work.double, n), name=f"{n}") for n in range(5)]
    assert [task.result() for task in asked] == [0, 2, 4, 6, 8]


async def test_it_gives_way_to_the_daemon_and_starts_without_what_is_heavy(
    worker: Worker,
) -> None:
    assert await worker.run(work.niceness) == min(os.nice(0) + 10, 19)
    assert not await worker.run(work.loaded, "matplotlib")


def test_a_daemon_that_is_killed_takes_it_along() -> None:
    program = (
        "import asyncio\n"
        "from daemon.worker import Worker\n"
        "from tests.daemon import work\n"
        "async def main():\n"
        "    worker = Worker()\n"
        "    await worker.run(work.double, 1)\n"
        "    print(worker.pid, flush=True)\n"
        "    await worker.run(work.sleep)\n"
        "if __name__ == '__main__':\n"
        "    asyncio.run(main())\n"
    )
    daemon = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert daemon.stdout is not None
    with daemon, daemon.stdout:
        pid = int(daemon.stdout.readline())
        assert alive(pid)
        daemon.kill()
    asyncio.run(gone(pid))
