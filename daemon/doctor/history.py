"""The venues that are asked for the past, each asked for a little of it once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from random import Random

from config.settings import Config
from daemon.backfill import Clients
from daemon.doctor.finding import Check, Finding, ok, warn
from streams.history.backfill.client import Client
from streams.history.backfill.errors import HistoryError
from streams.history.backfill.source import DAY, HOUR, Question
from streams.sessions import calendar

_REMEDIES = (
    ("HTTP 401", "see whether key and secret are the venue's, and whole"),
    ("HTTP 403", "the venue refuses this key, or this country"),
    ("HTTP 404", "see whether the symbol is the venue's own name of it"),
    ("HTTP 429", "too many questions from this address: wait an hour"),
    ("HTTP 451", "the venue does not serve this country"),
)
_WEEK, _HOURS = 7 * DAY, 4 * HOUR


def history(config: Config, now: Callable[[], int], rng: Random) -> Iterator[Check]:
    """A check a history; statistics begin without what does not come, so none fails."""
    if config.history is None:
        return
    clients = Clients(config, now, rng, tries=1)
    asked: set[str] = set()
    for instrument in config.instruments:
        closes = calendar(instrument.calendar).horizon_ns is not None
        for client, symbol in clients.of(instrument, closes=True):
            if client.source.name not in asked:
                asked.add(client.source.name)
                look = partial(_asked, client, symbol, now, daily=closes)
                yield Check("history", client.source.name, look)


async def _asked(client: Client, symbol: str, now: Callable[[], int], *, daily: bool) -> Finding:
    size, back = (DAY, _WEEK) if daily else (HOUR, _HOURS)
    end = now() // HOUR * HOUR
    try:
        bars = await client.bars(Question(symbol, size, end - back, end))
    except HistoryError as error:
        return warn(f"{symbol}: {error}", _remedy(str(error)))
    finally:
        await client.close()
    what = f"{'daily' if daily else 'hourly'} bars of {symbol}"
    if not bars:
        return warn(f"no {what}", "see whether the symbol is the venue's own name of it")
    return ok(f"{len(bars)} {what}, the last at {bars[-1].close:,.2f}")


def _remedy(reason: str) -> str:
    for part, remedy in _REMEDIES:
        if part in reason:
            return remedy
    return "see whether a firewall lets this machine out, and whether the venue has an outage"
