"""A simulated market: what the stand-in venues send, and the past that a warm start reads.

    market = SimulatedMarket(seed=1)
    market.tape("coinbase", "ETH-USD")   # trades and quotes from the start on
    market.history(sessions=20)          # the sessions before, ending at the start's prices

The same seed gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import chain
from zlib import crc32

import msgspec
import numpy as np

from streams.simulator import hours
from streams.simulator.hours import NS, START_NS, Instants
from streams.simulator.instruments import MODEL, Floats, Listing, Model
from streams.simulator.past import Past, past
from streams.simulator.path import walk
from streams.simulator.script import DEMO, Injection, Outage, Phase, Script
from streams.simulator.tape import Tape, arrivals, record


class Path(msgspec.Struct, frozen=True):
    """An instrument's price at every second, before any venue rounds it."""

    ts: Instants
    price: Floats


class SimulatedMarket:
    """Prices, ticks and history of one seed and one script; all arrays are made on first use."""

    def __init__(
        self,
        *,
        seed: int = 8,
        script: Script = DEMO,
        start_ns: int = START_NS,
        model: Model = MODEL,
    ) -> None:
        self.seed = seed
        self.script = script
        self.model = model
        self.start_ns = start_ns
        self.end_ns = start_ns + round(script.duration * NS)

    @property
    def injections(self) -> tuple[Injection, ...]:
        """What was done to the market, and when."""
        return tuple(
            Injection(phase.name, *self._span(phase))
            for phase in self.script.phases
            if phase.turns[-1] > 0
        )

    def outages(self, venue: str) -> tuple[tuple[int, int], ...]:
        """When a venue is down: from and until (ns)."""
        return tuple(
            self._span(phase)
            for phase in self.script.phases
            if isinstance(phase, Outage) and phase.venue == venue
        )

    def tapes(self, venue: str) -> tuple[Tape, ...]:
        """All that a venue prints, a tape a listing."""
        return tuple(tape for tape in self._live[1] if tape.listing.venue == venue)

    def tape(self, venue: str, symbol: str) -> Tape:
        """What a venue prints of one symbol (the venue's own name)."""
        return next(tape for tape in self.tapes(venue) if tape.listing.symbol == symbol)

    def path(self, instrument: str) -> Path:
        """The price itself, at every whole second from the start to the end."""
        return self._live[0][instrument]

    def history(self, *, sessions: int = 20, bar: float = 15.0) -> Mapping[str, Past]:
        """Per instrument, the closes of the regular sessions until the start, and of days.

        `sessions` whole ones before the start's own day; bars of `bar` seconds.
        """
        return past(
            self.model,
            self.script,
            self.start_ns,
            count=sessions,
            bar_ns=round(bar * NS),
            rng=self._rng("history"),
        )

    def _span(self, phase: Phase) -> tuple[int, int]:
        return self.start_ns + round(phase.start * NS), self.start_ns + round(phase.turns[-1] * NS)

    def _rng(self, purpose: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, crc32(purpose.encode())])

    @cached_property
    def _live(self) -> tuple[Mapping[str, Path], tuple[Tape, ...]]:
        seconds = np.arange(self.start_ns, self.end_ns + 1, NS, dtype=np.int64)
        arriving = [self._arrivals(listing) for listing in self.model.listings]
        times = np.unique(np.concatenate([seconds, *chain(*arriving)]))
        logs = walk(times, self.model, self.script, self.start_ns, self._rng("path"))

        def price(instrument: str, at: Instants) -> Floats:
            column = self.model.index[instrument]
            rows = np.searchsorted(times, at)
            prices: Floats = self.model.instruments[column].price * np.exp(logs[rows, column])
            return prices

        paths = {i.name: Path(seconds, price(i.name, seconds)) for i in self.model.instruments}
        tapes = []
        for listing, (trades, quotes) in zip(self.model.listings, arriving, strict=True):
            mids = (price(listing.instrument, at) * (1 + listing.basis) for at in (trades, quotes))
            rng = self._rng(f"tape {listing.venue} {listing.symbol}")
            tapes.append(record(listing, trades, quotes, *mids, rng=rng))
        return paths, tuple(tapes)

    def _arrivals(self, listing: Listing) -> tuple[Instants, Instants]:
        """When a listing's trades and quotes come: in its venue's hours."""
        rng = self._rng(f"arrivals {listing.venue} {listing.symbol}")
        span = (self.start_ns, self.end_ns)
        trades, quotes = (arrivals(rate, *span, rng) for rate in (listing.trades, listing.quotes))
        if self.model.instruments[self.model.index[listing.instrument]].continuous:
            return trades, quotes
        open_hours = list(hours.sessions(*map(hours.new_york_day, span)))
        trades, quotes = (at[hours.in_session(at, open_hours)] for at in (trades, quotes))
        return trades, quotes
