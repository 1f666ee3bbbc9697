"""The floor of decoding: the same frames into equivalent Structs, by msgspec alone.

Prices become floats and written times datetimes, all in C; nothing is checked, and no Tick made.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

Decode = Callable[[bytes], object]


class Match(msgspec.Struct, gc=False, tag_field="type", tag="match"):
    """Coinbase's trade."""

    product_id: str
    trade_id: int
    price: float
    size: float
    time: datetime


class Ticker(msgspec.Struct, gc=False, tag_field="type", tag="ticker"):
    """Coinbase's quote."""

    product_id: str
    best_bid: float
    best_ask: float
    time: datetime


class KrakenTrade(msgspec.Struct, gc=False):
    """Of a `trade` frame."""

    symbol: str
    price: float
    qty: float
    trade_id: int
    timestamp: datetime


class KrakenQuote(msgspec.Struct, gc=False):
    """Of a `ticker` frame."""

    symbol: str
    bid: float
    ask: float
    timestamp: datetime | None = None


class KrakenTrades(msgspec.Struct, gc=False, tag_field="channel", tag="trade"):
    """Kraken's trades."""

    data: list[KrakenTrade]


class KrakenQuotes(msgspec.Struct, gc=False, tag_field="channel", tag="ticker"):
    """Kraken's quotes."""

    data: list[KrakenQuote]


class BinanceData(msgspec.Struct, gc=False):
    """A trade or a quote: `a` is the one's id and the other's ask."""

    s: str
    a: float = 0.0
    b: float = 0.0
    p: float = 0.0
    q: float = 0.0
    t: int = 0
    T: int = 0


class Binance(msgspec.Struct, gc=False):
    """A frame of the combined stream."""

    stream: str
    data: BinanceData


class Alpaca(msgspec.Struct, gc=False):
    """A trade or a quote."""

    T: str
    S: str
    t: datetime
    i: int = 0
    p: float = 0.0
    s: float = 0.0
    bp: float = 0.0
    ap: float = 0.0


class FinnhubTrade(msgspec.Struct, gc=False):
    """Of a `trade` frame."""

    s: str
    p: float
    t: int
    v: float


class Finnhub(msgspec.Struct, gc=False):
    """Finnhub's trades."""

    type: str
    data: list[FinnhubTrade]


class Envelope(msgspec.Struct, gc=False):
    """Yahoo's wrapping."""

    message: str = ""


def _decode(shape: object) -> Decode:
    decoder: msgspec.json.Decoder[object] = msgspec.json.Decoder(shape, strict=False)
    return decoder.decode


_envelope = msgspec.json.Decoder(Envelope)


def _yahoo(frame: bytes) -> bytes:
    """Only the wrapping and base64: msgspec reads no protobuf."""
    return b64decode(_envelope.decode(frame).message if frame[:1] == b"{" else frame)


DECODERS: Mapping[str, Decode] = {
    "coinbase": _decode(Match | Ticker),
    "kraken": _decode(KrakenTrades | KrakenQuotes),
    "binance": _decode(Binance),
    "alpaca": _decode(list[Alpaca]),
    "finnhub": _decode(Finnhub),
    "yahoo": _yahoo,
}
