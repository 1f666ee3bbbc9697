"""Every tick of every recording, against a plain reading of the same file."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from streams.feeds.registry import VENUES
from streams.feeds.venue import FrameError
from streams.tick import Tick

Row = tuple[str, str, Decimal, Decimal | None, int, int | None]
"""Kind, symbol, price, size, time, id."""


def _json(file: Path) -> Iterator[Any]:
    for line in file.read_text().splitlines():
        yield json.loads(line, parse_float=Decimal)


def _ns(text: str) -> int:
    """Of a UTC time, by another road than the parser's."""
    whole, _, fraction = text.removesuffix("Z").partition(".")
    seconds = int(np.datetime64(whole, "s").astype(np.int64))
    return int(seconds * 10**9 + Fraction(f"0.{fraction or 0}") * 10**9)


def coinbase(file: Path) -> Iterator[Row]:
    for m in _json(file):
        if m["type"] in {"match", "last_match"}:
            price, size = Decimal(m["price"]), Decimal(m["size"])
            yield "trade", m["product_id"], price, size, _ns(m["time"]), m["trade_id"]


def kraken(file: Path) -> Iterator[Row]:
    for m in _json(file):
        for t in m["data"] if m.get("channel") == "trade" else ():
            yield "trade", t["symbol"], t["price"], t["qty"], _ns(t["timestamp"]), t["trade_id"]


def binance(file: Path) -> Iterator[Row]:
    for m in _json(file):
        if (d := m["data"])["e"] == "trade":
            yield "trade", d["s"], Decimal(d["p"]), Decimal(d["q"]), d["T"] * 10**6, d["t"]


def finnhub(file: Path) -> Iterator[Row]:
    for m in _json(file):
        for t in m["data"]:
            yield "trade", t["s"], Decimal(t["p"]), Decimal(t["v"]), t["t"] * 10**6, None


def alpaca(file: Path) -> Iterator[Row]:
    for line in file.read_text().splitlines():
        if line.startswith("> "):
            continue
        found = json.loads(line.removeprefix("< "), parse_float=Decimal)
        for m in found if isinstance(found, list) else [found]:
            if m.get("T") == "t":
                size = Decimal(m["s"])
                yield "trade", m["S"], m["p"], size, _ns(m["t"]), m["i"]
            if m.get("T") == "q":
                yield "quote", m["S"], (m["bp"] + m["ap"]) / 2, None, _ns(m["t"]), None


def yahoo(file: Path) -> Iterator[Row]:
    """The two payloads open alike: symbol of 7 letters, price, time."""
    for line in file.read_text().split():
        raw = base64.b64decode(line)
        (price,) = struct.unpack("<f", raw[10:14])
        zigzag = sum((byte & 0x7F) << 7 * i for i, byte in enumerate(raw[15:21]))
        yield "trade", "BTC-USD", Decimal(f"{price:.7g}"), None, zigzag // 2 * 10**6, None


@pytest.mark.parametrize(
    ("plain", "file", "count"),
    [
        (coinbase, "coinbase_exchange.ndjson", 261),
        (kraken, "kraken_v2.ndjson", 13),
        (binance, "binance.ndjson", 225),
        (finnhub, "finnhub.jsonl", 38),
        (alpaca, "alpaca_docs_stock_stream.txt", 6),
        (yahoo, "yahoo_streamer.base64.txt", 2),
    ],
)
@pytest.mark.parametrize("number", [Decimal, float])
def test_every_recorded_tick_is_exact(
    recorded: Path, plain: Any, file: str, count: int, number: type
) -> None:
    venue = VENUES[plain.__name__](symbols=(), number=number)
    found = []
    for line in (recorded / "wire" / file).read_bytes().splitlines():
        if not line.startswith(b"> "):
            found += venue.parse(line.removeprefix(b"< "), 7)
    ticks = [tick for tick in found if isinstance(tick, Tick)]
    expected = [
        (kind, symbol, number(price), None if size is None else number(size), ts, trade_id)
        for kind, symbol, price, size, ts, trade_id in plain(recorded / "wire" / file)
    ]
    assert len(ticks) == count
    rows = [(t.kind, t.symbol, t.size, t.ts_event, t.id) for t in ticks]
    assert rows == [row[:2] + row[3:] for row in expected]
    prices = [price for _, _, price, *_ in expected]
    # A mid of floats may differ from the exact one by its rounding.
    assert [t.price for t in ticks] == (
        prices if number is Decimal else pytest.approx(prices, 1e-15)
    )
    assert {type(t.price) for t in ticks} == {number}
    assert {(t.venue, t.ts_recv) for t in ticks} == {(plain.__name__, 7)}


def test_venues_digits_survive(recorded: Path) -> None:
    venue = VENUES["kraken"](symbols=(), number=Decimal)
    file = recorded / "wire" / "kraken_v2.ndjson"
    for line in file.read_bytes().splitlines():
        for tick in venue.parse(line, 0):
            if isinstance(tick, Tick):
                assert f'"qty":{tick.size:f},'.encode() in line
                assert f'"price":{tick.price:f},'.encode() in line


def test_another_venues_frames_are_not_mistaken_for_ticks(recorded: Path) -> None:
    for name in ("coinbase", "kraken", "binance", "alpaca", "finnhub"):
        venue = VENUES[name](symbols=(), number=float)
        for line in (recorded / "wire" / "bitstamp.recording.jsonl").read_bytes().splitlines():
            try:
                found = venue.parse(line, 0)
            except FrameError:
                continue
            assert not [tick for tick in found if isinstance(tick, Tick)]
