from __future__ import annotations

from math import nan
from pathlib import Path

import polars as pl
import pytest

from streams.history.backfill.cache import add, read, write
from streams.history.backfill.source import Bar

DAY = "2026-03-17"
BARS = [Bar(ts=60 * minute, close=100.0 + minute) for minute in range(1, 31)]


def known(folder: Path) -> dict[str, list[tuple[int, float]]]:
    return read(folder, [DAY, "2026-03-18"], "IWM")


def test_what_was_written_is_read_for_its_symbol_alone(tmp_path: Path) -> None:
    write(tmp_path, {DAY: BARS}, "IWM")
    assert known(tmp_path) == {DAY: [(bar.ts, bar.close) for bar in BARS]}
    assert read(tmp_path, [DAY], "SPY") == {}


@pytest.mark.parametrize("price", [nan, -1.0, 0.0, None])
def test_a_day_with_a_price_that_is_none_is_not_there(tmp_path: Path, price: float | None) -> None:
    write(tmp_path, {DAY: BARS}, "IWM")
    path = tmp_path / f"{DAY}.parquet"
    frame = pl.read_parquet(path)
    closes = pl.Series("close", [price, *frame["close"].to_list()[1:]], dtype=pl.Float64)
    frame.with_columns(closes).write_parquet(path)
    assert known(tmp_path) == {}
    add(tmp_path, {DAY: BARS[:2]}, "IWM")
    assert known(tmp_path) == {DAY: [(bar.ts, bar.close) for bar in BARS[:2]]}


def test_a_day_damaged_anywhere_is_not_there_or_sound(tmp_path: Path) -> None:
    write(tmp_path, {DAY: BARS}, "IWM")
    path = tmp_path / f"{DAY}.parquet"
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        for prices in known(tmp_path).values():
            assert all(0.0 < price < float("inf") for _, price in prices)
