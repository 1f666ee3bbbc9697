"""A stand-in for Kraken's WebSocket v2: trade and ticker, without a key."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from streams.simulator.servers.clients import Client
from streams.simulator.servers.pump import NS
from streams.simulator.servers.server import Progress, VenueServer
from streams.simulator.tape import Tape

_HISTORY = 50
"""Trades in a snapshot."""


class _Params(msgspec.Struct):
    channel: str
    symbol: list[str]
    snapshot: bool | None = None
    event_trigger: Literal["bbo", "trades"] = "trades"


class _Request(msgspec.Struct):
    method: str
    params: Any = None
    req_id: int | None = None


class KrakenServer(VenueServer):
    """It answers symbol by symbol, and sends a heartbeat in every second without other frames."""

    venue = "kraken"
    path = "/v2"

    def welcome(self, client: Client) -> None:
        """The system's status, unasked."""
        status = {
            "version": "2.0.10",
            "system": "online",
            "api_version": "v2",
            "connection_id": self._rng.getrandbits(63),
        }
        self._answer(client, {"channel": "status", "type": "update", "data": [status]})

    def receive(self, client: Client, message: str | bytes) -> None:
        """Subscribe, unsubscribe and ping."""
        time_in = self.now(6)
        try:
            request = msgspec.json.decode(message, type=_Request)
        except msgspec.DecodeError:
            self._fail(client, "Malformed request", time_in, None)
            return
        if request.method == "ping":
            self._answer(client, {"method": "pong", **self._closing(request.req_id, time_in)})
        elif request.method in {"subscribe", "unsubscribe"}:
            self._change(client, request, time_in)
        else:
            self._fail(client, "Unsupported method", time_in, request.req_id)

    def _change(self, client: Client, request: _Request, time_in: str) -> None:
        try:
            params = msgspec.convert(request.params, _Params)
        except msgspec.ValidationError as error:
            self._fail(client, str(error), time_in, request.req_id, method=request.method)
            return
        key = _key(params)
        for symbol in params.symbol:
            held = (key, symbol) in client.subscriptions
            if fault := self._fault(params.channel, symbol, request.method, held=held):
                about = {"method": request.method, "symbol": symbol}
                self._fail(client, fault, time_in, request.req_id, **about)
                continue
            result = _result(params, symbol)
            closing = self._closing(request.req_id, time_in)
            answer = {"method": request.method, "result": result, "success": True, **closing}
            self._answer(client, answer)
            if request.method == "subscribe":
                client.subscriptions.add((key, symbol))
                if result["snapshot"]:
                    self._snapshot(client, params.channel, self.progress[symbol])
            else:
                client.subscriptions.discard((key, symbol))

    def _fault(self, channel: str, symbol: str, method: str, *, held: bool) -> str:
        if channel not in {"trade", "ticker"}:
            return f"Channel not supported {channel}"
        if symbol not in self.progress:
            return f"Currency pair not supported {symbol}"
        if held == (method == "subscribe"):
            return "Already subscribed" if held else "Subscription Not Found"
        return ""

    def _closing(self, req_id: int | None, time_in: str) -> dict[str, Any]:
        asked = {} if req_id is None else {"req_id": req_id}
        return {**asked, "time_in": time_in, "time_out": self.now(6)}

    def _fail(
        self, client: Client, error: str, time_in: str, req_id: int | None, **about: str
    ) -> None:
        closing = self._closing(req_id, time_in)
        self._answer(client, {"error": error, **about, "success": False, **closing})

    def _answer(self, client: Client, answer: dict[str, Any]) -> None:
        self.clients.send(client, msgspec.json.encode(answer).decode())

    def _snapshot(self, client: Client, channel: str, progress: Progress) -> None:
        if self.faults.mute:
            return
        if channel == "trade":
            rows = range(max(0, progress.trades - _HISTORY), progress.trades)
            entries = ",".join(self._trade(progress.tape, row) for row in rows)
            self.clients.send(client, f'{{"channel":"trade","type":"snapshot","data":[{entries}]}}')
        elif progress.trades and progress.quotes:
            entry = self._ticker(progress.tape, progress.quotes - 1)
            self.clients.send(client, f'{{"channel":"ticker","type":"snapshot","data":[{entry}]}}')

    def trade(self, tape: Tape, row: int) -> None:
        """A trade, and a ticker for those who asked for one at each trade."""
        symbol = tape.listing.symbol
        if clients := self.subscribers("trade", symbol):
            entry = self._trade(tape, row)
            self.publish(clients, f'{{"channel":"trade","type":"update","data":[{entry}]}}')
        quotes = self.progress[symbol].quotes
        if quotes and (clients := self.subscribers("ticker trades", symbol)):
            self._publish_ticker(clients, tape, quotes - 1)

    def quote(self, tape: Tape, row: int) -> None:
        """A ticker for those who asked for one at each quote; there is none before a trade."""
        symbol = tape.listing.symbol
        if self.progress[symbol].trades and (clients := self.subscribers("ticker bbo", symbol)):
            self._publish_ticker(clients, tape, row)

    def _publish_ticker(self, clients: list[Client], tape: Tape, row: int) -> None:
        entry = self._ticker(tape, row)
        self.publish(clients, f'{{"channel":"ticker","type":"update","data":[{entry}]}}')

    def _trade(self, tape: Tape, row: int) -> str:
        one = tape.listing
        return (
            f'{{"symbol":"{one.symbol}","side":"{"buy" if tape.taker_buys[row] else "sell"}",'
            f'"price":{tape.trade_price[row]:.{one.decimals}f},"qty":{tape.trade_size[row]:.8f},'
            f'"ord_type":"market","trade_id":{one.first_id + row},'
            f'"timestamp":"{self.stamp(int(tape.trade_ts[row]), 6)}"}}'
        )

    def _ticker(self, tape: Tape, row: int) -> str:
        one = tape.listing
        last = f"{tape.trade_price[self.progress[one.symbol].trades - 1]:.{one.decimals}f}"
        return (
            f'{{"symbol":"{one.symbol}","bid":{tape.bid[row]:.{one.decimals}f},'
            f'"bid_qty":{tape.bid_size[row]:.8f},"ask":{tape.ask[row]:.{one.decimals}f},'
            f'"ask_qty":{tape.ask_size[row]:.8f},"last":{last},"volume":8211.03918446,'
            f'"vwap":{last},"low":{last},"high":{last},"change":0.0,"change_pct":0.0}}'
        )

    def beat(self, now: int) -> None:
        """A heartbeat to whoever subscribed and heard nothing for a second."""
        for client in self.clients:
            if client.subscriptions and now - client.sent_at >= NS:
                self.clients.send(client, '{"channel":"heartbeat"}')

    def unknown(self, filler: str) -> str:
        """On a channel that does not exist."""
        return f'{{"channel":"level9","type":"snapshot","data":[{{"filler":"{filler}"}}]}}'


def _key(params: _Params) -> str:
    """The channel, with the trigger for a ticker: what distinguishes subscriptions."""
    return f"ticker {params.event_trigger}" if params.channel == "ticker" else params.channel


def _result(params: _Params, symbol: str) -> dict[str, Any]:
    """What is acknowledged: trades come without a snapshot and tickers with one unless asked."""
    ticker = params.channel == "ticker"
    snapshot = ticker if params.snapshot is None else params.snapshot
    trigger = {"event_trigger": params.event_trigger} if ticker else {}
    return {"channel": params.channel, **trigger, "snapshot": snapshot, "symbol": symbol}
