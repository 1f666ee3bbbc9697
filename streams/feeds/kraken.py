"""Kraken v2: trades, and the ticker at each change of the best bid or offer. No key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic

import msgspec

from streams.feeds.stamps import rfc3339
from streams.feeds.venue import Control, Message, Number, Venue, decoder, encode


class _Trade(msgspec.Struct, Generic[Number], gc=False):
    symbol: str
    price: Number
    qty: Number
    trade_id: int
    timestamp: str


class _Quote(msgspec.Struct, Generic[Number], gc=False):
    symbol: str
    bid: Number
    ask: Number
    timestamp: str | None = None


class _Status(msgspec.Struct, gc=False):
    system: str


class _Trades(msgspec.Struct, Generic[Number], gc=False, tag_field="channel", tag="trade"):
    data: list[_Trade[Number]]


class _Quotes(msgspec.Struct, Generic[Number], gc=False, tag_field="channel", tag="ticker"):
    data: list[_Quote[Number]]


class _Statuses(msgspec.Struct, gc=False, tag_field="channel", tag="status"):
    data: list[_Status]


class _Heartbeat(msgspec.Struct, gc=False, tag_field="channel", tag="heartbeat"):
    pass


_Frame = _Trades[Number] | _Quotes[Number] | _Statuses | _Heartbeat


class _Other(msgspec.Struct, gc=False):
    """An answer to a request, which names no channel, or a channel that we do not read."""

    channel: str = ""
    method: str = ""
    success: bool = True
    error: str = ""
    symbol: str | None = None


_CHANNELS = {"trade", "ticker", "status", "heartbeat"}
_HALTED = {"maintenance", "cancel_only", "post_only"}
"""States of the system in which nothing is matched."""
_HEARTBEAT = Control("heartbeat")


class Kraken(Venue[Number]):
    """Pairs by their v2 names (`ETH/USD`)."""

    name = "kraken"
    base = "wss://ws.kraken.com/v2"
    resolution = 1_000
    sequential = True

    def __init__(self, symbols: Sequence[str], number: type[Number]) -> None:
        super().__init__(symbols, number)
        self._frames: msgspec.json.Decoder[_Frame[Number]] = decoder(_Frame, number)
        self._others = msgspec.json.Decoder(_Other)

    def hello(self) -> tuple[str, ...]:
        """Trades from now on, and quotes."""
        trade = {"channel": "trade", "symbol": self.symbols, "snapshot": False}
        quote = {"channel": "ticker", "symbol": self.symbols, "event_trigger": "bbo"}
        return tuple(encode({"method": "subscribe", "params": p}) for p in (trade, quote))

    def _read(self, frame: bytes | msgspec.Raw, ts_recv: int) -> list[Message[Number]]:
        try:
            message = self._frames.decode(frame)
        except msgspec.ValidationError:
            other = self._others.decode(frame)
            if other.channel in _CHANNELS:
                raise
            return _answer(other)
        if isinstance(message, _Trades):
            return [self._one_trade(trade, ts_recv) for trade in message.data]
        if isinstance(message, _Quotes):
            return [item for quote in message.data for item in self._one_quote(quote, ts_recv)]
        if isinstance(message, _Statuses):
            return [_status(status.system) for status in message.data]
        return [_HEARTBEAT]

    def _one_trade(self, trade: _Trade[Number], ts_recv: int) -> Message[Number]:
        t, ts_event = trade, rfc3339(trade.timestamp)
        return self._trade(t.symbol, t.price, t.qty, ts_event, ts_recv, number=t.trade_id)

    def _one_quote(self, quote: _Quote[Number], ts_recv: int) -> list[Message[Number]]:
        ts_event = rfc3339(quote.timestamp) if quote.timestamp else None
        return self._quote(quote.symbol, quote.bid, quote.ask, ts_event, ts_recv)


def _answer(other: _Other) -> list[Message[Number]]:
    if other.error or not other.success:
        return [Control("error", other.error or "request refused", symbol=other.symbol)]
    return [Control("ack", other.method)] if other.method else []


def _status(system: str) -> Control:
    return Control("halt" if system in _HALTED else "resume", f"the exchange is in {system}")
