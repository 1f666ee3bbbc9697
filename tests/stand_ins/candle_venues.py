"""The servers of bars: Coinbase, Kraken, Binance, Alpaca and Yahoo, with the quirks of each."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.stand_ins.candles import DAY, HOUR, MINUTE, NS, NYSE, Candles, regular
from tests.stand_ins.http import Response, json_response

NEW_YORK = ZoneInfo("America/New_York")
KEY, SECRET = "planted-key", "planted-secret"


class CoinbaseCandles(Candles):
    """300 rows at most, newest first, a row before `start` among them, quiet minutes absent."""

    venue = "coinbase"

    def answer(self, path: str, params: dict[str, str], headers: Mapping[str, str]) -> Response:
        if not headers.get("user-agent"):
            return json_response(400, {"message": "User-Agent header is required."})
        _, products, symbol, candles = path.split("/")
        if (products, candles) != ("products", "candles") or symbol not in self.symbols:
            return json_response(404, {"message": "NotFound"})
        size = int(params["granularity"]) * NS
        start, end = int(params["start"]) * NS, int(params["end"]) * NS
        if size not in {MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, DAY}:
            return json_response(400, {"message": "Unsupported granularity"})
        if (end - start) // size + 1 > 300:
            return json_response(400, {"message": "granularity too small for the requested range"})
        found = [
            [ts // NS, low, high, opened, closed, volume]
            for ts, (opened, high, low, closed, volume) in self.bars(
                symbol, size, start - size, end
            )
        ]
        return json_response(200, found[::-1])


class KrakenCandles(Candles):
    """The last 720 rows whatever is asked for, prices as texts, the last row under way."""

    venue = "kraken"

    def answer(self, path: str, params: dict[str, str], headers: Mapping[str, str]) -> Response:  # noqa: ARG002  # keyless
        if path != "/0/public/OHLC" or params["pair"] not in self.symbols:
            return json_response(200, {"error": ["EQuery:Unknown asset pair"]})
        size = int(params["interval"]) * MINUTE
        now = self.now()
        since = max(int(params["since"]) * NS + 1, (now // size - 719) * size)
        found = [
            [ts // NS, *(f"{x:.4f}" for x in row[:4]), f"{row[3]:.4f}", f"{row[4]:.8f}", 7]
            for ts, row in self.bars(params["pair"], size, since, now)
        ]
        name = f"X{params['pair'][:3]}Z{params['pair'][3:]}"
        return json_response(200, {"error": [], "result": {name: found, "last": now // NS}})


class BinanceCandles(Candles):
    """`limit` rows from `startTime`, 1000 at most; prices as texts."""

    venue = "binance"

    def answer(self, path: str, params: dict[str, str], headers: Mapping[str, str]) -> Response:  # noqa: ARG002  # keyless
        if path != "/api/v3/klines" or params["symbol"] not in self.symbols:
            return json_response(400, {"code": -1121, "msg": "Invalid symbol."})
        size = {"1m": MINUTE, "1h": HOUR, "1d": DAY}[params["interval"]]
        start, end = (int(params[name]) * 10**6 for name in ("startTime", "endTime"))
        found: list[list[Any]] = [
            [
                ts // 10**6,
                *(f"{x:.8f}" for x in row),
                (ts + size) // 10**6 - 1,
                "0",
                7,
                "0",
                "0",
                "0",
            ]
            for ts, row in self.bars(params["symbol"], size, start, end)
        ]
        return json_response(200, found[: min(int(params.get("limit", "500")), 1000)])


class AlpacaCandles(Candles):
    """A key; pages with a token; of the SIP nothing younger than 15 minutes unless `paid`."""

    venue = "alpaca"

    def __init__(self, now: Callable[[], int], *symbols: str, **more: Any) -> None:
        super().__init__(now, *symbols, **more)
        self.paid = False
        self.page = 10_000

    def answer(self, path: str, params: dict[str, str], headers: Mapping[str, str]) -> Response:
        if (headers.get("apca-api-key-id"), headers.get("apca-api-secret-key")) != (KEY, SECRET):
            return json_response(403, {"message": "forbidden."})
        symbol = path.removeprefix("/v2/stocks/").removesuffix("/bars")
        size = {"1Min": MINUTE, "1Hour": HOUR, "1Day": DAY}[params["timeframe"]]
        start, end = _instant(params["start"]), _instant(params["end"])
        shift = {"sip": 1.0, "iex": 1.001}[params["feed"]]
        if params["feed"] == "sip" and not self.paid and end > self.now() - 15 * MINUTE:
            message = "subscription does not permit querying recent SIP data"
            return json_response(403, {"message": message})
        found = [
            {"t": _text(_midnight(ts) if size == DAY else ts), **_named(row), "n": 3, "vw": row[3]}
            for ts, row in self.share_bars(symbol, size, start, end, shift)
        ]
        first = int(params.get("page_token", "0"))
        last = first + min(int(params["limit"]), self.page)
        token = str(last) if last < len(found) else None
        page = found[first:last] or None
        if symbol not in self.symbols:
            page, token = None, None
        return json_response(200, {"bars": page, "next_page_token": token, "symbol": symbol})


class YahooCandles(Candles):
    """Only for browsers; minutes of 8 days and of the last 30; a last row of this instant.

    Closes of quiet minutes are null.
    """

    venue = "yahoo"

    def answer(self, path: str, params: dict[str, str], headers: Mapping[str, str]) -> Response:
        if not headers.get("user-agent", "").startswith("Mozilla/"):
            return Response(429, b"Edge: Too Many Requests", "text/html")
        symbol = path.removeprefix("/v8/finance/chart/")
        if symbol not in self.symbols:
            return _chart(404, None, "No data found, symbol may be delisted")
        size = {"1m": MINUTE, "60m": HOUR, "1d": DAY}[params["interval"]]
        start, end, now = int(params["period1"]) * NS, int(params["period2"]) * NS, self.now()
        if size == MINUTE and (end - start > 8 * DAY or start < now - 30 * DAY):
            return _chart(422, None, "1m data not available. Only 8 days worth are allowed")
        bars = self.bars if "-" in symbol else self.share_bars
        found = list(bars(symbol, size, start, end - 1))
        if "-" not in symbol and params["includePrePost"] == "false":
            found = [(ts, row) for ts, row in found if NYSE.session(ts).kind == "regular"]
        shown = self._with_this_instant(symbol, size, found, end)
        quote: dict[str, list[float | None]] = {
            name: [None if row is None else row[n] for _, row in shown]
            for n, name in enumerate(("open", "high", "low", "close", "volume"))
        }
        stamps = [ts // NS for ts, _ in shown]
        result = {"meta": {"symbol": symbol}, "indicators": {"quote": [quote]}}
        return _chart(200, result | ({"timestamp": stamps} if stamps else {}), None)

    def _with_this_instant(
        self, symbol: str, size: int, found: list[tuple[int, list[float]]], end: int
    ) -> list[tuple[int, list[float] | None]]:
        now, (last, row) = self.now(), found[-1] if found else (0, list[float]())
        more: list[tuple[int, list[float] | None]] = [*found]
        if found and end > last + size > now - size:
            if size == DAY:
                # The day under way, and the one just over, is stamped when it last traded.
                closed = next(e for s, e in regular(last, last + DAY) if s == last)
                more[-1] = (min(now, closed + 2 * NS), row)
            else:
                more.append((now, self.row(symbol, last, now)))
        if size == MINUTE and found:
            more.insert(0, (found[0][0] - MINUTE, None))
        return more


def _chart(status: int, result: Any, error: str | None) -> Response:
    fault = None if error is None else {"code": "Not Found", "description": error}
    chart = {"chart": {"result": None if result is None else [result], "error": fault}}
    return Response(status, json.dumps(chart).encode())


def _instant(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp()) * NS


def _text(ts: int) -> str:
    return f"{datetime.fromtimestamp(ts // NS, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _midnight(ts: int) -> int:
    local = datetime.fromtimestamp(ts // NS, NEW_YORK).replace(hour=0, minute=0, second=0)
    return int(local.timestamp()) * NS


def _named(row: list[float]) -> dict[str, float]:
    return dict(zip("ohlcv", row, strict=True))
