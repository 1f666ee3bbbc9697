"""What the recordings do not hold: quotes, controls, and each venue's traps."""

from __future__ import annotations

import base64
import json
import struct
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr

from streams.feeds.alpaca import Alpaca
from streams.feeds.binance import Binance
from streams.feeds.coinbase import Coinbase
from streams.feeds.finnhub import Finnhub
from streams.feeds.kraken import Kraken
from streams.feeds.venue import Control, FrameError, Venue
from streams.feeds.yahoo import Yahoo
from streams.tick import Tick

T0 = 1614009104_208_000_000
TIME = "2021-02-22T15:51:44.208Z"

coinbase = Coinbase(symbols=("ETH-USD",), number=Decimal)
kraken = Kraken(symbols=("ETH/USD",), number=Decimal)
binance = Binance(symbols=("ethusdt",), number=Decimal)
alpaca = Alpaca(
    symbols=("IWM",), number=Decimal, key=SecretStr("the-key"), secret=SecretStr("the-secret")
)
finnhub = Finnhub(symbols=("IWM",), number=Decimal, token=SecretStr("to/ken"))
yahoo = Yahoo(symbols=("IWM",), number=Decimal)


def parse(venue: Venue[Decimal], frame: Any) -> list[Any]:
    raw = frame if isinstance(frame, bytes) else json.dumps(frame).encode()
    return list(venue.parse(raw, 9))


def quote(
    venue: str, symbol: str, bid: str, ask: str, mid: str, *, ts: int | None
) -> Tick[Decimal]:
    prices = Decimal(mid), None, Decimal(bid), Decimal(ask)
    return Tick("quote", venue, symbol, *prices, ts, 9)


MATCH = {
    "type": "match",
    "product_id": "ETH-USD",
    "trade_id": 7,
    "price": "1774.920",
    "size": "0.00000011",
    "time": TIME,
}


def test_coinbase_ticker_is_a_quote_with_an_exact_mid() -> None:
    frame = {
        "type": "ticker",
        "product_id": "ETH-USD",
        "price": "1",
        "best_bid": "1774.91",
        "best_ask": "1774.94",
        "time": TIME,
        "trade_id": 5,
    }
    assert parse(coinbase, frame) == [
        quote("coinbase", "ETH-USD", "1774.91", "1774.94", "1774.925", ts=T0)
    ]


def test_coinbase_time_of_year_one_is_no_time() -> None:
    (tick,) = parse(coinbase, MATCH | {"time": "0001-01-01T00:00:00.000000Z"})
    assert tick.ts_event is None
    assert str(tick.price) == "1774.920"


@pytest.mark.parametrize(
    "wrong",
    [
        {"price": "NaN"},
        {"price": "Infinity"},
        {"price": "-1"},
        {"price": "0"},
        {"price": None},
        {"price": ["1"]},
        {"size": "-0.1"},
        {"size": "NaN"},
        {"time": "yesterday"},
        {"time": 5},
        {"trade_id": "x"},
        {"product_id": 5},
    ],
)
@pytest.mark.parametrize("number", [float, Decimal])
def test_a_match_that_is_no_trade_is_refused(wrong: dict[str, object], number: Any) -> None:
    venue: Venue[Any] = Coinbase(symbols=(), number=number)
    with pytest.raises(FrameError):
        venue.parse(json.dumps(MATCH | wrong).encode(), 0)


@pytest.mark.parametrize(
    ("frame", "controls"),
    [
        ({"type": "heartbeat", "last_trade_id": 0, "sequence": 4}, [Control("heartbeat")]),
        (
            {"type": "error", "message": "Failed to subscribe", "reason": "ETH-USDX is not valid"},
            [Control("error", "Failed to subscribe: ETH-USDX is not valid")],
        ),
        ({"type": "subscriptions", "channels": []}, [Control("ack", "subscribed")]),
        ({"type": "l2update", "price": {"of": "another shape"}}, []),
        ({"asks": [["1", "2"]] * 1000, "type": "snapshot"}, []),
        ({"type": "of tomorrow"}, []),
    ],
)
def test_coinbase_says_other_things(frame: object, controls: list[Control]) -> None:
    assert parse(coinbase, frame) == controls


def test_kraken_ticker_has_a_time_or_not() -> None:
    data = {"symbol": "ETH/USD", "bid": 10.1, "ask": 10.2, "last": 3, "volume": 4.5}
    frame = {"channel": "ticker", "type": "update", "data": [data, data | {"timestamp": TIME}]}
    assert parse(kraken, frame) == [
        quote("kraken", "ETH/USD", "10.1", "10.2", "10.15", ts=None),
        quote("kraken", "ETH/USD", "10.1", "10.2", "10.15", ts=T0),
    ]


