"""Yahoo's streamer: base64 of a protobuf message, read by hand. No key, unofficial.

Prices are float32: they are taken in their shortest decimal form. Its times are of Yahoo's own
polling. It goes silent after 20 to 25 minutes, and wants the subscription again every 15 s.
"""

from __future__ import annotations

from binascii import a2b_base64
from collections.abc import Iterator, Sequence
from struct import unpack_from

import msgspec
import numpy as np

from streams.feeds.stamps import epoch
from streams.feeds.venue import FrameError, Message, Number, Venue, encode

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

Field = tuple[int, int, int | bytes]
"""Number, wire type, and a varint's value or the raw bytes."""


class _Envelope(msgspec.Struct, gc=False):
    message: str = ""


class Yahoo(Venue[Number]):
    """Anything by Yahoo's own names (`IWM`, `ETH-USD`)."""

    name = "yahoo"
    base = "wss://streamer.finance.yahoo.com"
    resolution = 1_000_000
    polled = True
    resend_every = 15.0

    def __init__(self, symbols: Sequence[str], number: type[Number]) -> None:
        super().__init__(symbols, number)
        self._envelopes = msgspec.json.Decoder(_Envelope)

    def url(self, base: str | None = None) -> str:
        """Version 2 wraps its payloads in JSON."""
        return f"{base or self.base}/?version=2"

    def hello(self) -> tuple[str, ...]:
        """The subscription."""
        return (encode({"subscribe": self.symbols}),)

    def _read(self, frame: bytes | msgspec.Raw, ts_recv: int) -> list[Message[Number]]:
        frame = bytes(frame).strip()
        payload = self._envelopes.decode(frame).message.encode() if frame[:1] == b"{" else frame
        if not payload:
            return []
        return self._pricing(a2b_base64(payload, strict_mode=True), ts_recv)

    def _pricing(self, payload: bytes, ts_recv: int) -> list[Message[Number]]:
        symbol = ""
        price: Number | None = None
        ts_event: int | None = None
        for number, wire, value in fields(payload):
            match number, wire, value:
                case 1, 2, bytes(text):
                    symbol = text.decode()
                case 2, 5, bytes(raw):
                    price = self._shortest(raw)
                case 3, 0, int(zigzag):
                    ts_event = epoch((zigzag >> 1) ^ -(zigzag & 1))
                case _:
                    pass
        if not symbol:
            raise FrameError("a message without a symbol")
        return [] if price is None else [self._trade(symbol, price, None, ts_event, ts_recv)]

    def _shortest(self, raw: bytes) -> Number:
        return self._number(str(np.float32(unpack_from("<f", raw)[0])))


def fields(payload: bytes) -> Iterator[Field]:
    """The fields of a protobuf message, in their order."""
    at = 0
    while at < len(payload):
        key, at = _varint(payload, at)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, at = _varint(payload, at)
            yield number, wire, value
            continue
        size, at = _length(payload, at, wire)
        if at + size > len(payload):
            raise FrameError("a message that is cut short")
        yield number, wire, payload[at : at + size]
        at += size


def _length(payload: bytes, at: int, wire: int) -> tuple[int, int]:
    if wire == _FIXED64:
        return 8, at
    if wire == _FIXED32:
        return 4, at
    if wire == _BYTES:
        return _varint(payload, at)
    raise FrameError(f"not a protobuf message: wire type {wire}")


def _varint(payload: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place, byte in enumerate(payload[at : at + 10]):
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, at + place + 1
    raise FrameError("a number that does not end")
