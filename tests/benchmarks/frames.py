"""Frames as the six venues send them; every trade and quote is plausible and fits the last."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from math import pi, sin
from random import Random
from struct import pack

import msgspec

from streams.instrument import NS
from streams.simulator.servers.stamps import rfc3339

START = 1_773_756_000 * NS
"""2026-03-17 10:00 in New York."""
PRICES = {"ETH": 2330.0, "BTC": 74_000.0, "IWM": 250.3, "SPY": 672.7}


class Event(msgspec.Struct, frozen=True):
    """A trade, with the quote that stands at its instant."""

    instrument: str
    number: int
    price: float
    size: float
    ts: int

    @property
    def id(self) -> int:
        """Of the trade, as venues number them."""
        return 10_000_000 + self.number

    @property
    def bid(self) -> float:
        """Half a basis point below."""
        return self.price * 0.99995

    @property
    def ask(self) -> float:
        """Half a basis point above."""
        return self.price * 1.00005


def events(instruments: tuple[str, ...], count: int, *, seed: int = 1) -> list[Event]:
    """`count` of each instrument, in turns, a millisecond apart; prices end where they began."""
    chance = Random(seed)
    return [
        Event(
            name,
            n,
            PRICES[name] * (1 + 1e-3 * sin(2 * pi * n / count) + 1e-6 * chance.random()),
            round(chance.expovariate(1.0) + 0.0001, 4),
            START + (n * len(instruments) + turn) * 1_001_000,
        )
        for n in range(count)
        for turn, name in enumerate(instruments)
    ]


def coinbase_match(e: Event) -> bytes:
    """A trade of Coinbase Exchange."""
    return (
        f'{{"type":"match","trade_id":{e.id},"maker_order_id":"{_ORDER}",'
        f'"taker_order_id":"{_ORDER}","side":"sell","size":"{e.size:.8f}",'
        f'"price":"{e.price:.2f}","product_id":"{e.instrument}-USD","sequence":100329275917,'
        f'"time":"{rfc3339(e.ts, 6)}"}}'
    ).encode()


def coinbase_ticker(e: Event) -> bytes:
    """A quote of Coinbase Exchange."""
    return (
        f'{{"type":"ticker","sequence":100329275917,"product_id":"{e.instrument}-USD",'
        f'"price":"{e.price:.2f}","open_24h":"{e.price:.2f}","volume_24h":"123456.12345678",'
        f'"low_24h":"{e.price:.2f}","high_24h":"{e.price:.2f}","volume_30d":"3456789.12345678",'
        f'"best_bid":"{e.bid:.2f}","best_bid_size":"0.52000000","best_ask":"{e.ask:.2f}",'
        f'"best_ask_size":"1.25000000","side":"buy","time":"{rfc3339(e.ts, 6)}",'
        f'"trade_id":{e.id},"last_size":"{e.size:.8f}"}}'
    ).encode()


def kraken_trade(e: Event) -> bytes:
    """A trade of Kraken v2."""
    return (
        f'{{"channel":"trade","type":"update","data":[{{"symbol":"{e.instrument}/USD",'
        f'"side":"buy","price":{e.price:.2f},"qty":{e.size:.8f},"ord_type":"market",'
        f'"trade_id":{e.id},"timestamp":"{rfc3339(e.ts, 6)}"}}]}}'
    ).encode()


def kraken_quote(e: Event) -> bytes:
    """A quote of Kraken v2."""
    return (
        f'{{"channel":"ticker","type":"update","data":[{{"symbol":"{e.instrument}/USD",'
        f'"bid":{e.bid:.2f},"bid_qty":12.5,"ask":{e.ask:.2f},"ask_qty":3.25,'
        f'"last":{e.price:.2f},"volume":24123.45678901,"vwap":{e.price:.2f},'
        f'"low":{e.price:.2f},"high":{e.price:.2f},"change":-12.5,"change_pct":-0.53,'
        f'"timestamp":"{rfc3339(e.ts, 6)}"}}]}}'
    ).encode()


def binance_trade(e: Event) -> bytes:
    """An aggregated trade of Binance's combined stream."""
    symbol, ms = f"{e.instrument}USDT", e.ts // 1_000_000
    return (
        f'{{"stream":"{symbol.lower()}@aggTrade","data":{{"e":"aggTrade","E":{ms},'
        f'"s":"{symbol}","a":{e.id},"p":"{e.price:.8f}","q":"{e.size:.8f}",'
        f'"f":26129,"l":26130,"T":{ms},"m":true,"M":true}}}}'
    ).encode()