@pytest.mark.parametrize(
    ("frame", "controls"),
    [
        ({"channel": "heartbeat"}, [Control("heartbeat")]),
        ({"method": "subscribe", "result": {}, "success": True}, [Control("ack", "subscribe")]),
        (
            {"method": "subscribe", "success": False, "error": "unknown pair", "symbol": "X/Y"},
            [Control("error", "unknown pair", symbol="X/Y")],
        ),
        (
            {"channel": "status", "data": [{"system": "maintenance"}]},
            [Control("halt", "the exchange is in maintenance")],
        ),
        (
            {"channel": "status", "data": [{"system": "online"}]},
            [Control("resume", "the exchange is in online")],
        ),
        ({"channel": "book", "data": {"odd": 1}}, []),
    ],
)
def test_kraken_says_other_things(frame: object, controls: list[Control]) -> None:
    assert parse(kraken, frame) == controls


@pytest.mark.parametrize("wrap", [False, True])
@pytest.mark.parametrize("t", [1614009104208, 1614009104208000])
def test_binance_aggtrade_bare_or_combined_in_ms_or_us(wrap: bool, t: int) -> None:  # noqa: FBT001  # parametrised
    data = {"e": "aggTrade", "E": t, "s": "ETHUSDT", "a": 77, "p": "2.50", "q": "3", "f": 1, "l": 2}
    data |= {"T": t, "m": True, "M": True}
    (tick,) = parse(binance, {"stream": "ethusdt@aggTrade", "data": data} if wrap else data)
    assert (tick.symbol, tick.id, str(tick.price), tick.ts_event) == ("ETHUSDT", 77, "2.50", T0)


@pytest.mark.parametrize("wrap", [False, True])
def test_binance_bookticker_has_no_time(wrap: bool) -> None:  # noqa: FBT001  # parametrised
    data = {"u": 1, "s": "ETHUSDT", "b": "2.50", "B": "31.2", "a": "2.51", "A": "40.6"}
    frame = {"stream": "ethusdt@bookTicker", "data": data} if wrap else data
    assert parse(binance, frame) == [quote("binance", "ETHUSDT", "2.50", "2.51", "2.505", ts=None)]


@pytest.mark.parametrize(
    ("frame", "controls"),
    [
        ({"result": None, "id": 1}, []),
        (
            {"error": {"code": 2, "msg": "Invalid request"}, "id": 1},
            [Control("error", "Invalid request", 2)],
        ),
        (
            {"e": "serverShutdown", "E": 1770123456789},
            [Control("reconnect", "the server shuts down")],
        ),
        (
            {"stream": "x", "data": {"e": "serverShutdown"}},
            [Control("reconnect", "the server shuts down")],
        ),
        ({"stream": "!miniTicker@arr", "data": [{"e": "24hrMiniTicker"}]}, []),
        ({"e": "depthUpdate", "a": [], "b": []}, []),
    ],
)
def test_binance_says_other_things(frame: object, controls: list[Control]) -> None:
    assert parse(binance, frame) == controls


def test_binance_subscribes_in_lower_case_by_its_address() -> None:
    assert binance.url("ws://here:1") == (
        "ws://here:1/stream?streams=ethusdt@aggTrade/ethusdt@bookTicker"
    )
    assert binance.symbols == ("ETHUSDT",)


def test_alpaca_frame_of_many_kinds_keeps_their_order() -> None:
    frame = [
        {"T": "b", "S": "IWM", "o": 1, "c": 388.9, "v": 3, "t": TIME},
        {"T": "q", "S": "IWM", "bp": 10.01, "ap": 10.02, "bs": 1, "as": 2, "t": TIME, "c": ["R"]},
        {"T": "l", "S": "IWM", "u": 11, "d": 9, "i": "B", "t": TIME},
        {"T": "n", "i": 3, "new kind": []},
        {"T": "t", "S": "IWM", "i": 5, "p": 10.5, "s": 100, "t": TIME},
    ]
    first, second = parse(alpaca, frame)
    assert first == quote("alpaca", "IWM", "10.01", "10.02", "10.015", ts=T0)
    assert (second.kind, second.id, second.size) == ("trade", 5, 100)


def test_quote_with_an_empty_side_has_no_mid() -> None:
    frame = {"T": "q", "S": "IWM", "bp": 10, "ap": 0, "t": TIME}
    assert parse(alpaca, [frame]) == []
    with pytest.raises(FrameError):
        parse(alpaca, [frame | {"ap": -1}])


@pytest.mark.parametrize("code", ["H", "P", "2", 2])
def test_alpaca_halts(code: object) -> None:
    frame = [{"T": "s", "S": "IWM", "sc": code, "sm": "Trading Halt", "rm": "LULD", "t": TIME}]
    assert parse(alpaca, frame) == [Control("halt", "Trading Halt LULD", symbol="IWM")]


@pytest.mark.parametrize("code", ["T", "3", 3])
def test_alpaca_resumes(code: object) -> None:
    frame = [{"T": "s", "S": "IWM", "sc": code, "sm": "Resumed", "t": TIME}]
    assert parse(alpaca, frame) == [Control("resume", "Resumed", symbol="IWM")]


