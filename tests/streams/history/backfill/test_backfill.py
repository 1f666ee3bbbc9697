"""All instruments: what is asked for, of whom, what is kept, and what a kill leaves behind."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import polars as pl
import pytest

from streams.history.backfill.backfill import Backfill
from streams.history.backfill.stretches import closes, stretches
from streams.sessions import calendar
from tests.stand_ins.candles import DAY, HOUR, MINUTE, price, quiet, too_many
from tests.stand_ins.http import Response
from tests.streams.history.backfill.setting import at, clock
from tests.streams.history.backfill.town import Town, closing, town

NOW = "2026-03-17T15:00:30"
"""A Tuesday, 11:00 in New York; the clocks there went forward nine days before."""
NYSE = calendar("NYSE")
FORBIDDEN = Response(403, b"no", "text/plain")


def files(folder: Path) -> dict[str, pl.DataFrame]:
    return {
        str(path.relative_to(folder)): pl.read_parquet(path) for path in folder.rglob("*.parquet")
    }


async def run(backfill: Backfill) -> bool:
    async with closing(backfill):
        return await backfill.round()


async def test_a_cold_start_brings_minutes_and_closes_at_the_same_instants(tmp_path: Path) -> None:
    async with town(clock(NOW)) as venues:
        backfill = venues.backfill(tmp_path)
        assert await run(backfill)
    due = closes(NYSE, at(NOW) - 60 * DAY, at(NOW))
    assert len(due) == 40
    assert {ts % DAY // HOUR for ts in due} == {20, 21}
    for name, symbol in {"ETH": "ETH-USD", "BTC": "BTC-USD", "IWM": "IWM", "SPY": "SPY"}.items():
        assert venues.closes[name] == [(ts, price(symbol, ts)) for ts in due]
    eth, iwm = backfill.minutes["ETH"], backfill.minutes["IWM"]
    assert (eth.history, iwm.history, iwm.venue) == ("coinbase", "alpaca-iex", "alpaca")
    over = at("2026-03-17T15:00:00")
    first = at("2026-03-16T00:00:00")
    assert eth.prices == [
        (ts, price("ETH-USD", ts))
        for ts in range(first + MINUTE, over + 1, MINUTE)
        if not quiet("ETH-USD", ts - MINUTE, MINUTE)
    ]
    assert [(ts, round(close, 6)) for ts, close in iwm.prices] == [
        (ts, round(1.001 * price("IWM", ts), 6))
        for each in stretches(NYSE, first, over)
        for ts in range(each.start + MINUTE, min(each.end, over) + 1, MINUTE)
        if not quiet("IWM", ts - MINUTE, MINUTE)
    ]


async def test_the_disk_holds_whole_days_and_the_closes_of_years(tmp_path: Path) -> None:
    async with town(clock(NOW)) as venues:
        await run(venues.backfill(tmp_path, back=100 * DAY))
    kept = files(tmp_path)
    assert sorted(kept) == [
        "BTC/coinbase/1d/2025.parquet",
        "BTC/coinbase/1d/2026.parquet",
        "BTC/coinbase/1m/2026-03-16.parquet",
        "ETH/coinbase/1d/2025.parquet",
        "ETH/coinbase/1d/2026.parquet",
        "ETH/coinbase/1m/2026-03-16.parquet",
        "IWM/alpaca-iex/1m/2026-03-16.parquet",
        "IWM/alpaca-sip/1d/2025.parquet",
        "IWM/alpaca-sip/1d/2026.parquet",
        "SPY/yahoo/1d/2025.parquet",
        "SPY/yahoo/1d/2026.parquet",
        "SPY/yahoo/1m/2026-03-16.parquet",
    ]
    assert kept["IWM/alpaca-sip/1d/2026.parquet"].schema == {
        "ts": pl.Int64,
        "close": pl.Float64,
        **dict.fromkeys(("open", "high", "low", "volume"), pl.Float64),
        "symbol": pl.String,
    }
    assert kept["ETH/coinbase/1d/2026.parquet"].columns == ["ts", "close", "symbol"]
    for name, frame in kept.items():
        assert frame["ts"].is_sorted(), name
        assert frame["ts"].is_unique().all(), name


async def test_what_is_kept_is_not_asked_for_again(tmp_path: Path) -> None:
    async with town(clock(NOW)) as venues:
        first = venues.backfill(tmp_path)
        await run(first)
        known, before = venues.closes.copy(), venues.asked
        venues.forget()
        second = venues.backfill(tmp_path)
        await run(second)
        assert venues.closes == known
        assert second.minutes == first.minutes
        # Of today alone: four pages of ETH and of BTC, and one of IWM and of SPY.
        assert len(venues.asked) == 10
        assert not [path for path in venues.asked if "=3600" in path or "=1d" in path.lower()]
        assert len(before) > 25


async def test_another_day_is_added_to_what_is_kept(tmp_path: Path) -> None:
    async with town(clock(NOW)) as venues:
        backfill = venues.backfill(tmp_path)
        async with closing(backfill):
            await backfill.round()
            await asyncio.sleep(DAY / 10**9)
            venues.forget()
            await backfill.round()
        assert len([path for path in venues.coinbase.asked if "=3600" in path]) == 2
    assert venues.closes["ETH"][-1] == (
        at("2026-03-17T20:00:00"),
        price("ETH-USD", at("2026-03-17T20:00:00")),
    )
    assert venues.closes["IWM"][-1][0] == at("2026-03-17T20:00:00")
    assert "ETH/coinbase/1m/2026-03-17.parquet" in files(tmp_path)


async def test_a_kill_at_any_request_leaves_no_day_missing_or_doubled(tmp_path: Path) -> None:
    async with town(clock(NOW)) as venues:
        undisturbed = tmp_path / "undisturbed"
        await run(venues.backfill(undisturbed, back=15 * DAY))
        expected, requests = files(undisturbed), len(venues.asked)
        for killed_at in range(1, requests + 1):
            folder = tmp_path / str(killed_at)
            await _killed(venues, folder, killed_at)
            venues.forget()
            await run(venues.backfill(folder, back=15 * DAY))
            assert len(venues.asked) <= requests
            found = files(folder)
            assert found.keys() == expected.keys()
            assert all(found[name].equals(frame) for name, frame in expected.items())
            assert not list(folder.rglob("*.new"))


async def _killed(venues: Town, folder: Path, requests: int) -> None:
    """A run that ends once so many requests were made."""
    venues.forget()
    for server in venues.servers:
        server.latency = 0.05
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(run(venues.backfill(folder, back=15 * DAY)), name="run")
        while len(venues.asked) < requests:  # noqa: ASYNC110  # the servers tell nobody
            await asyncio.sleep(0.02)
        running.cancel()


async def test_where_a_venue_fails_in_the_middle_the_next_one_is_asked_for_all(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with town(clock(NOW)) as venues:
        venues.coinbase.faults = dict.fromkeys(range(3, 500), FORBIDDEN)
        backfill = venues.backfill(tmp_path, days=1, back=20 * DAY, only="ETH")
        assert await run(backfill)
    hours = at(NOW) - 15 * HOUR, at(NOW)
    assert backfill.minutes["ETH"].history == "kraken"
    assert {price for _, price in backfill.minutes["ETH"].prices} <= {
        price("ETHUSD", ts) for ts in range(hours[0] // MINUTE * MINUTE, hours[1], MINUTE)
    }
    assert venues.closes["ETH"] == [(ts, price("ETHUSD", ts)) for ts, _ in venues.closes["ETH"]]
    assert len(venues.closes["ETH"]) == 14
    assert "history: minutes of ETH: coinbase: HTTP 403" in caplog.text


async def test_where_all_fail_what_is_kept_of_one_of_them_is_taken(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with town(clock(NOW)) as venues:
        await run(venues.backfill(tmp_path, only="IWM"))
        known = venues.closes.pop("IWM")
        for server in venues.servers:
            server.down = too_many("3600")
        backfill = venues.backfill(tmp_path, only="IWM")
        async with closing(backfill):
            assert not await backfill.round()
            assert not await backfill.round()
    assert venues.closes["IWM"] == known
    assert {ts // DAY for ts, _ in backfill.minutes["IWM"].prices} == {at(NOW) // DAY - 1}
    [warning] = [r.message for r in caplog.records if r.levelname == "WARNING"]
    assert warning == (
        "history: minutes of IWM: alpaca-iex: HTTP 429 (it wants 3600 s of rest); "
        "yahoo: HTTP 429 (it wants 3600 s of rest)"
    )


async def test_where_there_is_nothing_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with town(clock(NOW)) as venues:
        venues.yahoo.down = FORBIDDEN
        backfill = venues.backfill(tmp_path, only="SPY")
        assert not await run(backfill)
    assert backfill.minutes == {}
    assert backfill.pending == set()
    assert venues.closes == {}
    assert sorted(caplog.messages) == [
        "history: closes of SPY: yahoo: HTTP 403",
        "history: minutes of SPY: yahoo: HTTP 403",
    ]


async def test_a_history_of_another_symbol_is_not_taken(tmp_path: Path) -> None:
    async with town(clock(NOW)) as venues:
        await run(venues.backfill(tmp_path, only="ETH"))
        for name, frame in files(tmp_path).items():
            other = frame.with_columns(pl.col("close") * 0.9, pl.lit("ETH-EUR").alias("symbol"))
            other.write_parquet(tmp_path / name)
        known = venues.closes.pop("ETH")
        await run(venues.backfill(tmp_path, only="ETH"))
        assert venues.closes["ETH"] == known


async def test_a_damaged_file_is_asked_for_anew(tmp_path: Path) -> None:
    async with town(clock(NOW)) as venues:
        await run(venues.backfill(tmp_path, only="ETH"))
        whole = files(tmp_path)
        for name in whole:
            (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:100])
        known = venues.closes.pop("ETH")
        await run(venues.backfill(tmp_path, only="ETH"))
        assert venues.closes["ETH"] == known
    assert all(files(tmp_path)[name].equals(frame) for name, frame in whole.items())


async def test_a_disk_that_refuses_costs_the_memory_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "ETH").write_text("not a folder")
    async with town(clock(NOW)) as venues:
        assert await run(venues.backfill(tmp_path, only="ETH"))
        assert len(venues.closes["ETH"]) == 40
    assert "history cannot be kept in" in caplog.text
