"""The venues by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from streams.feeds.alpaca import Alpaca
from streams.feeds.binance import Binance
from streams.feeds.coinbase import Coinbase
from streams.feeds.finnhub import Finnhub
from streams.feeds.kraken import Kraken
from streams.feeds.venue import Venue
from streams.feeds.yahoo import Yahoo

VENUES: Mapping[str, type[Venue[Any]]] = MappingProxyType(
    {v.name: v for v in (Coinbase, Kraken, Binance, Alpaca, Finnhub, Yahoo)}
)