def binance_quote(e: Event) -> bytes:
    """A quote of Binance's combined stream."""
    symbol = f"{e.instrument}USDT"
    return (
        f'{{"stream":"{symbol.lower()}@bookTicker","data":{{"u":400900217,"s":"{symbol}",'
        f'"b":"{e.bid:.8f}","B":"31.21000000","a":"{e.ask:.8f}","A":"40.66000000"}}}}'
    ).encode()


def alpaca_trade(e: Event) -> bytes:
    """A trade of Alpaca v2."""
    return (
        f'[{{"T":"t","S":"{e.instrument}","i":{e.id},"x":"V",'
        f'"p":{e.price:.2f},"s":100,"c":["@"],"z":"B","t":"{rfc3339(e.ts, 9)}"}}]'
    ).encode()


def alpaca_quote(e: Event) -> bytes:
    """A quote of Alpaca v2."""
    return (
        f'[{{"T":"q","S":"{e.instrument}","bx":"V","bp":{e.bid:.2f},"bs":3,"ax":"V",'
        f'"ap":{e.ask:.2f},"as":2,"c":["R"],"z":"B","t":"{rfc3339(e.ts, 9)}"}}]'
    ).encode()


def finnhub_trades(e: Event) -> bytes:
    """Three trades of Finnhub: a frame holds several."""
    one = f'{{"c":["1","12"],"p":{e.price:.4f},"s":"{e.instrument}","t":{e.ts // 1_000_000},"v":5}}'
    return f'{{"data":[{one},{one},{one}],"type":"trade"}}'.encode()


def yahoo_pricing(e: Event) -> bytes:
    """A price of Yahoo's streamer, version 2: id, price, time, exchange, hours, volume."""
    zigzag = 2 * (e.ts // 1_000_000)
    payload = (
        b"\x0a"
        + _text(e.instrument)
        + b"\x15"
        + pack("<f", e.price)
        + (b"\x18" + _varint(zigzag) + b"\x2a" + _text("PCX") + b"\x30\x02\x38\x01")
        + (b"\x45" + pack("<f", 0.53) + b"\x48" + _varint(24_681_012) + b"\xd8\x01\x04")
    )
    return b'{"type":"pricing","message":"%s"}' % b64encode(payload)


_ORDER = "0a1b2c3d-4e5f-4000-8000-1234567890ab"


def _text(text: str) -> bytes:
    return bytes([len(text)]) + text.encode()


def _varint(value: int) -> bytes:
    digits = bytearray()
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*digits, value])


Writer = Callable[[Event], bytes]

WRITERS: Mapping[str, tuple[Writer, ...]] = {
    "coinbase": (coinbase_match, coinbase_ticker),
    "kraken": (kraken_trade, kraken_quote),
    "binance": (binance_trade, binance_quote),
    "alpaca": (alpaca_trade, alpaca_quote),
    "finnhub": (finnhub_trades,),
    "yahoo": (yahoo_pricing,),
}
LISTED: Mapping[str, tuple[str, ...]] = {
    "coinbase": ("ETH", "BTC"),
    "kraken": ("ETH", "BTC"),
    "binance": ("ETH", "BTC"),
    "alpaca": ("IWM", "SPY"),
    "finnhub": ("IWM", "SPY"),
    "yahoo": ("IWM", "SPY"),
}


def frames(venue: str, count: int) -> list[bytes]:
    """`count` events of each instrument that the venue lists, a frame each kind of message."""
    return [write(e) for e in events(LISTED[venue], count) for write in WRITERS[venue]]
