"""Coinbase Exchange: matches are trades, the ticker's best bid and ask are quotes. No key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic

import msgspec

from streams.feeds.stamps import rfc3339
from streams.feeds.venue import Control, Message, Number, Venue, decoder, encode


class _Match(msgspec.Struct, Generic[Number], gc=False, tag_field="type", tag="match"):
    product_id: str
    trade_id: int
    price: Number
    size: Number
    time: str


class _LastMatch(_Match[Number], Generic[Number], gc=False, tag_field="type", tag="last_match"):
    """The trade before we came: where the sequence starts."""


class _Ticker(msgspec.Struct, Generic[Number], gc=False, tag_field="type", tag="ticker"):
    product_id: str
    best_bid: Number
    best_ask: Number
    time: str


class _Heartbeat(msgspec.Struct, gc=False, tag_field="type", tag="heartbeat"):
    """Once a second; its sequence is not contiguous, so nothing is told from it."""


class _Subscriptions(msgspec.Struct, gc=False, tag_field="type", tag="subscriptions"):
    pass


class _Error(msgspec.Struct, gc=False, tag_field="type", tag="error"):
    message: str = ""
    reason: str = ""


_Frame = (
    _Match[Number] | _LastMatch[Number] | _Ticker[Number] | _Heartbeat | _Subscriptions | _Error
)


class _Tag(msgspec.Struct, gc=False):
    type: str


_TAGS = {"match", "last_match", "ticker", "heartbeat", "subscriptions", "error"}
_HEARTBEAT = Control("heartbeat")


class Coinbase(Venue[Number]):
    """Products by the exchange's own names (`ETH-USD`)."""

    name = "coinbase"
    base = "wss://ws-feed.exchange.coinbase.com"
    resolution = 1_000
    sequential = True

    def __init__(self, symbols: Sequence[str], number: type[Number]) -> None:
        super().__init__(symbols, number)
        self._frames: msgspec.json.Decoder[_Frame[Number]] = decoder(_Frame, number)
        self._tags = msgspec.json.Decoder(_Tag)

    def hello(self) -> tuple[str, ...]:
        """Has to arrive within 5 s."""
        channels = ["matches", "ticker", "heartbeat"]
        return (encode({"type": "subscribe", "product_ids": self.symbols, "channels": channels}),)

    def _read(self, frame: bytes | msgspec.Raw, ts_recv: int) -> list[Message[Number]]:
        try:
            message = self._frames.decode(frame)
        except msgspec.ValidationError:
            if self._tags.decode(frame).type in _TAGS:
                raise
            return []
        if isinstance(message, _Match):
            m, ts = message, rfc3339(message.time)
            return [self._trade(m.product_id, m.price, m.size, ts, ts_recv, number=m.trade_id)]
        if isinstance(message, _Ticker):
            t, ts = message, rfc3339(message.time)
            return self._quote(t.product_id, t.best_bid, t.best_ask, ts, ts_recv)
        return [_control(message)]


def _control(message: _Heartbeat | _Subscriptions | _Error) -> Control:
    if isinstance(message, _Heartbeat):
        return _HEARTBEAT
    if isinstance(message, _Subscriptions):
        return Control("ack", "subscribed")
    return Control("error", ": ".join(filter(None, (message.message, message.reason))))
