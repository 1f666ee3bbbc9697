"""A simulated market straight into the core: the day of `comove demo` without its network.

Each venue's trades come 20 ms after they happen; while a venue is down nothing comes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from heapq import merge
from itertools import chain

import msgspec

from config.settings import Config
from daemon.demo import SERVERS, closes, on_simulated
from daemon.watch import Watch
from streams.instrument import NS
from streams.simulator.market import SimulatedMarket
from streams.simulator.script import CALM, DEMO, Script
from streams.simulator.tape import Tape
from streams.tick import Beat, FeedEvent, FeedState, Item, Tick

SCRIPTS: Mapping[str, Script] = {"demo": DEMO, "calm": CALM}
"""`demo` holds every cause an alert can have, `calm` holds none."""

_LATENCY = NS // 50


class UnknownInstrumentError(Exception):
    """An instrument that the simulated market does not have; the text says which there are."""


def on_scenario(config: Config, market: SimulatedMarket) -> Config:
    """The configuration with its instruments on the simulated venues."""
    missing = [i.name for i in config.instruments if i.name not in market.model.index]
    if missing:
        known = ", ".join(market.model.index)
        raise UnknownInstrumentError(f"{missing[0]} is not simulated: {known} are")
    venues = {server.venue for server in SERVERS}
    instruments = tuple(on_simulated(instrument, venues) for instrument in config.instruments)
    return msgspec.structs.replace(config, instruments=instruments)


def play_scenario(
    watch: Watch,
    market: SimulatedMarket,
    progress: Callable[[float], None] = lambda _: None,
) -> None:
    """The market's past is learned, then its script is played; `progress` is told the share."""
    watch.market.learn(closes(market.history()))
    span = market.end_ns - market.start_ns
    for count, item in enumerate(items(market)):
        watch.accept(item)
        if count % 5000 == 0:
            progress((item.ts_recv - market.start_ns) / span)
    watch.accept(Beat(market.end_ns + NS))


def items(market: SimulatedMarket) -> Iterator[Item]:
    """What the venues tell, in order of receipt."""
    venues = {listing.venue for listing in market.model.listings}
    tapes = (_trades(tape, market) for venue in sorted(venues) for tape in market.tapes(venue))
    events = (_outages(venue, market) for venue in sorted(venues))
    return merge(*events, *tapes, key=lambda item: item.ts_recv)


def _trades(tape: Tape, market: SimulatedMarket) -> Iterator[Item]:
    venue, symbol = tape.listing.venue, tape.listing.symbol
    down = market.outages(venue)
    for ts, price in zip(tape.trade_ts.tolist(), tape.trade_price.tolist(), strict=True):
        if not any(start <= ts < end for start, end in down):
            yield Tick("trade", venue, symbol, price, None, None, None, ts, ts + _LATENCY)


def _outages(venue: str, market: SimulatedMarket) -> Iterator[Item]:
    live = FeedEvent(venue, None, FeedState.LIVE, market.start_ns)
    turns = (
        (
            FeedEvent(venue, None, FeedState.DOWN, start, "connection refused"),
            FeedEvent(venue, None, FeedState.LIVE, end),
        )
        for start, end in market.outages(venue)
    )
    return chain([live], *turns)
