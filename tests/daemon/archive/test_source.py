from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from daemon.archive.holdings import holdings
from daemon.archive.source import Span, chosen, export, prices
from daemon.archive.store import ArchiveError, Kind
from streams.history.prices import read_prices
from tests.daemon.archive.shelved import (
    DAY,
    MINUTE,
    WEEK,
    close_of,
    closes,
    midnight,
    minutes,
    ticks,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """ETH of two venues and IWM of one; ticks of ETH alone."""
    ticks(tmp_path, "ETH/coinbase", WEEK[:2])
    minutes(tmp_path, "ETH/coinbase", WEEK)
    minutes(tmp_path, "ETH/kraken", WEEK[:3], seed=2)
    minutes(tmp_path, "IWM/alpaca-sip", WEEK, seed=3)
    closes(tmp_path, "IWM/alpaca-sip", WEEK)
    return tmp_path


def test_what_is_there_is_listed_by_symbol_venue_and_kind(folder: Path) -> None:
    found = {(h.symbol, h.venue, h.kind): h for h in holdings(folder)}
    assert list(found) == [
        ("ETH", "coinbase", Kind.TICKS),
        ("ETH", "coinbase", Kind.MINUTES),
        ("ETH", "kraken", Kind.MINUTES),
        ("IWM", "alpaca-sip", Kind.MINUTES),
        ("IWM", "alpaca-sip", Kind.DAYS),
    ]
    minute = found["IWM", "alpaca-sip", Kind.MINUTES]
    assert (minute.first, minute.last) == ("2026-11-16", "2026-11-20")
    assert (minute.files, minute.rows, minute.missing) == (5, 5 * 390, ())
    daily = found["IWM", "alpaca-sip", Kind.DAYS]
    assert (daily.first, daily.last, daily.rows) == ("2026-11-16", "2026-11-20", 5)


def test_gaps_and_unreadable_files_are_listed(folder: Path) -> None:
    path = folder / "IWM" / "alpaca-sip" / "1m" / f"{WEEK[1]}.parquet"
    path.unlink()
    path.with_stem(f"{WEEK[2]}").write_bytes(b"x")
    (one,) = [h for h in holdings(folder) if h.symbol == "IWM" and h.kind is Kind.MINUTES]
    assert one.missing == ("2026-11-17", "2026-11-18")
    assert one.unreadable == ("2026-11-18.parquet",)


@pytest.mark.parametrize(
    ("texts", "names"),
    [
        (["ETH"], ["ETH@coinbase:ticks"]),
        (["ETH", "IWM"], ["ETH@coinbase:1m", "IWM@alpaca-sip:1m"]),
        (["ETH@kraken"], ["ETH@kraken:1m"]),
        (["IWM:1d"], ["IWM@alpaca-sip:1d"]),
        (["ETH:ticks", "IWM"], ["ETH@coinbase:ticks", "IWM@alpaca-sip:1m"]),
    ],
)
def test_the_finest_kind_that_all_have_of_the_venue_with_the_most_days(
    folder: Path, texts: list[str], names: list[str]
) -> None:
    assert [shelf.name for shelf in chosen([folder], texts)] == names


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("BTC", "BTC is not in .*; there is ETH@coinbase:ticks, "),
        ("ETH@yahoo", "ETH@yahoo is not in"),
        ("ETH:2m", "after the colon stands one of ticks, 1m, 1d"),
        ("@kraken", "names no symbol"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(folder: Path, text: str, said: str) -> None:
    with pytest.raises(ArchiveError, match=said):
        chosen([folder], [text])


def test_prices_are_those_of_the_files_in_order(folder: Path) -> None:
    minute, daily, tick = (
        prices(*chosen([folder], [text])) for text in ("IWM:1m", "IWM:1d", "ETH:ticks")
    )
    assert (minute.bar, daily.bar, tick.bar) == (MINUTE, DAY, 0)
    assert len(minute.ts) == 5 * 390
    assert (np.diff(minute.ts) > 0).all()
    assert int(minute.ts[-1]) == close_of(WEEK[-1])
    assert daily.ts.tolist() == [midnight(day) + DAY for day in WEEK]
    assert len(tick.ts) == 10


def test_a_damaged_file_is_a_sentence_that_says_how_to_find_it(folder: Path) -> None:
    path = folder / "IWM" / "alpaca-sip" / "1m" / f"{WEEK[1]}.parquet"
    path.write_bytes(b"x")
    with pytest.raises(ArchiveError, match="comove archive check"):
        prices(*chosen([folder], ["IWM:1m"]))


@pytest.mark.parametrize("text", ["IWM:1m", "IWM:1d", "ETH:ticks"])
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_an_export_is_read_as_the_archive_itself(
    folder: Path, tmp_path: Path, text: str, ending: str
) -> None:
    (shelf,) = chosen([folder], [text])
    out = tmp_path / f"out.{ending}"
    count = export(shelf, Span(), out)
    mine, its = read_prices(out), prices(shelf)
    assert count == len(its.ts)
    assert mine.ts.tolist() == its.ts.tolist()
    assert mine.price.tolist() == pytest.approx(its.price.tolist())
    assert mine.bar == its.bar


@pytest.mark.parametrize(("text", "rows"), [("IWM:1m", 2 * 390), ("IWM:1d", 2), ("ETH:ticks", 5)])
def test_days_may_be_chosen(folder: Path, tmp_path: Path, text: str, rows: int) -> None:
    (shelf,) = chosen([folder], [text])
    out = tmp_path / "out.csv"
    assert export(shelf, Span(WEEK[1], WEEK[2]), out) == rows
    with pytest.raises(ArchiveError, match="no prices of these days"):
        export(shelf, Span(date(2027, 1, 1)), out)


def test_files_with_and_without_candles_are_one(folder: Path, tmp_path: Path) -> None:
    path = folder / "IWM" / "alpaca-sip" / "1m" / f"{WEEK[1]}.parquet"
    pl.read_parquet(path).with_columns(open=pl.col("close")).write_parquet(path)
    (shelf,) = chosen([folder], ["IWM:1m"])
    assert export(shelf, Span(), tmp_path / "out.csv") == 5 * 390
    assert len(prices(shelf).ts) == 5 * 390
