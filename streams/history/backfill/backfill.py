"""The histories of all instruments, each of one venue: minutes and closes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

import msgspec

from streams.history.backfill.holding import SETTLE, Holding
from streams.history.backfill.search import Found, Prices, Series, first_whole
from streams.history.backfill.source import DAY, HOUR
from streams.history.backfill.stretches import Stretch, closes, days_back, stretches
from streams.sessions import Calendar

_log = logging.getLogger(__name__)

_WHOLE = 0.9
"""The share of what was asked for from which a history is whole: venues have gaps."""


class Wanted(msgspec.Struct, frozen=True):
    """An instrument: where its minutes and its closes may come from, in order of preference."""

    name: str
    hours: Calendar
    minutes: Sequence[Holding]
    closes: Sequence[Holding]


class Backfill:
    """`days` trading days of minutes and `back` (ns) of closes; `now` tells ns UTC.

    `hours` are those at whose closes all instruments are compared; `on_closes` gets an
    instrument's, once they are settled.
    """

    def __init__(
        self,
        wanted: Sequence[Wanted],
        *,
        hours: Calendar,
        days: int,
        back: int,
        now: Callable[[], int],
        on_closes: Callable[[str, Prices], None] = lambda *_: None,
    ) -> None:
        self.minutes: dict[str, Series] = {}
        """By instrument: what is known so far."""
        self.pending = {one.name for one in wanted if one.minutes}
        """Whose minutes are not settled yet."""
        self._wanted = tuple(wanted)
        self._hours = hours
        self._days = days
        self._back = back
        self._now = now
        self._on_closes = on_closes
        self._told: dict[str, tuple[str, ...]] = {}

    @property
    def progress(self) -> str:
        """One line."""
        done = len(self._wanted) - len(self.pending)
        return f"asking for history: minutes of {done} of {len(self._wanted)} instruments are there"

    async def round(self) -> bool:
        """Ask for what is missing now; whether nothing failed that may come later."""
        async with asyncio.TaskGroup() as tasks:
            asked = [
                tasks.create_task(ask(one), name=f"history {one.name}")
                for one in self._wanted
                for ask in (self._minutes_of, self._closes_of)
            ]
        return all(task.result() for task in asked)

    async def close(self) -> None:
        """Let connections go until the next round."""
        for one in self._wanted:
            for holding in (*one.minutes, *one.closes):
                await holding.client.close()

    async def _minutes_of(self, one: Wanted) -> bool:
        now = self._now()
        wanted = stretches(one.hours, days_back(self._hours, self._days, now), now)
        due = [each for each in wanted if each.start + SETTLE < now]

        def whole(prices: Prices) -> bool:
            return sum(_covers(each, prices) for each in due) >= _WHOLE * len(due)

        def tell(series: Series) -> None:
            known = self.minutes.get(one.name)
            if series.prices and (known is None or len(known.prices) < len(series.prices)):
                self.minutes[one.name] = series

        try:
            found = await first_whole(one.minutes, lambda each: each.minutes(wanted), whole, tell)
        finally:
            self.pending.discard(one.name)
        if found.series is not None:
            self.minutes[one.name] = found.series
        return self._say(f"minutes of {one.name}", found)

    async def _closes_of(self, one: Wanted) -> bool:
        now = self._now()
        due = closes(self._hours, now - self._back, now - SETTLE)
        # Of a market whose own day ends then there are daily bars.
        size = DAY if one.hours is self._hours and one.hours.horizon_ns is not None else HOUR
        found = await first_whole(
            one.closes,
            lambda each: each.closes(due, size),
            lambda prices: len(prices) >= _WHOLE * len(due),
        )
        if found.series is not None:
            self._on_closes(one.name, found.series.prices)
        return self._say(f"closes of {one.name}", found)

    def _say(self, what: str, found: Found) -> bool:
        """Tell of it, of the same fault once; whether it need not be asked for again soon."""
        if found.faults:
            level = logging.DEBUG if self._told.get(what) == found.faults else logging.WARNING
            _log.log(level, "history: %s: %s", what, "; ".join(found.faults))
        self._told[what] = found.faults
        if found.series is not None:
            count = len(found.series.prices)
            _log.info("history: %s from %s: %s", what, found.series.history, f"{count:,}")
        return not found.failed


def _covers(stretch: Stretch, prices: Prices) -> bool:
    return any(stretch.start < ts <= stretch.end for ts, _ in prices)
