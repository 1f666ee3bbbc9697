"""Which venue's history is taken: the first that is whole, and of none a piece."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

import msgspec

from streams.history.backfill.cache import Price
from streams.history.backfill.errors import HistoryError
from streams.history.backfill.holding import Holding

Prices = Sequence[Price]
Fetch = Callable[[Holding], AsyncIterator[Prices]]


class Series(msgspec.Struct, frozen=True):
    """Prices of one history of a venue, in order."""

    history: str
    venue: str
    prices: Prices = ()


class Found(msgspec.Struct, frozen=True):
    """What is to be taken, None where nothing is; and why not what stood before it.

    `failed` where none is whole, and one may be another time.
    """

    series: Series | None
    faults: tuple[str, ...] = ()
    failed: bool = False


async def first_whole(
    holdings: Sequence[Holding],
    fetch: Fetch,
    whole: Callable[[Prices], bool],
    tell: Callable[[Series], None] = lambda _: None,
) -> Found:
    """The first that is `whole`, or the longest of all; `tell` hears of each as it grows."""
    best: Series | None = None
    faults: list[str] = []
    failed = False
    for holding in holdings:
        series, fault = await _attempt(holding, fetch, tell)
        if not fault and whole(series.prices):
            return Found(series, tuple(faults))
        failed = failed or bool(fault)
        faults.append(f"{holding.name}: {fault or f'{len(series.prices):,} are all it has'}")
        if len(series.prices) > (len(best.prices) if best else 0):
            best = series
    return Found(best, tuple(faults), failed)


async def _attempt(
    holding: Holding, fetch: Fetch, tell: Callable[[Series], None]
) -> tuple[Series, str]:
    """What one has, and what ended it too early."""
    series = Series(holding.name, holding.venue)
    try:
        async for prices in fetch(holding):
            series = msgspec.structs.replace(series, prices=prices)
            tell(series)
    except HistoryError as error:
        return series, str(error)
    return series, ""
