from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from streams.history.prices import PriceFileError, read_prices
from streams.instrument import NS

EPOCH = 1_773_756_000
"""2026-03-17 14:00 UTC, 10:00 in New York."""
MINUTES = [EPOCH + 60 * n for n in range(4)]
CLOSES = [2000.5, 2001.25, 1999.0, 2000.0]


def written(folder: Path, *lines: str, name: str = "prices.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def headed(folder: Path, header: str, stamps: list[str]) -> Path:
    rows = [f"{ts},{close}" for ts, close in zip(stamps, CLOSES, strict=True)]
    return written(folder, header, *rows)


def seconds(path: Path, *, tz: str = "UTC") -> list[float]:
    """The file's stamps as they were written, without the shift to the bars' ends."""
    prices = read_prices(path, tz=tz, bar_stamp="end")
    return [ts / NS for ts in prices.ts.tolist()]


def utc(epoch: int, form: str) -> str:
    return (datetime(1970, 1, 1) + timedelta(seconds=epoch)).strftime(form)  # noqa: DTZ001  # naive is what is written


@pytest.mark.parametrize(
    "header",
    ["Datetime,Close", "date,close", "timestamp,price", "ts,LAST", "TIME,Mid", "TS,Price"],
)
def test_columns_are_found_by_any_of_their_names_in_any_case(tmp_path: Path, header: str) -> None:
    prices = read_prices(headed(tmp_path, header, [str(ts) for ts in MINUTES]), bar_stamp="end")
    assert prices.price.tolist() == CLOSES
    assert (prices.ts // NS).tolist() == MINUTES


def test_a_close_is_preferred_to_other_columns_and_their_order_does_not_matter(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, "Volume,Price,Close,Datetime", f"9,1,2000.5,{EPOCH}")
    assert read_prices(path).price.tolist() == [2000.5]


def test_without_a_header_the_columns_are_epoch_open_high_low_close(tmp_path: Path) -> None:
    rows = [f"{ts},1,3,0.5,{close},9" for ts, close in zip(MINUTES, CLOSES, strict=True)]
    prices = read_prices(written(tmp_path, *rows), bar_stamp="end")
    assert prices.price.tolist() == CLOSES
    assert (prices.ts // NS).tolist() == MINUTES


@pytest.mark.parametrize("factor", [1, 1000, 10**6, NS], ids=["s", "ms", "us", "ns"])
def test_epochs_are_told_apart_by_their_size(tmp_path: Path, factor: int) -> None:
    path = headed(tmp_path, "ts,close", [str(ts * factor) for ts in MINUTES])
    assert seconds(path) == MINUTES


def test_nanoseconds_keep_their_last_digit(tmp_path: Path) -> None:
    stamps = [EPOCH * NS + 123_456_789 + n for n in range(4)]
    path = headed(tmp_path, "ts,close", [str(ts) for ts in stamps])
    assert read_prices(path).ts.tolist() == stamps


def test_fractions_of_an_epoch_second_are_kept(tmp_path: Path) -> None:
    path = headed(tmp_path, "ts,close", [f"{EPOCH + n}.123456789" for n in range(4)])
    stamps = read_prices(path, bar_stamp="end").ts.tolist()
    assert stamps == [(EPOCH + n) * NS + 123_456_789 for n in range(4)]


@pytest.mark.parametrize(
    "form", ["%Y-%m-%d %H:%M:%S+00:00", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S.000000+00:00"]
)
def test_iso_times_with_a_zone_need_no_other(tmp_path: Path, form: str) -> None:
    path = headed(tmp_path, "Datetime,close", [utc(ts, form) for ts in MINUTES])
    assert seconds(path, tz="America/New_York") == MINUTES


def test_naive_times_are_in_the_clock_that_is_named(tmp_path: Path) -> None:
    path = headed(
        tmp_path, "Datetime,close", [utc(ts - 4 * 3600, "%Y-%m-%d %H:%M:%S") for ts in MINUTES]
    )
    assert seconds(path, tz="America/New_York") == MINUTES
    assert seconds(path) == [ts - 4 * 3600 for ts in MINUTES]


@pytest.mark.parametrize(("stamp", "shift"), [("start", 60), ("end", 0)])
def test_bars_are_stamped_at_their_end(tmp_path: Path, stamp: str, shift: int) -> None:
    path = headed(tmp_path, "ts,close", [str(ts) for ts in MINUTES])
    prices = read_prices(path, bar_stamp="start" if stamp == "start" else "end")
    assert prices.bar == 60 * NS
    assert (prices.ts // NS).tolist() == [ts + shift for ts in MINUTES]


def test_ticks_have_no_length_and_are_not_shifted(tmp_path: Path) -> None:
    path = headed(tmp_path, "ts,price", [str(EPOCH + s) for s in (0, 1.3, 7.1, 7.4)])
    prices = read_prices(path)
    assert prices.bar == 0
    assert prices.ts[0] == EPOCH * NS


def test_bars_out_of_order_are_sorted_and_of_repeated_ones_the_last_is_kept(
    tmp_path: Path,
) -> None:
    rows = [(0, 1.0), (60, 2.0), (180, 4.0), (120, 3.0), (60, 2.5), (240, 5.0)]
    path = written(tmp_path, "ts,close", *[f"{EPOCH + s},{price}" for s, price in rows])
    prices = read_prices(path)
    assert prices.price.tolist() == [1.0, 2.5, 3.0, 4.0, 5.0]
    assert (prices.unordered, prices.duplicates) == (2, 1)
    assert (np.diff(prices.ts) == 60 * NS).all()


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("tz", [None, "UTC", "America/New_York"])
def test_parquet_times_of_every_precision_are_read(tmp_path: Path, unit: str, tz: str) -> None:
    stamps = pl.Series("Datetime", [ts * NS for ts in MINUTES]).cast(pl.Datetime("ns"))
    stamps = stamps.cast(pl.Datetime("ms" if unit == "ms" else "us" if unit == "us" else "ns"))
    if tz is not None:
        stamps = stamps.dt.replace_time_zone("UTC").dt.convert_time_zone(tz)
    path = tmp_path / "prices.parquet"
    pl.DataFrame([stamps, pl.Series("Close", CLOSES)]).write_parquet(path)
    assert seconds(path) == MINUTES
    assert read_prices(path).price.tolist() == CLOSES


def test_days_in_parquet_begin_at_midnight_of_the_clock_that_is_named(tmp_path: Path) -> None:
    days = [datetime(2026, 3, d).date() for d in (16, 17, 18, 19)]  # noqa: DTZ001  # a date has no zone
    path = tmp_path / "days.parquet"
    pl.DataFrame({"date": days, "close": CLOSES}).write_parquet(path)
    midnight = EPOCH - 14 * 3600
    assert seconds(path) == [midnight + 86_400 * n for n in (-1, 0, 1, 2)]
    assert seconds(path, tz="America/New_York")[1] == midnight + 4 * 3600


@pytest.mark.parametrize(
    ("lines", "place", "words"),
    [
        ((), "", "the file is empty"),
        (("ts,close",), "", "the file holds no prices"),
        (("ts,close", "nan,2"), ":2", "not a time: 'nan'"),
        (("volume,close", "1,2"), ":1", "no time column"),
        (("ts,volume", f"{EPOCH},2"), ":1", "no price column"),
        ((f"{EPOCH},1,2",), ":1", "without a header"),
        (("ts,close", f"{EPOCH},2", f"{EPOCH + 60},abc"), ":3", "not a price: 'abc'"),
        (("ts,close", f"{EPOCH},2", f"{EPOCH + 60},"), ":3", "not a price: None"),
        (("ts,close", f"{EPOCH},-2"), ":2", "not a price: '-2'"),
        (("ts,close", f"{EPOCH},0"), ":2", "not a price: '0'"),
        (("ts,close", f"{EPOCH},nan"), ":2", "not a price: 'nan'"),
        (("ts,close", f"{EPOCH},inf"), ":2", "not a price: 'inf'"),
        (("ts,close", f"{EPOCH},2", "yesterday,2"), ":3", "not a time: 'yesterday'"),
        (("date,close", "2026-03-17,2", ",3"), ":3", "not a time: None"),
        ((f"{EPOCH},1,2,0.5,1.5,9", f"{EPOCH + 60},1,2,0.5,x,9"), ":2", "not a price: 'x'"),
        (("ts,close", f"{EPOCH},2,3,4"), "", "not a table"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_file_and_line(
    tmp_path: Path, lines: tuple[str, ...], place: str, words: str
) -> None:
    path = written(tmp_path, *lines) if lines else tmp_path / "empty.csv"
    path.touch()
    with pytest.raises(PriceFileError) as caught:
        read_prices(path)
    assert str(caught.value).startswith(f"{path}{place}: {words}")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PriceFileError, match=r"none\.csv: No such file"):
        read_prices(tmp_path / "none.csv")


@pytest.mark.parametrize("content", [b"PAR1 and no more", bytes(range(256)) * 8])
def test_a_file_that_is_no_parquet_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "prices.parquet"
    path.write_bytes(content)
    with pytest.raises(PriceFileError, match=r"prices\.parquet: not a table"):
        read_prices(path)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_bytes(b"ts,close\n\xff\xfe\x00,2\n")
    with pytest.raises(PriceFileError):
        read_prices(path)
