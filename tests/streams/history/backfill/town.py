"""All venues' stand-ins, and a backfill of the four instruments that are watched from the start."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random

from pydantic import SecretStr

from streams.history.backfill.alpaca import Alpaca
from streams.history.backfill.backfill import Backfill, Wanted
from streams.history.backfill.client import Client
from streams.history.backfill.coinbase import Coinbase
from streams.history.backfill.holding import Holding
from streams.history.backfill.kraken import Kraken
from streams.history.backfill.search import Prices
from streams.history.backfill.source import Source
from streams.history.backfill.yahoo import Yahoo
from streams.sessions import calendar
from tests.stand_ins.candle_venues import (
    KEY,
    SECRET,
    AlpacaCandles,
    CoinbaseCandles,
    KrakenCandles,
    YahooCandles,
)
from tests.stand_ins.candles import DAY, Candles
from tests.streams.history.backfill.setting import here

SIP, IEX = (Alpaca(SecretStr(KEY), SecretStr(SECRET), tape) for tape in ("sip", "iex"))
SYMBOLS = {
    ("ETH", "coinbase"): "ETH-USD",
    ("ETH", "kraken"): "ETH/USD",
    ("BTC", "coinbase"): "BTC-USD",
}


class Town:
    """The servers, and who may be asked for what."""

    def __init__(self, now: Callable[[], int], latency: float = 0.0) -> None:
        self.now = now
        self.coinbase = CoinbaseCandles(now, "ETH-USD", "BTC-USD", latency=latency)
        self.kraken = KrakenCandles(now, "ETHUSD", latency=latency)
        self.alpaca = AlpacaCandles(now, "IWM", latency=latency)
        self.yahoo = YahooCandles(now, "IWM", "SPY", latency=latency)
        self.closes: dict[str, Prices] = {}

    @property
    def servers(self) -> Sequence[Candles]:
        return self.coinbase, self.kraken, self.alpaca, self.yahoo

    @property
    def asked(self) -> list[str]:
        return [path for server in self.servers for path in server.asked]

    def forget(self) -> None:
        for server in self.servers:
            server.asked.clear()

    def backfill(
        self,
        folder: Path,
        *,
        days: int = 2,
        back: int = 60 * DAY,
        only: str = "",
        on_closes: Callable[[str, Prices], None] | None = None,
    ) -> Backfill:
        hours = calendar("NYSE")
        clients: dict[str, Client] = {}

        def holdings(name: str, *sources: Source) -> Iterator[Holding]:
            for source in sources:
                server = next(each for each in self.servers if each.venue == source.venue)
                made = clients.setdefault(
                    source.name, Client(source, now=self.now, rng=Random(1), base=server.url)
                )
                symbol = SYMBOLS.get((name, source.venue), name)
                yield Holding(made, symbol, folder / name, run=here, now=self.now)

        wanted = [
            Wanted(
                name, calendar(of), tuple(holdings(name, *first)), tuple(holdings(name, *second))
            )
            for name, of, first, second in (
                ("ETH", "24/7", (Coinbase(), Kraken()), (Coinbase(), Kraken())),
                ("BTC", "24/7", (Coinbase(),), (Coinbase(),)),
                ("IWM", "NYSE", (IEX, Yahoo()), (SIP, Yahoo())),
                ("SPY", "NYSE", (Yahoo(),), (Yahoo(),)),
            )
            if not only or name == only
        ]
        return Backfill(
            wanted,
            hours=hours,
            days=days,
            back=back,
            now=self.now,
            on_closes=on_closes or self.closes.__setitem__,
        )


@asynccontextmanager
async def town(now: Callable[[], int], latency: float = 0.0) -> AsyncIterator[Town]:
    made = Town(now, latency)
    async with AsyncExitStack() as stack:
        for server in made.servers:
            await stack.enter_async_context(server)
        yield made


@asynccontextmanager
async def closing(backfill: Backfill) -> AsyncIterator[Backfill]:
    try:
        yield backfill
    finally:
        await backfill.close()
