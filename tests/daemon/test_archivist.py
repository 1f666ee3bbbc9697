from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from daemon.archivist import archived
from streams.history.reel import Reel, Said
from streams.instrument import NS, Instrument, Route
from streams.redaction import Redaction

DAY = 86_400 * NS
START = 20_529 * DAY
ETH = Instrument("ETH", "24/7", (Route("kraken", "ETH/USD"),))


@pytest.mark.real_time
async def test_a_day_is_archived_when_it_is_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    reel = Reel(tmp_path / "kraken", "kraken", "wss://k", Redaction([]), 10**9)
    reel.write([Said("connect", START)])
    reel.close()
    path = tmp_path / "archive" / "ETH" / "kraken" / "2026-03-17.parquet"
    now = [START]
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        task = tasks.create_task(archived(tmp_path, [ETH], lambda: now[0], every=0.01), name="it")
        await asyncio.sleep(0.1)
        assert not _there(path)
        now[0] = START + DAY
        while not caplog.messages:  # noqa: ASYNC110  # another process is waited for
            await asyncio.sleep(0.01)
        assert _there(path)
        task.cancel()
    assert caplog.messages == [f"recordings archived in {tmp_path / 'archive'}: 1 files"]


def _there(path: Path) -> bool:
    return path.exists()
