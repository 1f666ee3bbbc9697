"""Binance spot: aggregated trades and the best bid and offer, of the public data endpoint. No key.

USDT is not USD: an `ETHUSDT` price differs from an `ETH-USD` one by a basis.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic

import msgspec

from streams.feeds.stamps import epoch
from streams.feeds.venue import Control, Message, Number, Venue, decoder


class _AggTrade(msgspec.Struct, Generic[Number], gc=False):
    symbol: str = msgspec.field(name="s")
    id: int = msgspec.field(name="a")
    price: Number = msgspec.field(name="p")
    size: Number = msgspec.field(name="q")
    time: int = msgspec.field(name="T")


class _Trade(_AggTrade[Number], Generic[Number], gc=False):
    id: int = msgspec.field(name="t")


class _Book(msgspec.Struct, Generic[Number], gc=False):
    """The best bid and offer: without a time."""

    symbol: str = msgspec.field(name="s")
    bid: Number = msgspec.field(name="b")
    ask: Number = msgspec.field(name="a")


class _Fault(msgspec.Struct, gc=False):
    code: int | None = None
    msg: str = ""


class _Head(msgspec.Struct, gc=False):
    """What tells frames apart: the stream's name where combined, else the event's."""

    stream: str = ""
    data: msgspec.Raw = msgspec.Raw()
    event: str = msgspec.field(name="e", default="")
    bid_size: msgspec.Raw = msgspec.field(name="B", default=msgspec.Raw())
    error: _Fault | None = None


class Binance(Venue[Number]):
    """Symbols by the exchange's own names (`ETHUSDT`)."""

    name = "binance"
    base = "wss://data-stream.binance.vision"
    resolution = 1_000_000
    sequential = True

    def __init__(self, symbols: Sequence[str], number: type[Number]) -> None:
        super().__init__([symbol.upper() for symbol in symbols], number)
        self._heads = msgspec.json.Decoder(_Head)
        trades: msgspec.json.Decoder[_AggTrade[Number]] = decoder(_AggTrade, number)
        single: msgspec.json.Decoder[_AggTrade[Number]] = decoder(_Trade, number)
        self._trades = {"aggTrade": trades, "trade": single}
        self._books: msgspec.json.Decoder[_Book[Number]] = decoder(_Book, number)

    def url(self, base: str | None = None) -> str:
        """The subscription stands in the path."""
        names = (
            f"{symbol.lower()}@{kind}"
            for symbol in self.symbols
            for kind in ("aggTrade", "bookTicker")
        )
        return f"{base or self.base}/stream?streams={'/'.join(names)}"

    def _read(self, frame: bytes | msgspec.Raw, ts_recv: int) -> list[Message[Number]]:
        head = self._heads.decode(frame)
        kind = head.stream.partition("@")[2] or head.event
        payload = head.data if head.stream else frame
        if trades := self._trades.get(kind):
            t = trades.decode(payload)
            return [self._trade(t.symbol, t.price, t.size, epoch(t.time), ts_recv, number=t.id)]
        if kind == "bookTicker" or (not kind and bytes(head.bid_size)):
            book = self._books.decode(payload)
            return self._quote(book.symbol, book.bid, book.ask, None, ts_recv)
        if head.error is not None:
            return [Control("error", head.error.msg, head.error.code)]
        if b'"serverShutdown"' in bytes(payload)[:200]:
            return [Control("reconnect", "the server shuts down")]
        return []
