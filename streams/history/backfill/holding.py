"""One instrument's history at one venue: what is on the disk, and the rest asked for."""

from __future__ import annotations

import logging
from bisect import bisect_right
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar

from streams.history.backfill import cache
from streams.history.backfill.cache import Price
from streams.history.backfill.client import Client
from streams.history.backfill.source import DAY, HOUR, MINUTE, SIZES, Bar, Question
from streams.history.backfill.stretches import Stretch
from streams.instrument import NS

P = ParamSpec("P")
T = TypeVar("T")
_log = logging.getLogger(__name__)

SETTLE = 16 * MINUTE
"""How long after its end a day may still change: prints come late, and free plans see them so."""
_EVENING = 7 * HOUR
"""A daily bar is stamped at most so long after its close (Yahoo's last: when it was asked)."""
_MORNING = 17 * HOUR
"""And at most so long before: New York's midnight."""
_STALE = 3 * HOUR
"""How old the last trade before a close may be."""
_MANY = 10
"""Closes in a row without a bar: they lie before a venue's first day."""


class Run(Protocol):
    """Has work done elsewhere (`daemon.worker.Worker.run`)."""

    def __call__(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
        """What it answers."""


class Holding:
    """A venue's bars of one instrument, kept in `folder`; `now` tells ns UTC."""

    def __init__(
        self, client: Client, symbol: str, folder: Path, *, run: Run, now: Callable[[], int]
    ) -> None:
        self.client = client
        self._symbol = symbol
        self._folder = folder / client.source.name
        self._run = run
        self._now = now

    @property
    def name(self) -> str:
        """Of this history."""
        return self.client.source.name

    @property
    def venue(self) -> str:
        """Whose it is."""
        return self.client.source.venue

    async def minutes(self, wanted: Sequence[Stretch]) -> AsyncIterator[Sequence[Price]]:
        """The closes of minutes in these stretches: each time all that is known, as it grows.

        The youngest are asked for first, a day that is over but once. Raises HistoryError.
        """
        held = await self._held(MINUTE, [each.name for each in wanted])
        yield _joined(held)
        missing = [each for each in wanted if each.name not in held]
        for batch in _batches(missing, self.client.source.span(MINUTE)):
            held |= await self._batch(batch)
            yield _joined(held)

    async def _batch(self, batch: Sequence[Stretch]) -> dict[str, list[Price]]:
        """The stretches of one question; those that are whole go to the disk."""
        asked_at, oldest = self._now(), self.client.oldest(MINUTE)
        question = Question(self._symbol, MINUTE, batch[0].start, batch[-1].end)
        bars = await self.client.bars(question)
        parts = {each.name: [b for b in bars if each.start < b.ts <= each.end] for each in batch}
        whole = [each for each in batch if each.end + SETTLE <= asked_at and each.start >= oldest]
        await self._save(cache.write, MINUTE, {each.name: parts[each.name] for each in whole})
        return {name: [(one.ts, one.close) for one in part] for name, part in parts.items()}

    async def closes(self, due: Sequence[int], size: int) -> AsyncIterator[Sequence[Price]]:
        """The prices at these instants, of bars of `size`: each time all that is known.

        The youngest are asked for first, and none that is known. Raises HistoryError.
        """
        years = dict.fromkeys(map(_year, due))
        held = dict(chain.from_iterable((await self._held(DAY, list(years))).values()))
        yield _known(held, due)
        for run in _runs([ts for ts in due if ts not in held], due):
            found = await self._closes(run, size)
            held |= {one.ts: one.close for one in found}
            yield _known(held, due)
            if not found and len(run) > _MANY:
                return

    async def _closes(self, run: Sequence[int], size: int) -> list[Bar]:
        before, after = (_MORNING, _EVENING) if size == DAY else (_STALE, 0)
        question = Question(self._symbol, size, run[0] - before, run[-1] + after)
        bars = await self.client.bars(question, to_the_beginning=True)
        found = at_closes(bars, run, size)
        await self._save(cache.add, DAY, {_year(run[0]): found})
        return found

    # -- the disk

    async def _held(self, size: int, names: Sequence[str]) -> dict[str, list[Price]]:
        return await self._run(cache.read, self._folder / SIZES[size], names, self._symbol)

    async def _save(
        self,
        put: Callable[[Path, Mapping[str, Sequence[Bar]], str], None],
        size: int,
        files: Mapping[str, Sequence[Bar]],
    ) -> None:
        """What has no bar is not there: it is asked for again. A full disk costs the memory."""
        filled = {name: bars for name, bars in files.items() if bars}
        if filled:
            try:
                await self._run(put, self._folder / SIZES[size], filled, self._symbol)
            except OSError as error:
                _log.warning("history cannot be kept in %s: %s", self._folder, error.strerror)


def at_closes(bars: Sequence[Bar], due: Sequence[int], size: int) -> list[Bar]:
    """The bars of these closes, stamped so; where daily ones are not used, the last one before."""
    daily = size == DAY
    before, after = (_MORNING, _EVENING) if daily else (_STALE, 0)
    stamps = [one.ts - DAY if daily else one.ts for one in bars]
    found = []
    for close in due:
        at = bisect_right(stamps, close + after) - 1
        if at >= 0 and stamps[at] > close - before:
            one = bars[at]
            rest = (one.open, one.high, one.low, one.volume) if daily else ()
            found.append(Bar(close, one.close, *rest))
    return found


def _year(ts: int) -> str:
    return f"{datetime.fromtimestamp(ts // NS, UTC):%Y}"


def _batches(missing: Sequence[Stretch], span: int) -> Iterator[list[Stretch]]:
    """What is asked for in one go, the youngest first: as much as one question may cover."""
    batch: list[Stretch] = []
    for each in reversed(missing):
        if batch and batch[-1].end - each.start > span:
            yield batch
            batch = []
        batch.insert(0, each)
    if batch:
        yield batch


def _runs(missing: Sequence[int], due: Sequence[int]) -> Iterator[list[int]]:
    """Those with no known one between them, of one year each; the youngest first."""
    place = {ts: n for n, ts in enumerate(due)}
    run: list[int] = []
    for ts in reversed(missing):
        if run and (place[run[0]] - place[ts] > 1 or _year(run[0]) != _year(ts)):
            yield run
            run = []
        run.insert(0, ts)
    if run:
        yield run


def _joined(held: Mapping[str, Sequence[Price]]) -> list[Price]:
    return [price for name in sorted(held) for price in held[name]]


def _known(held: Mapping[int, float], due: Sequence[int]) -> list[Price]:
    return [(ts, held[ts]) for ts in due if ts in held]
