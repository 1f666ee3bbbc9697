"""From configuration to the sources of the context, and when each is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from config.settings import Context, Fred
from streams.context import fear_greed, fred, kalshi
from streams.context.poll import Poll
from streams.context.source import Source
from streams.tick import ContextPoint


def sources(context: Context) -> Iterator[tuple[Source, str]]:
    """Each source with its schedule."""
    if context.fred is not None:
        for name in context.fred.series:
            yield _fred(name, context.fred), context.fred.schedule
    if context.fear_greed is not None:
        yield fear_greed.FearGreed(url=context.fear_greed.url), context.fear_greed.schedule
    if context.kalshi is not None:
        given = context.kalshi
        yield kalshi.Kalshi(series=given.series, url=given.url), given.schedule


def _fred(name: str, given: Fred) -> Source:
    key = None if given.key is None else given.key.get_secret_value()
    return fred.Fred(name, key=key, url=given.url)


def make_polls(
    context: Context,
    *,
    emit: Callable[[ContextPoint], None],
    now: Callable[[], int],
    rng: Random,
) -> tuple[Poll, ...]:
    """A poll a source."""
    return tuple(
        Poll(source, schedule=schedule, emit=emit, now=now, rng=rng)
        for source, schedule in sources(context)
    )
