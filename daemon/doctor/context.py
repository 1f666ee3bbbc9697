"""The sources of the context, each asked once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from alerts.backdrop import series_text
from alerts.moment import elapsed
from config.settings import Context
from daemon.doctor.finding import Check, Finding, ok, warn
from daemon.polls import sources
from streams.context.poll import PollError, fetch, open_client
from streams.context.source import Source

_REMEDIES = (
    ("HTTP 400", "see to the key in 'context: fred: key_file:'"),
    ("HTTP 401", "see to the key in 'context: fred: key_file:'"),
    ("HTTP 403", "it refuses this machine: try again later, or give FRED's API key (it is free)"),
    ("HTTP 429", "too many questions from this address: wait an hour"),
    ("ConnectError", "see the host's own line"),
)


def context(given: Context, now: Callable[[], int]) -> Iterator[Check]:
    """A check a series; alerts go without what does not come, so none fails."""
    for source, _ in sources(given):
        yield Check("context", source.name, partial(_asked, source, now))


async def _asked(source: Source, now: Callable[[], int]) -> Finding:
    async with open_client() as client:
        try:
            point = await fetch(client, source, now)
        except PollError as error:
            said = f"{source.publisher}: {error}"
            return warn(said, _remedy(str(error)))
    figure, age = series_text(point.name, point.value), elapsed(point.ts_recv - point.ts_event)
    return ok(f"{figure} of {point.source}, {age} old")


def _remedy(reason: str) -> str:
    for part, remedy in _REMEDIES:
        if part in reason:
            return remedy
    return "its answers may be others by now: 'url:' and 'series:' in 'context:' can follow them"
