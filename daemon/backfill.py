"""From configuration to the venues that are asked for the past, and what of each instrument."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from random import Random

from config.settings import Config, Venue
from daemon.past import Past
from daemon.worker import Worker
from streams.history.backfill.alpaca import Alpaca, Tape
from streams.history.backfill.backfill import Backfill, Wanted
from streams.history.backfill.binance import Binance
from streams.history.backfill.client import TRIES, Client
from streams.history.backfill.coinbase import Coinbase
from streams.history.backfill.holding import Holding, Run
from streams.history.backfill.kraken import Kraken
from streams.history.backfill.search import Prices
from streams.history.backfill.source import Source
from streams.history.backfill.yahoo import Yahoo
from streams.instrument import Instrument
from streams.market import Market
from streams.sessions import Calendar, calendar

_log = logging.getLogger(__name__)

_IDLE = 5.0
"""Seconds that the process for Parquet stays without work."""
_KEYLESS: dict[str, type[Source]] = {one.venue: one for one in (Coinbase, Kraken, Binance, Yahoo)}


def comparing_hours(config: Config) -> Calendar:
    """At whose closes all instruments are compared: New York's, where one of them trades there."""
    every = [calendar(each.calendar) for each in config.instruments]
    return next((hours for hours in every if hours.horizon_ns is not None), every[0])


def make_past(
    config: Config, market: Market, *, now: Callable[[], int], rng: Random
) -> Past | None:
    """What the market is to know of before; None where venues are not to be asked."""
    worker = Worker(idle=_IDLE)

    def recall(name: str, prices: Prices) -> None:
        market.recall({name: prices})

    backfill = make_backfill(config, now=now, rng=rng, run=worker.run, on_closes=recall)
    if backfill is None:
        return None
    hours = comparing_hours(config)
    return Past(backfill, market, hours, now=now, rng=rng, leave=worker.close)


def make_backfill(
    config: Config,
    *,
    now: Callable[[], int],
    rng: Random,
    run: Run,
    on_closes: Callable[[str, Prices], None],
) -> Backfill | None:
    """None where venues are not to be asked; `run` has Parquet read and written elsewhere."""
    past = config.history
    if past is None:
        return None
    clients = Clients(config, now, rng)

    def wanted(instrument: Instrument) -> Wanted:
        folder = past.folder / instrument.name
        holdings = [
            [
                Holding(client, symbol, folder, run=run, now=now)
                for client, symbol in clients.of(instrument, closes=closes)
            ]
            for closes in (False, True)
        ]
        if not holdings[0]:
            _log.info("history: no feed of %s can be asked for its past", instrument.name)
        return Wanted(instrument.name, calendar(instrument.calendar), *holdings)

    return Backfill(
        [wanted(instrument) for instrument in config.instruments],
        hours=comparing_hours(config),
        days=past.days,
        back=past.back,
        now=now,
        on_closes=on_closes,
    )


class Clients:
    """One a source, for all instruments: a venue counts the questions of them all."""

    def __init__(
        self, config: Config, now: Callable[[], int], rng: Random, *, tries: int = TRIES
    ) -> None:
        self._config = config
        self._tries = tries
        self._now = now
        self._rng = rng
        self._made: dict[str, Client] = {}

    def of(self, instrument: Instrument, *, closes: bool) -> Iterator[tuple[Client, str]]:
        """Who is asked for its closes or its minutes, by which symbol, in order of preference."""
        for route in instrument.routes:
            venue = self._config.venue(route.venue)
            source = _source(venue, closes=closes)
            if source is not None:
                yield self._client(source, venue.rest), route.symbol

    def _client(self, source: Source, base: str | None) -> Client:
        made = Client(source, now=self._now, rng=self._rng, base=base, tries=self._tries)
        return self._made.setdefault(source.name, made)


def _source(venue: Venue, *, closes: bool) -> Source | None:
    """None where the venue has no history, or who stands at its address may not have it."""
    if venue.url is not None and venue.rest is None:
        return None
    if venue.name in _KEYLESS:
        return _KEYLESS[venue.name]()
    if venue.name == Alpaca.venue and venue.key is not None and venue.secret is not None:
        tape = "sip" if closes else _tape(venue.feed)
        return None if tape is None else Alpaca(venue.key, venue.secret, tape)
    return None


def _tape(feed: str | None) -> Tape | None:
    """That of the live stream: what minutes teach is to be true of its ticks."""
    if feed in {"sip", "delayed_sip"}:
        return "sip"
    return "iex" if feed in {None, "iex"} else None
