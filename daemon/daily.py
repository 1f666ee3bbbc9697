"""Files of daily bars in a replay: they tell the core what sessions closed at, and are no ticks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from heapq import merge

import msgspec
import numpy as np

from streams.closes import last_close
from streams.history.prices import Prices
from streams.instrument import NS
from streams.market import Market
from streams.tick import Beat, Item

DAY = 86_400 * NS
LOOK = 6 * 3600 * NS
"""How often rules are looked at on nothing but daily bars: in the session that follows, too."""

Files = Mapping[str, Prices]


def is_daily(prices: Prices) -> bool:
    """Whether its bars are of days, or longer."""
    return prices.bar >= DAY


def ends_at_midnight(prices: Prices) -> bool:
    """Whether its days are of 24 hours and have no weekends."""
    return is_daily(prices) and float((np.diff(prices.ts) == DAY).mean()) > 0.9


class Close(msgspec.Struct, frozen=True, gc=False):
    """An instrument's price at the end of a session."""

    ts: int
    name: str
    price: float
    known: int
    """When its bar was over: one of 24 hours has a price of later than the close."""


class Daily:
    """What files of daily bars say of closes, told to a market when it is known and not before."""

    def __init__(self, files: Files, market: Market) -> None:
        self._market = market
        self._closes = sorted(_closes(files, market), key=lambda close: close.known)
        self._told = 0

    def among(self, items: Iterator[Item], since: int) -> Iterator[Item]:
        """The items, and a beat when each close is known; of those before `since`, now."""
        self.tell(since - 1)
        left = (close.known for close in self._closes[self._told :])
        beats = [Beat(ts) for ts in dict.fromkeys(left)]
        return merge(items, beats, key=lambda item: item.ts_recv) if beats else items

    def tell(self, now: int) -> None:
        """Have the market know all closes that are known by `now`."""
        first = self._told
        while self._told < len(self._closes) and self._closes[self._told].known <= now:
            self._told += 1
        for close in self._closes[first : self._told]:
            self._market.recall({close.name: [(close.ts, close.price)]})


def _closes(files: Files, market: Market) -> Iterator[Close]:
    """For the calendars of the market's pairs.

    A bar tells of the last close at or before its end, if that is of the same day: one of 24 hours
    ends at midnight, hours after New York has closed.
    """
    for (name, _), held in market.floor.closes.items():
        if name not in files or not is_daily(files[name]):
            continue
        late = ends_at_midnight(files[name])
        rows = zip(files[name].ts.tolist(), files[name].price.tolist(), strict=True)
        for ts, price in rows:
            close = last_close(held.hours, ts)
            if ts - close < DAY:
                yield Close(close, name, price, ts if late else close)
