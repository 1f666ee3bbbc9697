"""A clock that can be set, clients of stand-in venues, and a worker in this very process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from random import Random
from typing import ParamSpec, TypeVar

from daemon.clock import Clock
from streams.history.backfill.client import Client
from streams.history.backfill.source import Source
from tests.stand_ins.candles import NS, Candles

P = ParamSpec("P")
T = TypeVar("T")


def at(text: str) -> int:
    """An instant (UTC) in ns."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * NS


def clock(text: str) -> Callable[[], int]:
    """It is this instant (UTC) now."""
    return Clock(asyncio.get_running_loop(), at(text)).now


async def here(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """A worker's `run`."""
    return work(*args, **kwargs)


@asynccontextmanager
async def asking(source: Source, server: Candles, patience: float = 120.0) -> AsyncIterator[Client]:
    """A client of the stand-in, closed at the end."""
    rng = Random(1)
    made = Client(source, now=server.now, rng=rng, base=server.url, patience=patience)
    try:
        yield made
    finally:
        await made.close()
