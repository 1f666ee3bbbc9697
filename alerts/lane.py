"""One lane of delivery: its backlog, one alert at a time, with retries.

Of a failed attempt the notifier says whether trying again may help (`NotifyError`). Failures are
logged once until the lane delivers again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from random import Random
from typing import Protocol

import msgspec

from alerts.backlog import Backlog, Parcel
from alerts.backoff import backoff
from alerts.notifiers.notifier import NotifyError
from alerts.notifiers.wording import elapsed
from alerts.rule import Severity
from alerts.transition import Transition

_log = logging.getLogger(__name__)

NS = 1_000_000_000

_GIVE_WAY = 4
"""Every so many failures in a row another alert is tried, lest one bad alert block the rest."""


class Lane(Protocol):
    """Where alerts are delivered, one at a time."""

    name: str

    async def notify(self, transition: Transition) -> None:
        """Deliver one alert, or raise NotifyError."""


class Counts(msgspec.Struct, frozen=True):
    """What became of a lane's alerts. All but `queued` only grow."""

    queued: int = 0
    delivered: int = 0
    retried: int = 0
    """Attempts that failed and are made again."""
    deferred: int = 0
    """Attempts put off because the channel asked for a pause."""
    failed: int = 0
    """Refused for good."""
    uncertain: int = 0
    """May have arrived, and too slight to risk saying twice."""
    dropped: int = 0
    """Left out because too many were waiting."""


class Worker:
    """Delivers one lane's backlog.

    `late_after` and `patience` are seconds, see `Outbox`. `idle` is set while nothing waits.
    """

    def __init__(
        self,
        lane: Lane,
        *,
        backlog: Backlog,
        now: Callable[[], int],
        rng: Random,
        late_after: float,
        patience: float,
    ) -> None:
        self.name = lane.name
        self.idle = asyncio.Event()
        self.idle.set()
        self._lane = lane
        self._backlog = backlog
        self._now = now
        self._rng = rng
        self._late_after = round(late_after * NS)
        self._patience = patience
        self._tally = Counts()
        self._arrived = asyncio.Event()
        self._rest_until = 0.0
        self._failures = 0
        self._last: Parcel | None = None
        self._unsaid = 0
        """Alerts left out that the reader has not been told of."""
        self._refusing = False

    @property
    def counts(self) -> Counts:
        """What became of this lane's alerts so far."""
        return msgspec.structs.replace(self._tally, queued=len(self._backlog))

    def put(self, transition: Transition) -> None:
        """Queue an alert."""
        if not self._backlog.put(transition):
            self._unsaid += 1
            self._count(dropped=1)
        self.idle.clear()
        self._arrived.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            parcel = await self._next()
            parcel.sending = True
            await self._attempt(parcel)
            parcel.sending = False

    async def _next(self) -> Parcel:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(max(0.0, self._rest_until - loop.time()))
            give_way = self._failures % _GIVE_WAY == _GIVE_WAY - 1
            parcel = self._backlog.best(avoid=self._last if give_way else None)
            if parcel is not None:
                return parcel
            self.idle.set()
            self._arrived.clear()
            await self._arrived.wait()

    async def _attempt(self, parcel: Parcel) -> None:
        self._last = parcel
        unsaid = self._unsaid
        try:
            async with asyncio.timeout(self._patience):
                await self._lane.notify(self._dressed(parcel))
        except NotifyError as error:
            self._refused(parcel, error)
        except TimeoutError:
            silent = f"no answer in {self._patience:g} s"
            self._refused(parcel, NotifyError(silent, retry=True, uncertain=True))
        except Exception:  # noqa: BLE001  # one alert's fault must not silence all channels
            _log.exception("%s could not deliver %s", self.name, parcel.transition.incident)
            self._done(parcel, failed=1)
        else:
            self._unsaid -= unsaid
            self._delivered(parcel)

    def _dressed(self, parcel: Parcel) -> Transition:
        """The alert with what the reader should know of its delivery."""
        remarks = []
        late = self._now() - parcel.transition.ts
        if late > self._late_after:
            remarks.append(f"Sent {elapsed(late)} late")
        if parcel.again:
            remarks.append("Sent again: the first attempt may have arrived")
        if self._unsaid:
            remarks.append(f"{self._unsaid} lesser alerts were left out while this channel lagged")
        if not remarks:
            return parcel.transition
        context = (*parcel.transition.context, *remarks)
        return msgspec.structs.replace(parcel.transition, context=context)

    def _delivered(self, parcel: Parcel) -> None:
        self._done(parcel, delivered=1)
        if self._failures or self._refusing:
            _log.info("%s delivers again, %d alerts wait", self.name, len(self._backlog))
        self._failures = 0
        self._refusing = False

    def _refused(self, parcel: Parcel, error: NotifyError) -> None:
        if not error.retry:
            level = logging.DEBUG if self._refusing else logging.ERROR
            _log.log(level, "%s refused %s: %s", self.name, parcel.transition.incident, error)
            self._refusing = True
            self._done(parcel, failed=1)
        elif error.after is not None:
            self._count(deferred=1)
            self._rest(error.after)
        else:
            self._failed(parcel, error)

    def _failed(self, parcel: Parcel, error: NotifyError) -> None:
        level = logging.DEBUG if self._failures else logging.WARNING
        _log.log(level, "%s does not deliver, alerts wait: %s", self.name, error)
        self._failures += 1
        self._rest(backoff(self._failures, self._rng))
        if error.uncertain and parcel.transition.severity is not Severity.CRITICAL:
            self._done(parcel, uncertain=1)
            return
        parcel.again = parcel.again or error.uncertain
        self._count(retried=1)

    def _rest(self, seconds: float) -> None:
        self._rest_until = asyncio.get_running_loop().time() + seconds

    def _done(self, parcel: Parcel, **outcome: int) -> None:
        self._backlog.remove(parcel)
        self._count(**outcome)

    def _count(self, **outcome: int) -> None:
        tally = {name: getattr(self._tally, name) + by for name, by in outcome.items()}
        self._tally = msgspec.structs.replace(self._tally, **tally)
