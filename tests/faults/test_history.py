"""The process itself on stand-ins that are asked for the past, in real time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from daemon.clock import Clock
from tests.faults.test_run import running
from tests.stand_ins.candle_venues import CoinbaseCandles
from tests.stand_ins.candles import SILENCE

CONFIG = """\
state: state.db
instruments:
  ETH: {{calendar: 24/7, feeds: [coinbase:ETH-USD]}}
  BTC: {{calendar: 24/7, feeds: [coinbase:BTC-USD]}}
pairs: [{{x: ETH, y: BTC}}]
feeds:
  coinbase: {{url: 'ws://127.0.0.1:9', rest: '{rest}'}}
history: {{minutes: 1d, closes: 30d}}
page: {{serve: false}}
context: {{}}
"""
RULES = """\
rules:
  - {id: apart, title: Apart, when: corr(20d) > -0.99}
"""


def _write(folder: Path, rest: str) -> Path:
    (folder / "rules.yaml").write_text(RULES, "utf-8")
    (folder / "comove.yaml").write_text(CONFIG.format(rest=rest), "utf-8")
    return folder / "comove.yaml"


def _kept(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*.parquet")}


def _hourly(venue: CoinbaseCandles) -> int:
    """Requests for closes."""
    return sum("granularity=3600" in path for path in venue.asked)


@pytest.mark.real_time
async def test_a_cold_start_learns_minutes_and_tells_by_closes(tmp_path: Path) -> None:
    now = Clock(asyncio.get_running_loop()).now
    async with CoinbaseCandles(now, "ETH-USD", "BTC-USD") as venue:
        async with running(_write(tmp_path, venue.url)) as run:
            await run.says("history: minutes learned: ")
            await run.says("firing: Apart")
            run.terminate()
            assert await run.code(within=10) == 0
        kept = _kept(tmp_path / "history")
        assert {path[:12] for path in kept} == {"ETH/coinbase", "BTC/coinbase"}
        asked = _hourly(venue)
        async with running(_write(tmp_path, venue.url)) as run:
            await run.says("going on with the statistics of")
            await run.says("history: closes of ETH from coinbase")
            run.terminate()
            assert await run.code(within=10) == 0
        assert _hourly(venue) - asked < asked / 2
    assert b"Traceback" not in run.err


@pytest.mark.real_time
async def test_who_waits_for_history_can_be_stopped(tmp_path: Path) -> None:
    now = Clock(asyncio.get_running_loop()).now
    async with CoinbaseCandles(now, "ETH-USD", "BTC-USD") as venue:
        venue.down = SILENCE
        async with running(_write(tmp_path, venue.url)) as run:
            await run.says("asking for history: minutes of 0 of 2 instruments")
            run.terminate()
            assert await run.code(within=10) == 0
    assert b"Traceback" not in run.err
