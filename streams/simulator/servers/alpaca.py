"""A stand-in for Alpaca's stock stream (IEX): trades, quotes and statuses, with a key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import msgspec

from streams.simulator.market import SimulatedMarket
from streams.simulator.servers.clients import Client, Dismissed
from streams.simulator.servers.server import VenueServer
from streams.simulator.tape import Tape

_SYMBOL_LIMIT = 30
_ERRORS = {
    400: "invalid syntax",
    401: "not authenticated",
    402: "auth failed",
    403: "already authenticated",
    404: "auth timeout",
    405: "symbol limit exceeded",
    406: "connection limit exceeded",
    409: "insufficient subscription",
}
_OFFERED = ("trades", "quotes", "statuses")

KEY, SECRET = "demo", "demo-secret"  # the simulation's own
"""What the stand-in accepts unless told otherwise."""


class _Request(msgspec.Struct):
    action: Literal["auth", "subscribe", "unsubscribe"]
    key: str = ""
    secret: str = ""
    trades: list[str] = []
    quotes: list[str] = []
    bars: list[str] = []
    statuses: list[str] = []

    def pairs(self) -> set[tuple[str, str]]:
        """(channel, symbol), as asked."""
        lists = {c: getattr(self, c) for c in ("trades", "quotes", "bars", "statuses")}
        return {(channel, symbol) for channel, symbols in lists.items() for symbol in symbols}


class AlpacaServer(VenueServer):
    """One connection a key, authenticated within 10 s; symbols it does not know stay silent."""

    venue = "alpaca"
    path = "/v2/iex"
    patience = 10.0

    def __init__(
        self,
        market: SimulatedMarket,
        clock: Callable[[], int],
        *,
        keys: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(market, clock)
        self._keys = {KEY: SECRET} if keys is None else keys
        self._holders: dict[Client, str] = {}
        """Who has authenticated, and with which key."""
        self._halted: set[str] = set()

    def welcome(self, client: Client) -> None:
        """Connected; a key in the headers is taken at once."""
        self._tell(client, {"T": "success", "msg": "connected"})
        headers = client.ws.request.headers if client.ws.request else {}
        if key := headers.get("APCA-API-KEY-ID"):
            self._authenticate(client, key, headers.get("APCA-API-SECRET-KEY", ""))

    def receive(self, client: Client, message: str | bytes) -> None:
        """Auth, subscribe and unsubscribe."""
        try:
            request = msgspec.json.decode(message, type=_Request)
        except msgspec.DecodeError:
            self._error(client, 400)
            return
        if request.action == "auth":
            self._authenticate(client, request.key, request.secret)
        elif client not in self._holders:
            self._error(client, 401)
        else:
            self._change(client, request)

    def _authenticate(self, client: Client, key: str, secret: str) -> None:
        if client in self._holders:
            self._error(client, 403)
            return
        if not key or self._keys.get(key) != secret:
            raise self._dismiss(client, 402)
        self._holders = {c: k for c, k in self._holders.items() if c in self.clients}
        if key in self._holders.values():
            raise self._dismiss(client, 406)
        self._holders[client] = key
        client.settle()
        self._tell(client, {"T": "success", "msg": "authenticated"})

    def _change(self, client: Client, request: _Request) -> None:
        pairs = request.pairs()
        if request.action == "unsubscribe":
            client.subscriptions -= pairs
        elif len({symbol for _, symbol in client.subscriptions | pairs}) > _SYMBOL_LIMIT:
            self._error(client, 405)
            return
        else:
            client.subscriptions |= pairs
        held = sorted(client.subscriptions)
        lists = {c: [s for channel, s in held if channel == c] for c in (*_OFFERED, "bars")}
        self._tell(client, {"T": "subscription", **lists})

    def overdue(self, client: Client) -> Dismissed:
        """404."""
        return self._dismiss(client, 404)

    def _dismiss(self, client: Client, code: int) -> Dismissed:
        self._error(client, code)
        return Dismissed(1008, _ERRORS[code])

    def _error(self, client: Client, code: int) -> None:
        self._tell(client, {"T": "error", "code": code, "msg": _ERRORS[code]})

    def _tell(self, client: Client, *messages: dict[str, Any]) -> None:
        self.clients.send(client, msgspec.json.encode(messages).decode())

    def subscribers(self, channel: str, symbol: str) -> list[Client]:
        """Those who named the symbol, and those who asked for all."""
        named = super().subscribers(channel, symbol)
        return named + [c for c in super().subscribers(channel, "*") if c not in named]

    def trade(self, tape: Tape, row: int) -> None:
        """A trade, unless halted."""
        symbol = tape.listing.symbol
        if symbol in self._halted or not (clients := self.subscribers("trades", symbol)):
            return
        frame = (
            f'[{{"T":"t","S":"{symbol}","i":{tape.listing.first_id + row},"x":"V",'
            f'"p":{tape.trade_price[row]:.2f},"s":{tape.trade_size[row]:.0f},"c":["@"],"z":"B",'
            f'"t":"{self.stamp(int(tape.trade_ts[row]), 9)}"}}]'
        )
        self.publish(clients, frame)

    def quote(self, tape: Tape, row: int) -> None:
        """A quote, unless halted; sizes in round lots."""
        symbol = tape.listing.symbol
        if symbol in self._halted or not (clients := self.subscribers("quotes", symbol)):
            return
        frame = (
            f'[{{"T":"q","S":"{symbol}","bx":"V","bp":{tape.bid[row]:.2f},'
            f'"bs":{tape.bid_size[row] // 100 + 1:.0f},"ax":"V","ap":{tape.ask[row]:.2f},'
            f'"as":{tape.ask_size[row] // 100 + 1:.0f},"c":["R"],"z":"B",'
            f'"t":"{self.stamp(int(tape.quote_ts[row]), 9)}"}}]'
        )
        self.publish(clients, frame)

    def beat(self, now: int) -> None:
        """Alpaca sends no heartbeats."""

    def halt(self, symbol: str) -> None:
        """Trading in a symbol stops, and its status says so."""
        self._halted.add(symbol)
        self._status(symbol, "2", "Trading Halt", "LUDP", "Volatility Trading Pause")

    def resume(self, symbol: str) -> None:
        """Trading goes on."""
        self._halted.discard(symbol)
        self._status(symbol, "3", "Resume", "", "")

    def _status(self, symbol: str, code: str, text: str, reason: str, why: str) -> None:
        status = {
            "T": "s",
            "S": symbol,
            "sc": code,
            "sm": text,
            "rc": reason,
            "rm": why,
            "t": self.now(9),
            "z": "B",
        }
        frame = msgspec.json.encode([status]).decode()
        self.publish(self.subscribers("statuses", symbol), frame)

    def unknown(self, filler: str) -> str:
        """Of a type that does not exist."""
        return f'[{{"T":"9","filler":"{filler}"}}]'
