"""A recording or price files through the core: what would have fired, and the messages.

The same market and engine as in `run`, over another source; the same input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import merge
from math import inf
from pathlib import Path
from types import MappingProxyType

import msgspec
import numpy as np

from config.settings import Config
from daemon.daily import LOOK, Daily, is_daily
from daemon.texts import new_york
from daemon.watch import Watch
from daemon.wiring import venue_for
from streams.context.files import among
from streams.estimators.beta import Beta
from streams.estimators.pearson import Pearson
from streams.feeds.venue import Venue
from streams.history.prices import Prices
from streams.history.recording import Playback
from streams.history.shelf import recordings
from streams.instrument import NS, Instrument, Pair, Route
from streams.market import Market
from streams.snapshot import Reading
from streams.tick import Beat, ContextPoint, Item, Tick

VENUE = "file"
_NEVER = 2**60
_MOST_MINUTES = 24 * 60


def file_instrument(instrument: Instrument, prices: Prices) -> Instrument:
    """The instrument as a price file feeds it; bars must not turn stale between two of them."""
    patience = _NEVER if is_daily(prices) else 3 * prices.bar
    return msgspec.structs.replace(
        instrument,
        routes=(Route(VENUE, instrument.name),),
        price="trade",
        stale_after=max(instrument.stale_after, patience),
    )


def on_files(config: Config, files: Mapping[str, Prices], step: int) -> Config:
    """The configuration as price files feed it, its rules looked at every `step` ns."""
    fed = list(files)
    return msgspec.structs.replace(
        config,
        step=step,
        instruments=tuple(
            file_instrument(i, files[i.name]) if i.name in files else i for i in config.instruments
        ),
        pairs=tuple(controls_fed(pair, fed) for pair in config.pairs),
        rules=tuple(
            msgspec.structs.replace(rule, pair=controls_fed(rule.pair, fed))
            for rule in config.rules
        ),
    )


def usual_step(files: Mapping[str, Prices]) -> int:
    """How often rules are looked at on files: once a bar, at least a second apart (ns)."""
    return min(max(min((prices.bar for prices in files.values()), default=0), NS), LOOK)


def ticks(files: Mapping[str, Prices]) -> Iterator[Tick[float]]:
    """The prices of all files as trades in order of time; at one instant, in the files' order."""
    names = list(files)
    if not names:
        return
    stamps = np.concatenate([files[name].ts for name in names])
    prices = np.concatenate([files[name].price for name in names])
    owners = np.repeat(np.arange(len(names)), [len(files[name].ts) for name in names])
    order = np.lexsort((owners, stamps))
    rows = zip(stamps[order].tolist(), prices[order].tolist(), owners[order].tolist(), strict=True)
    for ts, price, owner in rows:
        yield Tick("trade", VENUE, names[owner], price, None, None, None, ts, ts)


class Day(msgspec.Struct, frozen=True):
    """One session of a pair, on one-minute returns."""

    date: str
    minutes: int
    correlation: Reading
    beta: Reading


class Days:
    """Collects a pair's one-minute returns and sums each session up."""

    def __init__(self, market: Market, pair: Pair) -> None:
        self._days: dict[str, tuple[Pearson, Beta]] = {}
        self._minutes: dict[str, int] = {}
        market.link(pair.x, pair.y).on_minute = self._take

    def _take(self, end: int, x: float, y: float) -> None:
        date = new_york(end, "%Y-%m-%d")
        if date not in self._days:
            self._days[date] = Pearson(_MOST_MINUTES), Beta(inf)
        for estimator in self._days[date]:
            estimator.update(x, y)
        self._minutes[date] = self._minutes.get(date, 0) + 1

    def rows(self) -> list[Day]:
        """The sessions so far, in order."""
        return [
            Day(date, self._minutes[date], pearson.value(), beta.value())
            for date, (pearson, beta) in self._days.items()
        ]


def play(
    watch: Watch,
    files: Mapping[str, Prices],
    span: tuple[int, int],
    *,
    context: Sequence[ContextPoint] = (),
    closes: Mapping[str, Prices] = MappingProxyType({}),
    progress: Callable[[int], None] = lambda _: None,
    every: int = 1000,
) -> None:
    """Feed all files to the core; rules are looked at inside `span` (ns), what comes before warms.

    Daily bars are closes, and no ticks; `closes` are more of them. `context` comes among them as it
    became known. `progress` is told the items done, every so many.
    """
    first, last = span
    warming = True
    within = {name: prices for name, prices in files.items() if not is_daily(prices)}
    days = {name: prices for name, prices in files.items() if name not in within}
    daily = Daily({**closes, **days}, watch.market)
    items = daily.among(ticks(within), first)
    for count, item in enumerate(among(items, context), 1):
        if item.ts_recv > last:
            break
        if item.ts_recv < first:
            watch.warm(item)
        else:
            if warming:
                warming = False
                watch.warm(Beat(first - 1))
            watch.accept(item)
        daily.tell(item.ts_recv)
        if count % every == 0:
            progress(count)
    # What the last bar of a day says is looked at next.
    watch.accept(Beat(last + (2 * NS if within else LOOK)))


def common_span(files: Mapping[str, Prices], pair: Pair) -> tuple[int, int]:
    """From the instant at which both of a pair have prices to the one at which one has no more."""
    both = [files[name].ts for name in (pair.x, pair.y)]
    return max(int(ts[0]) for ts in both), min(int(ts[-1]) for ts in both)


def recorded(config: Config, paths: Sequence[Path]) -> Iterator[Item]:
    """The items of recordings in order of receipt, for the configured instruments.

    A folder stands for all recordings in it.
    """

    def make(name: str) -> tuple[Venue[float], Callable[[str, int], bool], float] | None:
        known = next((venue for venue in config.venues if venue.name == name), None)
        return venue_for(config, known) if known else None

    players = [Playback(several, make).items() for several in recordings(paths)]
    return merge(*players, key=lambda item: item.ts_recv)


def play_recorded(watch: Watch, items: Iterable[Item]) -> int:
    """Feed recorded items to the core; how many there were."""
    count, last = 0, 0
    for item in items:
        watch.accept(item)
        count, last = count + 1, item.ts_recv
    if count:
        watch.accept(Beat(last + 2 * NS))
    return count


def controls_fed(pair: Pair, fed: Sequence[str]) -> Pair:
    """The pair without the controls that no file feeds."""
    return msgspec.structs.replace(pair, controls=tuple(c for c in pair.controls if c in fed))
