"""A stand-in for Coinbase Exchange: matches, ticker and heartbeat, without a key."""

from __future__ import annotations

from typing import Literal

import msgspec

from streams.simulator.instruments import Listing
from streams.simulator.servers.clients import Client
from streams.simulator.servers.server import VenueServer
from streams.simulator.tape import Tape

_CHANNELS = ("matches", "ticker", "heartbeat")
_PRIVATE = ("level2", "level3", "full", "user")
_FIRST_SEQUENCE = 100_329_275_917


class _Channel(msgspec.Struct):
    name: str
    product_ids: list[str] = []


class _Request(msgspec.Struct):
    type: Literal["subscribe", "unsubscribe"]
    channels: list[str | _Channel] = []
    product_ids: list[str] = []

    def pairs(self) -> list[tuple[str, str]]:
        """(channel, product), as asked; a channel without products takes those of the request."""
        channels = [c if isinstance(c, _Channel) else _Channel(c) for c in self.channels]
        return [(c.name, p) for c in channels for p in c.product_ids or self.product_ids or [""]]


class CoinbaseServer(VenueServer):
    """It drops who does not subscribe in 5 s, and ignores a request with any fault in it."""

    venue = "coinbase"
    patience = 5.0

    def welcome(self, client: Client) -> None:
        """Coinbase says nothing first."""

    def receive(self, client: Client, message: str | bytes) -> None:
        """Subscribe and unsubscribe."""
        try:
            request = msgspec.json.decode(message, type=_Request)
        except msgspec.ValidationError as error:
            self._refuse(client, "Failed to subscribe", str(error))
            return
        except msgspec.DecodeError:
            self._refuse(client, "Malformed JSON", "the message could not be parsed")
            return
        pairs = request.pairs()
        if fault := self._fault(pairs):
            self._refuse(client, f"Failed to {request.type}", fault)
        elif request.type == "subscribe":
            self._subscribe(client, pairs)
        else:
            client.subscriptions -= set(pairs)
            self._acknowledge(client)

    def _fault(self, pairs: list[tuple[str, str]]) -> str:
        if not pairs:
            return "No channels provided"
        for channel, product in pairs:
            if channel in _PRIVATE:
                return f"{channel} channel requires authentication"
            if channel not in _CHANNELS:
                return f"{channel} is not a valid channel"
            if product not in self.progress:
                return f"{product} is not a valid product"
        return ""

    def _refuse(self, client: Client, message: str, reason: str) -> None:
        error = {"type": "error", "message": message, "reason": reason}
        self.clients.send(client, msgspec.json.encode(error).decode())

    def _subscribe(self, client: Client, pairs: list[tuple[str, str]]) -> None:
        new = [pair for pair in dict.fromkeys(pairs) if pair not in client.subscriptions]
        client.subscriptions |= set(new)
        client.settle()
        self._acknowledge(client)
        for channel, product in new:
            progress = self.progress[product]
            if channel == "matches" and progress.trades:
                row = progress.trades - 1
                self.clients.send(client, self._match(progress.tape, row, "last_match"))

    def _acknowledge(self, client: Client) -> None:
        products: dict[str, list[str]] = {}
        for channel, product in sorted(client.subscriptions):
            products.setdefault(channel, []).append(product)
        channels = [
            {"name": name, "product_ids": ids, "account_ids": None}
            for name, ids in products.items()
        ]
        answer = {"type": "subscriptions", "channels": channels}
        self.clients.send(client, msgspec.json.encode(answer).decode())

    def trade(self, tape: Tape, row: int) -> None:
        """A match."""
        if clients := self.subscribers("matches", tape.listing.symbol):
            self.publish(clients, self._match(tape, row, "match"))

    def _match(self, tape: Tape, row: int, kind: str) -> str:
        one, number = tape.listing, tape.listing.first_id + row
        side = "sell" if tape.taker_buys[row] else "buy"  # the maker's
        return (
            f'{{"type":"{kind}","trade_id":{number},"maker_order_id":"{_order_id(2 * number)}",'
            f'"taker_order_id":"{_order_id(2 * number + 1)}","side":"{side}",'
            f'"size":"{tape.trade_size[row]:.8f}","price":"{tape.trade_price[row]:.{one.decimals}f}",'
            f'"product_id":"{one.symbol}","sequence":{self._sequence(one)},'
            f'"time":"{self.stamp(int(tape.trade_ts[row]), 6)}"}}'
        )

    def _sequence(self, listing: Listing) -> int:
        progress = self.progress[listing.symbol]
        return _FIRST_SEQUENCE + progress.trades + progress.quotes

    def quote(self, tape: Tape, row: int) -> None:
        """A ticker, which tells of the last trade too; there is none before the first."""
        one = tape.listing
        last = self.progress[one.symbol].trades - 1
        clients = self.subscribers("ticker", one.symbol)
        if not clients or last < 0:
            return
        price = f"{tape.trade_price[last]:.{one.decimals}f}"
        frame = (
            f'{{"type":"ticker","sequence":{self._sequence(one)},"product_id":"{one.symbol}",'
            f'"price":"{price}","open_24h":"{price}","volume_24h":"48211.03918446",'
            f'"low_24h":"{price}","high_24h":"{price}","volume_30d":"2311045.50189032",'
            f'"best_bid":"{tape.bid[row]:.{one.decimals}f}",'
            f'"best_bid_size":"{tape.bid_size[row]:.8f}",'
            f'"best_ask":"{tape.ask[row]:.{one.decimals}f}",'
            f'"best_ask_size":"{tape.ask_size[row]:.8f}",'
            f'"side":"{"buy" if tape.taker_buys[last] else "sell"}",'
            f'"time":"{self.stamp(int(tape.quote_ts[row]), 6)}",'
            f'"trade_id":{one.first_id + last},"last_size":"{tape.trade_size[last]:.8f}"}}'
        )
        self.publish(clients, frame)

    def beat(self, now: int) -> None:
        """A heartbeat a product."""
        time = self.stamp(now, 6)
        for symbol, progress in self.progress.items():
            listing = progress.tape.listing
            last_id = listing.first_id + progress.trades - 1 if progress.trades else 0
            frame = (
                f'{{"type":"heartbeat","last_trade_id":{last_id},"product_id":"{symbol}",'
                f'"sequence":{self._sequence(listing)},"time":"{time}"}}'
            )
            for client in self.clients:
                if ("heartbeat", symbol) in client.subscriptions:
                    self.clients.send(client, frame)

    def unknown(self, filler: str) -> str:
        """Of a type that does not exist."""
        return f'{{"type":"l9snapshot","filler":"{filler}"}}'


def _order_id(number: int) -> str:
    digits = f"{number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
