"""What a real `comove run` takes: seconds until it is ready, and memory while it works."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, sleep, time_ns  # noqa: TID251  # what real venues stamp with

from tests.benchmarks.assembly import write_config
from tests.benchmarks.broker import mosquitto
from tests.benchmarks.figures import Figure, Report, at_most
from tests.benchmarks.trickle import Trickle

_STARTS = 5
_SECONDS = 12.0
_RATE = 200.0
_READY, _MEMORY = at_most(1.5), at_most(120.0)
_REMARK = "Ready is the log line; the interpreter's own start is in it. Feeds connect afterwards."
_MIB = 1024
"""smaps counts in KiB."""


def measure() -> Report:
    """With the log and MQTT as channels, then with Telegram besides."""
    trickle = Trickle(_RATE, time_ns)
    try:
        with mosquitto() as mqtt, TemporaryDirectory() as folder:
            figures = [*_figures(Path(folder), trickle.ports, mqtt)]
    finally:
        trickle.close()
    return Report("footprint", tuple(figures), (_REMARK,))


def _figures(folder: Path, ports: dict[str, int], mqtt: int | None) -> Iterator[Figure]:
    for channels, telegram in (("log, MQTT" if mqtt else "log", False), ("Telegram too", True)):
        config = write_config(folder, ports, mqtt=mqtt, telegram=telegram)
        starts = [_start(config) for _ in range(_STARTS)]
        note = f"median of {_STARTS}, worst {max(starts):.2f}; channels: {channels}"
        yield Figure(f"start to ready ({channels})", median(starts), "s", _READY, note)
        yield from _memory(config, channels)


def _start(config: Path) -> float:
    began = perf_counter()
    with _running(config):
        return perf_counter() - began


def _memory(config: Path, channels: str) -> Iterator[Figure]:
    with _running(config) as process:
        sleep(_SECONDS)
        sizes = _sizes(process.pid)
    note = f"after {_SECONDS:.0f} s at {_RATE:.0f} trades a second"
    yield Figure(f"resident memory ({channels})", sizes["Rss"] / _MIB, "MiB", _MEMORY, note)
    own = sizes["Private_Clean"] + sizes["Private_Dirty"]
    yield Figure(f"memory of its own ({channels})", own / _MIB, "MiB", note="USS")


def _sizes(pid: int) -> dict[str, int]:
    """The kernel's sums in KiB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    return {line.split(":")[0]: int(line.split()[1]) for line in lines}


@contextmanager
def _running(config: Path) -> Iterator[subprocess.Popen[str]]:
    """`comove run` from the moment it is ready; ended in good order."""
    process = subprocess.Popen(
        [sys.executable, "-m", "daemon", "run", "-c", str(config), "--plain"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "NO_PROXY": "127.0.0.1"},
    )
    try:
        _await_ready(process)
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=15)


def _await_ready(process: subprocess.Popen[str]) -> None:
    said = []
    for line in process.stderr or ():
        if "ready:" in line:
            return
        said.append(line)
    raise RuntimeError(f"comove run ended: {''.join(said)[-500:]}")
