"""Alpaca v2: trades, quotes and trading statuses of US stocks. A key; a free one has IEX only.

IEX carries about 2 % of the volume: its quotes can be wide or old.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Generic
from zoneinfo import ZoneInfo

import msgspec

from streams.feeds.stamps import rfc3339
from streams.feeds.venue import (
    Control,
    FrameError,
    Message,
    Number,
    Secret,
    Venue,
    decoder,
    encode,
)

_NEW_YORK = ZoneInfo("America/New_York")
_HALT = {"H", "P", "2"}
_RESUME = {"T", "3"}
"""Of a status: letters on tape C, digits on tapes A and B."""


class _Message(msgspec.Struct, Generic[Number], gc=False):
    """Any message: one frame mixes kinds, and an unknown one must not cost us its neighbours."""

    kind: str = msgspec.field(name="T", default="")
    symbol: str = msgspec.field(name="S", default="")
    time: str = msgspec.field(name="t", default="")
    id: int | str | None = msgspec.field(name="i", default=None)
    price: Number | None = msgspec.field(name="p", default=None)
    size: Number | None = msgspec.field(name="s", default=None)
    bid: Number | None = msgspec.field(name="bp", default=None)
    ask: Number | None = msgspec.field(name="ap", default=None)
    status: str | int = msgspec.field(name="sc", default="")
    status_text: str = msgspec.field(name="sm", default="")
    reason_text: str = msgspec.field(name="rm", default="")
    text: str = msgspec.field(name="msg", default="")
    code: int | None = None


_Frame = list[_Message[Number]] | _Message[Number]

_REFUSALS = {
    401: "Alpaca has not been told the key: give key and secret",
    402: "Alpaca does not know the key: check key and secret, and that they belong together",
    405: "Alpaca: more symbols than the plan allows: name fewer, or change the plan",
    408: "Alpaca: this account has no access to market data v2: enable it in the dashboard",
    409: "Alpaca: the plan does not include this feed: choose `iex`, or change the plan",
}
_ERRORS = {
    404: "Alpaca did not receive the key in time",
    406: "Alpaca allows one connection for each endpoint, and another is open: close the other",
    407: "Alpaca finds us too slow a reader",
}


class Alpaca(Venue[Number]):
    """Stocks by ticker (`IWM`); `endpoint` is iex, sip, delayed_sip, test, boats or overnight."""

    name = "alpaca"
    base = "wss://stream.data.alpaca.markets"
    resolution = 1

    def __init__(
        self,
        symbols: Sequence[str],
        number: type[Number],
        *,
        key: Secret | None = None,
        secret: Secret | None = None,
        endpoint: str = "iex",
    ) -> None:
        super().__init__(symbols, number)
        self._key = key
        self._secret = secret
        self._endpoint = endpoint
        self._frames: msgspec.json.Decoder[_Frame[Number]] = decoder(_Frame, number)

    def url(self, base: str | None = None) -> str:
        """Overnight venues have a version of their own."""
        version = "v1beta1" if self._endpoint in {"boats", "overnight"} else "v2"
        return f"{base or self.base}/{version}/{self._endpoint}"

    def publishes(self, ts: int) -> bool:
        """IEX: from 08:00 to 17:00 in New York."""
        hour = datetime.fromtimestamp(ts // 1_000_000_000, UTC).astimezone(_NEW_YORK).hour
        return self._endpoint != "iex" or 8 <= hour < 17

    def secrets(self) -> tuple[str, ...]:
        """Key and secret."""
        return tuple(s.get_secret_value() for s in (self._key, self._secret) if s)

    def answer(self, control: Control) -> tuple[str, ...]:
        """Connected: the key. Authenticated: the subscription."""
        if control.kind != "ack":
            return ()
        if control.text == "connected" and self._key and self._secret:
            key, secret = self._key.get_secret_value(), self._secret.get_secret_value()
            return (encode({"action": "auth", "key": key, "secret": secret}),)
        if control.text == "authenticated":
            wanted = dict.fromkeys(("trades", "quotes", "statuses"), self.symbols)
            return (encode({"action": "subscribe", **wanted}),)
        return ()

    def _read(self, frame: bytes | msgspec.Raw, ts_recv: int) -> list[Message[Number]]:
        messages = self._frames.decode(frame)
        if isinstance(messages, _Message):
            return self._one(messages, ts_recv)
        return [item for message in messages for item in self._one(message, ts_recv)]

    def _one(self, message: _Message[Number], ts_recv: int) -> list[Message[Number]]:
        if message.kind == "t":
            return [self._one_trade(message, ts_recv)]
        if message.kind == "q":
            if message.bid is None or message.ask is None or not message.symbol:
                raise FrameError("a quote without a side or a symbol")
            ts_event = rfc3339(message.time)
            return self._quote(message.symbol, message.bid, message.ask, ts_event, ts_recv)
        return [*_control(message)]

    def _one_trade(self, message: _Message[Number], ts_recv: int) -> Message[Number]:
        m, ts_event = message, rfc3339(message.time)
        if m.price is None or not m.symbol:
            raise FrameError("a trade without a price or a symbol")
        return self._trade(m.symbol, m.price, m.size, ts_event, ts_recv, number=m.id)


def _control(message: _Message[Number]) -> Iterator[Control]:
    match message.kind:
        case "success":
            yield Control("ack", message.text)
        case "subscription":
            yield Control("ack", "subscribed")
        case "error":
            yield _error(message.code or 0, message.text)
        case "s":
            yield from _status(message)
        case _:
            pass


def _status(message: _Message[Number]) -> Iterator[Control]:
    code = str(message.status)
    text = f"{message.status_text} {message.reason_text}".strip()
    if code in _HALT:
        yield Control("halt", text, symbol=message.symbol)
    elif code in _RESUME:
        yield Control("resume", text, symbol=message.symbol)


def _error(code: int, text: str) -> Control:
    if code in _REFUSALS:
        return Control("refusal", f"{_REFUSALS[code]} (error {code})", code)
    return Control("error", f"{_ERRORS.get(code, f'Alpaca: {text}')} (error {code})", code)
