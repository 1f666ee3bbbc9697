"""`comove run` killed and started again: what fired stays fired, and is told once."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from daemon.clock import NS, Clock
from streams.simulator.market import SimulatedMarket
from streams.simulator.script import Script
from streams.simulator.servers.coinbase import CoinbaseServer
from tests.faults.sinks import CRYPTO
from tests.faults.test_run import ROOT, running

CONFIG = """\
state: state.db
instruments:
  ETH: {{calendar: 24/7, feeds: [coinbase:ETH-USD]}}
  BTC: {{calendar: 24/7, feeds: [coinbase:BTC-USD]}}
pairs: [{{x: ETH, y: BTC}}]
feeds:
  coinbase: {{url: '{coinbase}'}}
"""
RULES = """\
rules:
  - {id: priced, title: ETH has a price, when: price(ETH) > 1}
  - {id: BEFORE, title: BTC has a price, when: price(BTC) > 1}
"""
FIRED = b"firing: ETH has a price"


def _write(folder: Path, coinbase: str, *, other: str) -> Path:
    (folder / "rules.yaml").write_text(RULES.replace("BEFORE", other), "utf-8")
    (folder / "comove.yaml").write_text(CONFIG.format(coinbase=coinbase), "utf-8")
    return folder / "comove.yaml"


async def _started(config: Path) -> tuple[int | None, bytes]:
    """What a second daemon on the same file says."""
    command = [sys.executable, "-m", "daemon", "run", "-c", str(config), "--plain"]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stderr=PIPE)
    _, said = await process.communicate()
    return process.returncode, said


@pytest.mark.real_time
async def test_what_fired_before_a_kill_is_not_told_again_and_the_file_has_one_owner(
    tmp_path: Path,
) -> None:
    clock = Clock(asyncio.get_running_loop())
    market = SimulatedMarket(
        start_ns=clock.now() // NS * NS, script=Script(duration=60.0), model=CRYPTO
    )
    async with CoinbaseServer(market, clock.now) as venue:
        config = _write(tmp_path, venue.url, other="first")
        async with running(config) as run:
            await run.says(FIRED.decode())
            await run.says("firing: BTC has a price")
            code, said = await _started(config)
            assert code == 1
            assert said.decode().startswith(f"{tmp_path / 'state.db'} cannot be used: another")
            assert b"Traceback" not in said
            run._process.kill()
            await run.code(within=5)
        # A rule of another name fires anew; one that fired and is no more is said.
        _write(tmp_path, venue.url, other="second")
        async with running(config) as run:
            await run.says("firing: BTC has a price")
            await run.says("rule first fired and is no more")
            assert FIRED not in run.err
            run.terminate()
            assert await run.code(within=10) == 0
    assert b"Traceback" not in run.err
