from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from daemon.archive.faults import faults, repaired
from daemon.archive.holdings import holdings
from daemon.archive.store import ArchiveError
from tests.daemon.archive.shelved import DAY, WEEK, close_of, closes, midnight, minutes, ticks


def texts(folder: Path) -> list[str]:
    return [fault.text.removeprefix(f"{folder}/") for fault in faults(folder)]


def spoil(path: Path, column: str, row: int, value: object) -> None:
    frame = pl.read_parquet(path)
    values = frame[column].to_list()
    values[row] = value
    kept = frame.with_columns(pl.Series(column, values, dtype=frame[column].dtype))
    kept.write_parquet(path)


def test_a_sound_archive_has_none(tmp_path: Path) -> None:
    ticks(tmp_path, "ETH/coinbase", WEEK)
    minutes(tmp_path, "IWM/alpaca-sip", WEEK)
    closes(tmp_path, "IWM/yahoo", WEEK)
    assert texts(tmp_path) == []


@pytest.mark.parametrize(
    ("row", "value", "message"),
    [
        (2, float("nan"), "3: no price"),
        (2, None, "3: no price"),
        (0, 0.0, "1: not a price"),
        (4, -1.0, "5: not a price"),
        (4, float("inf"), "5: not a price"),
    ],
)
def test_what_is_no_price_is_told_by_its_row(
    tmp_path: Path, row: int, value: float | None, message: str
) -> None:
    path = minutes(tmp_path, "IWM/yahoo", WEEK) / f"{WEEK[1]}.parquet"
    spoil(path, "close", row, value)
    (text,) = texts(tmp_path)
    assert text == (
        f"IWM/yahoo/1m/{WEEK[1]}.parquet:{message}; '--repair' sets it aside; it is fetched again"
    )


def test_a_close_without_a_time_or_far_from_its_year_is_told_and_says_nothing_of_the_rest(
    tmp_path: Path,
) -> None:
    (path,) = closes(tmp_path, "IWM/yahoo", WEEK).glob("*.parquet")
    spoil(path, "ts", 1, None)
    assert any(":2: no time" in text for text in texts(tmp_path))
    (held,) = holdings(tmp_path)
    known = held.missing
    spoil(path, "ts", 1, 2**62)
    assert any(":2: not of" in text for text in texts(tmp_path))
    assert len(texts(tmp_path)) < 6
    (held,) = holdings(tmp_path)
    assert held.missing == known


def test_a_file_of_no_rows_or_of_texts_is_no_end_of_the_check(tmp_path: Path) -> None:
    (path,) = closes(tmp_path, "IWM/yahoo", WEEK).glob("*.parquet")
    frame = pl.read_parquet(path)
    frame.clear().write_parquet(path)
    assert texts(tmp_path) == []
    frame.with_columns(pl.col("ts").cast(pl.String)).write_parquet(path)
    assert any("another type" in text for text in texts(tmp_path))


def test_a_name_that_is_no_date_is_no_file_of_the_archive(tmp_path: Path) -> None:
    folder = minutes(tmp_path, "IWM/yahoo", WEEK)
    (folder / "2026-13-45.parquet").write_bytes(b"x")
    assert texts(tmp_path) == []


def test_rows_out_of_order_and_bars_twice_are_told(tmp_path: Path) -> None:
    path = minutes(tmp_path, "IWM/yahoo", WEEK) / f"{WEEK[1]}.parquet"
    frame = pl.read_parquet(path)
    pl.concat([frame, frame.head(2)]).write_parquet(path)
    first, second = texts(tmp_path)
    assert "391: earlier than the row before" in first
    assert "391: a second bar of that time, and 1 more" in second


