"""Finnhub: trades of US stocks, several a frame and not in order of time. A free key; no quotes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic
from urllib.parse import quote

import msgspec

from streams.feeds.stamps import epoch
from streams.feeds.venue import Control, Message, Number, Secret, Venue, decoder, encode


class _Trade(msgspec.Struct, Generic[Number], gc=False):
    symbol: str = msgspec.field(name="s")
    price: Number = msgspec.field(name="p")
    time: int = msgspec.field(name="t")
    size: Number | None = msgspec.field(name="v", default=None)


class _Trades(msgspec.Struct, Generic[Number], gc=False, tag_field="type", tag="trade"):
    data: list[_Trade[Number]]


class _Ping(msgspec.Struct, gc=False, tag_field="type", tag="ping"):
    pass


class _Error(msgspec.Struct, gc=False, tag_field="type", tag="error"):
    msg: str = ""


_Frame = _Trades[Number] | _Ping | _Error


class _Tag(msgspec.Struct, gc=False):
    type: str


_TAGS = {"trade", "ping", "error"}
_HEARTBEAT = Control("heartbeat")


class Finnhub(Venue[Number]):
    """Stocks by ticker (`IWM`). One connection for each key."""

    name = "finnhub"
    base = "wss://ws.finnhub.io"
    resolution = 1_000_000

    def __init__(
        self, symbols: Sequence[str], number: type[Number], *, token: Secret | None = None
    ) -> None:
        super().__init__(symbols, number)
        self._token = token
        self._frames: msgspec.json.Decoder[_Frame[Number]] = decoder(_Frame, number)
        self._tags = msgspec.json.Decoder(_Tag)

    def url(self, base: str | None = None) -> str:
        """The token stands in the query."""
        token = self._token.get_secret_value() if self._token else ""
        return f"{base or self.base}/?token={quote(token, safe='')}"

    def secrets(self) -> tuple[str, ...]:
        """The token, and the form that it has in a URL."""
        if self._token is None:
            return ()
        token = self._token.get_secret_value()
        return (token, quote(token, safe=""))

    def hello(self) -> tuple[str, ...]:
        """A frame for each symbol."""
        return tuple(encode({"type": "subscribe", "symbol": symbol}) for symbol in self.symbols)

    def _read(self, frame: bytes | msgspec.Raw, ts_recv: int) -> list[Message[Number]]:
        try:
            message = self._frames.decode(frame)
        except msgspec.ValidationError:
            if self._tags.decode(frame).type in _TAGS:
                raise
            return []
        if isinstance(message, _Trades):
            trade = self._trade
            return [trade(t.symbol, t.price, t.size, epoch(t.time), ts_recv) for t in message.data]
        if isinstance(message, _Error):
            return [Control("error", f"Finnhub: {message.msg}")]
        return [_HEARTBEAT]
