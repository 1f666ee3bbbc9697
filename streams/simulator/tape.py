"""What a venue prints: trades and quotes of a listing, as arrays."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.simulator.hours import NS, Instants
from streams.simulator.instruments import Floats, Listing


class Tape(msgspec.Struct, frozen=True):
    """A listing's trades and quotes in the order of their instants (ns UTC)."""

    listing: Listing
    trade_ts: Instants
    trade_price: Floats
    trade_size: Floats
    taker_buys: NDArray[np.bool_]
    quote_ts: Instants
    bid: Floats
    ask: Floats
    bid_size: Floats
    ask_size: Floats


def arrivals(rate: float, start_ns: int, end_ns: int, rng: np.random.Generator) -> Instants:
    """The instants of a Poisson process of `rate` a second."""
    count = rng.poisson(rate * (end_ns - start_ns) / NS)
    instants: Instants = np.sort(rng.integers(start_ns, end_ns, count, dtype=np.int64))
    return instants


def trade_prices(
    mid: Floats, listing: Listing, rng: np.random.Generator
) -> tuple[Floats, NDArray[np.bool_]]:
    """Prices on the venue's ticks, bounced between bid and ask, and whether the taker buys."""
    buys = rng.random(len(mid)) < 0.5
    bounced = mid + np.where(buys, listing.half_spread, -listing.half_spread)
    return _on_ticks(bounced, listing), buys


def record(
    listing: Listing,
    trade_ts: Instants,
    quote_ts: Instants,
    trade_mid: Floats,
    quote_mid: Floats,
    *,
    rng: np.random.Generator,
) -> Tape:
    """A tape from the instants of trades and of quotes, and the mid prices there."""
    price, buys = trade_prices(trade_mid, listing, rng)
    tick = listing.tick_size
    bid = _on_ticks(quote_mid - listing.half_spread, listing)
    ask = np.maximum(quote_mid + listing.half_spread, bid + tick)
    return Tape(
        listing=listing,
        trade_ts=trade_ts,
        trade_price=price,
        trade_size=_sizes(len(trade_ts), listing, rng),
        taker_buys=buys,
        quote_ts=quote_ts,
        bid=bid,
        ask=_on_ticks(ask, listing),
        bid_size=_sizes(len(quote_ts), listing, rng),
        ask_size=_sizes(len(quote_ts), listing, rng),
    )


def _on_ticks(price: Floats, listing: Listing) -> Floats:
    rounded: Floats = np.round(price, listing.decimals)
    return rounded


def _sizes(count: int, listing: Listing, rng: np.random.Generator) -> Floats:
    least = 10.0**-listing.size_decimals
    drawn = listing.size * np.exp(rng.standard_normal(count))
    sizes: Floats = np.maximum(np.round(drawn, listing.size_decimals), least)
    return sizes