def test_the_same_tick_twice_is_told_and_two_of_one_instant_are_not(tmp_path: Path) -> None:
    path = ticks(tmp_path, "ETH/coinbase", WEEK[:1]) / f"{WEEK[0]}.parquet"
    spoil(path, "ts", 1, pl.read_parquet(path)["ts"][0])
    assert texts(tmp_path) == []
    frame = pl.read_parquet(path)
    pl.concat([frame, frame.tail(1)]).write_parquet(path)
    (text,) = texts(tmp_path)
    assert "6: the same tick again" in text
    assert "made again if its recordings are still there" in text


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "not a Parquet file"), (b"PAR1 no more", "not a Parquet file")],
)
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, content: bytes, message: str) -> None:
    path = ticks(tmp_path, "ETH/coinbase", WEEK) / f"{WEEK[2]}.parquet"
    path.write_bytes(content)
    (text,) = texts(tmp_path)
    assert text.startswith(f"ETH/coinbase/{WEEK[2]}.parquet: {message}")


def test_a_file_without_a_column_is_told(tmp_path: Path) -> None:
    path = ticks(tmp_path, "ETH/coinbase", WEEK[:1]) / f"{WEEK[0]}.parquet"
    pl.read_parquet(path).drop("price").write_parquet(path)
    assert "no column price" in texts(tmp_path)[0]


def test_missing_days_are_told_weekends_and_holidays_are_none(tmp_path: Path) -> None:
    days = [date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 25), date(2026, 11, 27)]
    ticks(tmp_path, "IWM/alpaca", days)
    (text,) = texts(tmp_path)
    assert text.startswith("IWM/alpaca/2026-11-24.parquet: not there; nothing was recorded then")


def test_a_market_with_weekends_lacks_every_day_that_is_not_there(tmp_path: Path) -> None:
    ticks(tmp_path, "ETH/coinbase", [date(2026, 11, day) for day in (20, 21, 24)])
    assert [text[13:23] for text in texts(tmp_path)] == ["2026-11-22", "2026-11-23"]


def test_a_day_without_prices_is_a_gap_too(tmp_path: Path) -> None:
    ticks(tmp_path, "IWM/alpaca", [WEEK[0], WEEK[2]])
    ticks(tmp_path, "IWM/alpaca", [WEEK[1]], count=0)
    (text,) = texts(tmp_path)
    assert text.startswith(f"IWM/alpaca/{WEEK[1]}.parquet: no price of that day")


def test_closes_that_are_missing_or_of_another_instant_are_told(tmp_path: Path) -> None:
    days = [WEEK[0], *WEEK[2:]]
    path = closes(tmp_path, "IWM/yahoo", days) / "2026.parquet"
    (text,) = texts(tmp_path)
    assert f"no close of {WEEK[1]}" in text
    spoil(path, "ts", 1, close_of(WEEK[2]) + 1)
    assert any("2: no instant at which a session closes" in text for text in texts(tmp_path))


def test_a_close_in_the_file_of_another_year_is_told(tmp_path: Path) -> None:
    path = closes(tmp_path, "IWM/yahoo", WEEK) / "2026.parquet"
    path.rename(path.with_stem("2025"))
    assert "1: not of 2025, and 4 more" in texts(tmp_path)[0]


def test_closes_at_midnight_are_of_a_market_that_never_closes(tmp_path: Path) -> None:
    path = tmp_path / "ETH" / "kraken" / "1d" / "2026.parquet"
    path.parent.mkdir(parents=True)
    stamps = [midnight(WEEK[0]) + n * DAY for n in range(8)]
    pl.DataFrame({"ts": stamps, "close": [1.0] * 8}).write_parquet(path)
    assert texts(tmp_path) == []


def test_repair_sets_damaged_files_aside_and_no_others(tmp_path: Path) -> None:
    folder = ticks(tmp_path, "ETH/coinbase", [WEEK[0], WEEK[1], WEEK[3]])
    bad = folder / f"{WEEK[1]}.parquet"
    bad.write_bytes(b"x")
    moved = repaired(list(faults(tmp_path)))
    assert moved == {bad: bad.with_name(f"{bad.name}.bad")}
    assert sorted(path.name for path in folder.iterdir()) == [
        f"{WEEK[0]}.parquet",
        f"{WEEK[1]}.parquet.bad",
        f"{WEEK[3]}.parquet",
    ]
    assert all(not fault.damaged for fault in faults(tmp_path))


def test_no_folder_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="no such folder"):
        list(faults(tmp_path / "none"))
