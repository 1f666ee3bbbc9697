"""The past put before the present: minutes learned before the first tick, closes recalled."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from random import Random

from streams.history.backfill.backfill import Backfill
from streams.history.backfill.holding import SETTLE
from streams.history.backfill.search import Prices, Series
from streams.history.backfill.stretches import closes
from streams.instrument import NS
from streams.market import Market
from streams.sessions import Calendar

_log = logging.getLogger(__name__)

COLD, WARM = 45.0, 8.0
"""Seconds that the first tick waits for minutes: where nothing is known, and after a long gap."""
SHORT = 600 * NS
"""A shorter gap (ns) is not worth waiting for."""
_LOOK = 0.25
_AGAIN, _AT_MOST = 600.0, 3600.0
"""Seconds until what failed is asked for again, at first and at most."""
_JITTER = 240.0
"""Seconds: not everybody is to ask at the same instant."""
_DAY = 86_400 * NS


class Past:
    """Asks for the past, at the start and after each close of `hours`; `now` tells ns UTC.

    `leave` is called when the asking ends.
    """

    def __init__(
        self,
        backfill: Backfill,
        market: Market,
        hours: Calendar,
        *,
        now: Callable[[], int],
        rng: Random,
        leave: Callable[[], None] = lambda: None,
    ) -> None:
        self._backfill = backfill
        self._market = market
        self._hours = hours
        self._now = now
        self._rng = rng
        self._leave = leave

    async def run(self) -> None:
        """Ask until cancelled; what fails is told, and asked for again."""
        failed = 0
        try:
            while True:
                whole = await self._backfill.round()
                await self._backfill.close()
                failed = 0 if whole else failed + 1
                await asyncio.sleep(self._pause(failed))
        finally:
            self._leave()
            await self._backfill.close()

    def _pause(self, failed: int) -> float:
        """Seconds to the next round: when a day has settled, or sooner after a failure."""
        now = self._now()
        close = closes(self._hours, now - SETTLE, now + 15 * _DAY)[0]
        daily = (close + SETTLE - now) / NS + self._rng.uniform(0, _JITTER)
        if not failed:
            return daily
        again = min(_AGAIN * 2.0 ** min(failed - 1, 8), _AT_MOST) * self._rng.uniform(0.75, 1.25)
        return min(daily, again)

    async def learn(self, stop: asyncio.Event, tell: Callable[[str], None]) -> None:
        """Wait for minutes as long as that is worth it, and have the market learn them.

        To be called before the first item; `tell` hears now and then how it stands.
        """
        since = self._market.floor.known_to
        if not self._backfill.pending or (since and self._now() - since < SHORT):
            return
        _log.info(self._backfill.progress)
        await self._wait(WARM if since else COLD, stop, tell)
        known = _younger(self._backfill.minutes, since)
        if not stop.is_set() and known:
            venues = {name: self._backfill.minutes[name].venue for name in known}
            self._market.learn(known, venues)
            told = ", ".join(f"{name} {len(prices):,}" for name, prices in known.items())
            _log.info("history: minutes learned: %s", told)

    async def _wait(
        self, patience: float, stop: asyncio.Event, tell: Callable[[str], None]
    ) -> None:
        clock = asyncio.get_running_loop().time
        until = clock() + patience
        while self._backfill.pending and not stop.is_set():
            if clock() >= until:
                late = ", ".join(sorted(self._backfill.pending))
                _log.warning(
                    "history: minutes of %s are not there in %g s: going on", late, patience
                )
                return
            tell(self._backfill.progress)
            await asyncio.sleep(_LOOK)


def _younger(minutes: Mapping[str, Series], since: int) -> dict[str, Prices]:
    """What the market does not know yet."""
    found = {
        name: [price for price in series.prices if price[0] > since]
        for name, series in minutes.items()
    }
    return {name: prices for name, prices in found.items() if prices}
