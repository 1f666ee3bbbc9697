"""A real `comove run` under observation: its CPU time, and its memory with its children's."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import msgspec

REMARK = (
    "CPU is user and system time over wall time, of the daemon and its children, ended ones too."
)
_SAMPLE = 5.0
_TICKS = os.sysconf("SC_CLK_TCK")


class Cost(msgspec.Struct, frozen=True):
    """Of a stretch of time: seconds of CPU and of wall, the highest memory seen, processes."""

    cpu: float
    wall: float
    pss: float
    rss: float
    processes: int

    @property
    def share(self) -> float:
        """Per cent of a core."""
        return 100.0 * self.cpu / self.wall


@asynccontextmanager
async def running(config: Path) -> AsyncIterator[Process]:
    """`comove run` from the moment it is ready; ended in good order."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "daemon", "run", "-c", str(config), "--plain"),
        stderr=PIPE,
        env={**os.environ, "NO_PROXY": "127.0.0.1"},
    )
    try:
        async with asyncio.TaskGroup() as tasks:
            ready = asyncio.Event()
            reading = tasks.create_task(_listen(process, ready), name="log")
            async with asyncio.timeout(20):
                await ready.wait()
            yield process
            process.terminate()
            async with asyncio.timeout(15):
                await process.wait()
            reading.cancel()
    finally:
        if process.returncode is None:
            process.kill()


async def _listen(process: Process, ready: asyncio.Event) -> None:
    """What it logs is passed on, so that nobody takes a fault for rest."""
    assert process.stderr is not None
    async for line in process.stderr:
        sys.stderr.write(line.decode())
        if b"ready:" in line:
            ready.set()


async def cost(pid: int, seconds: float) -> Cost:
    """What it takes from now on, for so many seconds."""
    began, spent = monotonic(), _cpu(pid)
    pss = rss = 0
    processes = 1
    while (left := began + seconds - monotonic()) > 0:
        await asyncio.sleep(min(left, _SAMPLE))
        family = [pid, *_children(pid)]
        sizes = [_sizes(each) for each in family]
        pss = max(pss, sum(size.get("Pss", 0) for size in sizes))
        rss = max(rss, sum(size.get("Rss", 0) for size in sizes))
        processes = max(processes, len(family))
    return Cost(_cpu(pid) - spent, monotonic() - began, pss, rss, processes)


def _cpu(pid: int) -> float:
    """Seconds that it, its ended children and its living ones have used."""
    living = sum(sum(_times(child)[:2]) for child in _children(pid))
    return (sum(_times(pid)) + living) / _TICKS


def _times(pid: int) -> Sequence[int]:
    """User and system time, then those of the children it has waited for; 0 of what has ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return (0, 0, 0, 0)
    return [int(field) for field in stat.rpartition(")")[2].split()[11:15]]


def _children(pid: int) -> list[int]:
    """And theirs."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        text = " ".join((thread / "children").read_text("ascii") for thread in threads)
    except FileNotFoundError:
        return []
    own = [int(child) for child in text.split()]
    return [*own, *(each for child in own for each in _children(child))]


def _sizes(pid: int) -> dict[str, int]:
    """The kernel's sums in KiB; none of what has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    except (FileNotFoundError, ProcessLookupError):
        return {}
    return {line.split(":")[0]: int(line.split()[1]) for line in lines}
