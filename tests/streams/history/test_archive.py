from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from streams.history.archive import archive, days_over, owners
from streams.history.prices import read_prices
from streams.history.recording import RecordingError
from streams.history.reel import Reel, Said
from streams.instrument import NS, Instrument, Route
from streams.redaction import Redaction

DAY = 86_400 * NS
START = 20_529 * DAY  # 2026-03-17
TRADES = Instrument("ETH", "24/7", (Route("coinbase", "ETH-USD"), Route("kraken", "ETH/USD")))
KNOWN = owners([TRADES])


def match(number: int, price: str, time: str) -> str:
    frame = {"type": "match", "trade_id": number, "product_id": "ETH-USD", "size": "0.5"}
    return json.dumps(frame | {"price": price, "time": time, "sequence": number})


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """A day and the beginning of the next, on one connection; a trade comes twice."""
    reel = Reel(tmp_path / "coinbase", "coinbase", "wss://c", Redaction([]), 10**9)
    said = [
        Said("connect", START),
        Said("recv", START + 10 * NS, match(1, "2000.5", "2026-03-17T00:00:09.123456Z")),
        Said("recv", START + 12 * NS, match(3, "2001", "2026-03-17T00:00:11Z")),
        Said("recv", START + 13 * NS, match(3, "2001", "2026-03-17T00:00:11Z")),
        Said("recv", START + DAY, match(4, "2002", "2026-03-18T00:00:00Z")),
    ]
    reel.write(said)
    reel.close()
    return tmp_path


def test_a_day_that_is_over_becomes_a_price_file(recordings: Path, tmp_path: Path) -> None:
    made = archive(recordings, tmp_path / "archive", KNOWN, START + DAY)
    assert made == [tmp_path / "archive" / "ETH" / "coinbase" / "2026-03-17.parquet"]
    assert pl.read_parquet(made[0]).rows(named=True) == [
        {
            "ts": START + 9_123_456_000,
            "price": 2000.5,
            "size": 0.5,
            "bid": None,
            "ask": None,
            "ts_recv": START + 10 * NS,
            "id": "1",
        },
        {
            "ts": START + 11 * NS,
            "price": 2001.0,
            "size": 0.5,
            "bid": None,
            "ask": None,
            "ts_recv": START + 12 * NS,
            "id": "3",
        },
    ]


def test_study_reads_it(recordings: Path, tmp_path: Path) -> None:
    (path,) = archive(recordings, tmp_path / "archive", KNOWN, START + DAY)
    prices = read_prices(path)
    assert prices.bar == 0
    assert prices.price.tolist() == [2000.5, 2001.0]
    assert prices.ts.tolist() == [START + 9_123_456_000, START + 11 * NS]


def test_a_day_that_goes_on_waits(recordings: Path, tmp_path: Path) -> None:
    assert archive(recordings, tmp_path / "archive", KNOWN, START + DAY - 1) == []
    assert [day.name for day in days_over(recordings, START + 2 * DAY)] == [
        "2026-03-17",
        "2026-03-18",
    ]


def test_what_is_there_is_not_made_again_and_what_was_broken_off_is(
    recordings: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "archive"
    (path,) = archive(recordings, folder, KNOWN, START + DAY)
    path.with_suffix(".new").write_bytes(b"half of")
    assert archive(recordings, folder, KNOWN, START + DAY) == []
    path.unlink()
    assert archive(recordings, folder, KNOWN, START + DAY) == [path]
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_day_without_ticks_of_a_symbol_is_done_too(recordings: Path, tmp_path: Path) -> None:
    btc = Instrument("BTC", "24/7", (Route("coinbase", "BTC-USD"),))
    folder = tmp_path / "archive"
    (path,) = archive(recordings, folder, owners([btc]), START + DAY)
    assert pl.read_parquet(path).is_empty()
    assert archive(recordings, folder, owners([btc]), START + DAY) == []


def test_an_unreadable_recording_is_a_sentence_and_the_other_days_are_archived(
    recordings: Path, tmp_path: Path
) -> None:
    (recordings / "coinbase" / "2026-03-17T000000Z.jsonl.zst").write_bytes(b"nothing compressed")
    with pytest.raises(RecordingError, match="not compressed with zstandard"):
        archive(recordings, tmp_path / "archive", KNOWN, START + 2 * DAY)
    made = [path.name for path in (tmp_path / "archive" / "ETH" / "coinbase").iterdir()]
    assert made == ["2026-03-18.parquet"]