@pytest.mark.parametrize(
    ("code", "kind", "says"),
    [
        (402, "refusal", "check key and secret"),
        (404, "error", "in time"),
        (405, "refusal", "name fewer"),
        (406, "error", "close the other"),
        (407, "error", "slow"),
        (409, "refusal", "`iex`"),
        (500, "error", "internal error"),
    ],
)
def test_alpaca_errors_say_what_to_do(code: int, kind: str, says: str) -> None:
    (control,) = parse(alpaca, [{"T": "error", "code": code, "msg": "internal error"}])
    assert (control.kind, control.code) == (kind, code)
    assert says in control.text
    assert str(code) in control.text


def test_alpaca_authenticates_then_subscribes() -> None:
    assert alpaca.hello() == ()
    (auth,) = alpaca.answer(*parse(alpaca, [{"T": "success", "msg": "connected"}]))
    assert json.loads(auth) == {"action": "auth", "key": "the-key", "secret": "the-secret"}
    (wanted,) = alpaca.answer(*parse(alpaca, [{"T": "success", "msg": "authenticated"}]))
    assert json.loads(wanted) == {
        "action": "subscribe",
        "trades": ["IWM"],
        "quotes": ["IWM"],
        "statuses": ["IWM"],
    }
    assert alpaca.answer(Control("ack", "subscribed")) == ()


@pytest.mark.parametrize(
    ("utc", "open_"),
    [("11:59", False), ("12:00", True), ("20:59", True), ("21:00", False)],
)
def test_iex_publishes_from_8_to_17_in_new_york_in_summer(utc: str, open_: bool) -> None:  # noqa: FBT001  # parametrised
    midnight = 1783382400  # 2026-07-07 UTC
    hour, minute = map(int, utc.split(":"))
    ts = (midnight + hour * 3600 + minute * 60) * 10**9
    assert alpaca.publishes(ts) is open_
    assert Alpaca(symbols=(), number=float, endpoint="sip").publishes(ts)


def test_finnhub_keeps_arrival_order_and_has_no_ids() -> None:
    data = [{"s": "IWM", "p": 2.5, "t": 20, "v": 1}, {"s": "IWM", "p": 2.75, "t": 10, "v": None}]
    first, second = parse(finnhub, {"data": data, "type": "trade"})
    assert (first.ts_event, second.ts_event) == (20_000_000, 10_000_000)
    assert (second.size, second.id) == (None, None)
    assert parse(finnhub, {"type": "ping"}) == [Control("heartbeat")]
    assert parse(finnhub, {"type": "news", "data": [{"s": 5}]}) == []
    assert parse(finnhub, {"type": "error", "msg": "no"}) == [Control("error", "Finnhub: no")]


def test_secrets_do_not_show() -> None:
    assert finnhub.url("ws://here") == "ws://here/?token=to%2Fken"
    assert set(finnhub.secrets()) == {"to/ken", "to%2Fken"}
    assert set(alpaca.secrets()) == {"the-key", "the-secret"}
    for shown in (repr(finnhub), str(vars(finnhub)), repr(alpaca), str(vars(alpaca))):
        assert "the-" not in shown
        assert "to/ken" not in shown


def _varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def _pricing(price: float = 245.37, zigzag: int = 1614009104208 * 2) -> bytes:
    unknown = b"\xfa\x06\x03abc" + b"\x81\x02" + bytes(8) + b"\x48" + _varint(2**40)
    return b"\x0a\x03IWM\x15" + struct.pack("<f", price) + unknown + b"\x18" + _varint(zigzag)


@pytest.mark.parametrize("wrapped", [False, True])
def test_yahoo_price_is_the_shortest_decimal_of_its_float32(wrapped: bool) -> None:  # noqa: FBT001  # parametrised
    text = base64.b64encode(_pricing())
    frame = b'{"type":"pricing","message":"' + text + b'"}' if wrapped else text
    assert parse(yahoo, frame) == [
        Tick("trade", "yahoo", "IWM", Decimal("245.37"), None, None, None, T0, 9)
    ]


@pytest.mark.parametrize("zigzag", [1, 0])
def test_yahoo_time_that_is_negative_or_zero_is_none(zigzag: int) -> None:
    (tick,) = parse(yahoo, base64.b64encode(_pricing(zigzag=zigzag)))
    assert tick.ts_event is None


@pytest.mark.parametrize(
    "payload",
    [
        _pricing()[:9],
        b"\x15" + struct.pack("<f", 1),
        _pricing(price=float("nan")),
        b"\x0b\x01",
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x0a\x02\xff\xfe\x15" + struct.pack("<f", 1),
    ],
)
def test_yahoo_payload_that_is_no_pricing_is_refused(payload: bytes) -> None:
    with pytest.raises(FrameError):
        parse(yahoo, base64.b64encode(payload))


def test_yahoo_message_without_a_price_is_ignored() -> None:
    assert parse(yahoo, base64.b64encode(b"\x0a\x03IWM")) == []
    assert parse(yahoo, {"type": "hello"}) == []
    with pytest.raises(FrameError):
        parse(yahoo, b"not base64!")
