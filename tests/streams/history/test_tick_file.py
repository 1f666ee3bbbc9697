from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.history.prices import read_prices
from streams.history.tick_file import TickFile
from streams.instrument import NS
from streams.tick import Tick

START = 1_773_705_600 * NS
MINUTE = 60


def trade(second: float, number: int | str | None, price: float = 2000.0) -> Tick[float]:
    ts = START + round(second * NS)
    return Tick("trade", "coinbase", "ETH-USD", price, 0.5, None, None, ts, ts + 1000, number)


def written(folder: Path, ticks: list[Tick[float]], part: int = 3) -> pl.DataFrame:
    path = folder / "ETH" / "coinbase" / "2026-03-17.parquet"
    file = TickFile(path, part=part)
    for tick in ticks:
        file.append(tick)
    file.finish()
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    return pl.read_parquet(path)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 9)), max_size=40),
    st.integers(1, 12),
)
def test_each_tick_is_there_once_in_order_of_time_however_it_was_parted(
    tmp_path_factory: pytest.TempPathFactory, told: list[tuple[int, int]], part: int
) -> None:
    ticks = [trade(second, number) for second, number in told]
    frame = written(tmp_path_factory.mktemp("day"), ticks, part)
    expected = sorted({(START + second * NS, str(number)) for second, number in told})
    assert sorted(frame.select("ts", "id").iter_rows()) == expected
    assert frame["ts"].is_sorted()


def test_ticks_of_one_instant_stay_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    ticks = [trade(n // 4, n, 2000.0 + n) for n in range(12)]
    assert written(tmp_path, ticks)["price"].to_list() == [2000.0 + n for n in range(12)]


def test_the_same_id_at_another_time_or_price_is_another_trade(tmp_path: Path) -> None:
    ticks = [trade(1, "7"), trade(2, "7"), trade(2, "7", 2001.0), trade(2, "7")]
    assert len(written(tmp_path, ticks)) == 3


def test_ticks_without_an_id_are_all_kept(tmp_path: Path) -> None:
    assert len(written(tmp_path, [trade(1, None), trade(1, None), trade(2, None)])) == 3


def test_what_the_venue_does_not_give_is_null(tmp_path: Path) -> None:
    quote = Tick("quote", "alpaca", "IWM", 250.0, None, 249.9, 250.1, None, START)
    (row,) = written(tmp_path, [quote]).rows(named=True)
    assert row == {
        "ts": START,
        "price": 250.0,
        "size": None,
        "bid": 249.9,
        "ask": 250.1,
        "ts_recv": START,
        "id": None,
    }


def test_a_tick_that_comes_hours_late_is_put_in_its_place(tmp_path: Path) -> None:
    ticks = [trade(MINUTE * n, n) for n in range(9)] + [trade(1, 99)]
    ids = written(tmp_path, ticks)["id"].to_list()
    assert ids == ["0", "99", *map(str, range(1, 9))]


def test_a_day_without_ticks_is_an_empty_price_file(tmp_path: Path) -> None:
    frame = written(tmp_path, [])
    assert frame.is_empty()
    assert frame.schema["ts"] == pl.Int64
    assert frame.schema["id"] == pl.String


def test_what_was_broken_off_is_begun_anew_or_discarded(tmp_path: Path) -> None:
    path = tmp_path / "2026-03-17.parquet"
    for number in range(9):
        broken = TickFile(path, part=2)
        for n in range(number):
            broken.append(trade(MINUTE * n, n))
    assert path.with_suffix(".parts").is_dir()
    broken.discard()
    assert list(tmp_path.iterdir()) == []
    last = TickFile(path, part=2)
    last.append(trade(1, 1))
    last.finish()
    assert read_prices(path).ts.tolist() == [START + NS]
