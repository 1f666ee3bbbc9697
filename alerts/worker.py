"""Delivers one lane's alerts, one at a time, with retries.

Of a failed attempt the notifier says whether trying again may help (`NotifyError`). Failures are
logged once until the lane delivers again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from random import Random

import msgspec

from alerts.backlog import Backlog, Parcel
from alerts.backoff import backoff
from alerts.lane import Connected, Counts, Lane, Remembering, Repeatable
from alerts.moment import elapsed
from alerts.notifiers.notifier import NotifyError
from alerts.resume import resumed
from alerts.row import Left, Status
from alerts.rule import Severity
from alerts.store import Store
from alerts.transition import State, Transition

_log = logging.getLogger(__name__)

NS = 1_000_000_000

_OPEN = {Status.QUEUED, Status.SENDING}
"""Whose parcels are sent again."""

_MANY = 5
"""Infos that wait while a lane must rest: so many are told together."""

_GIVE_WAY = 4
"""Every so many failures in a row another alert is tried, lest one bad alert block the rest."""


class Worker:
    """Delivers one lane's backlog.

    `late_after` and `patience` are seconds, see `Outbox`. `idle` is set while nothing waits. With a
    `store`, it is written before each attempt and after it.
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
        store: Store | None = None,
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
        self._store = store
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
        failing, losses = self._failures > 0 or self._refusing, 0
        if isinstance(self._lane, Connected):
            failing, losses = failing or not self._lane.online, self._lane.losses
        return msgspec.structs.replace(
            self._tally, queued=len(self._backlog), losses=losses, failing=failing
        )

    def put(
        self,
        transition: Transition,
        rows: tuple[int, ...] = (),
        *,
        again: bool = False,
        folded: int = 0,
    ) -> None:
        """Queue an alert that the store knows by `rows`; the rest as in `Resumed`."""
        left_out = self._backlog.put(transition, rows, again=again, folded=folded)
        if left_out is not None:
            self._unsaid += 1
            self._count(dropped=1)
            if self._store is not None and left_out.rows:
                self._store.mark_soon(left_out.rows, Status.DEAD)
        self.idle.clear()
        self._arrived.set()

    def resume(self, left: Left) -> None:
        """Go on where an earlier run has ended."""
        if isinstance(self._lane, Remembering):
            for message in left.posted:
                if message.lane == self.name:
                    self._lane.remember(message.incident, message.message_id, message.text)
        rows = [row for row in left.rows if row.lane == self.name]
        for each in resumed(rows, self._repeatable, self._now()):
            self.put(each.transition, each.rows, again=each.again, folded=each.folded)

    def _repeatable(self, transition: Transition) -> bool:
        return isinstance(self._lane, Repeatable) and self._lane.repeatable(transition)

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            parcel = await self._next()
            parcel.sending = True
            await self._mark(parcel, Status.SENDING)
            outcome = await self._attempt(parcel)
            parcel.sending = False
            if outcome not in _OPEN:
                self._backlog.remove(parcel)
            await self._mark(parcel, outcome)

    async def _mark(self, parcel: Parcel, status: Status) -> None:
        if self._store is None or not parcel.rows or parcel.status is status:
            return
        parcel.status = status
        message_id = self._message_id(parcel) if status is Status.SENT else None
        await self._store.mark(parcel.rows, status, message_id)

    def _message_id(self, parcel: Parcel) -> int | None:
        told = parcel.transition
        if parcel.folded or told.state is not State.FIRING:
            return None
        return self._lane.message_of(told.incident) if isinstance(self._lane, Remembering) else None

    async def _next(self) -> Parcel:
        loop = asyncio.get_running_loop()
        while True:
            rest = self._rest_until - loop.time()
            await asyncio.sleep(max(0.0, rest))
            if rest > 0:
                self._backlog.fold(self._now(), _MANY, self._repeatable)
            give_way = self._failures % _GIVE_WAY == _GIVE_WAY - 1
            parcel = self._backlog.best(avoid=self._last if give_way else None)
            if parcel is not None:
                return parcel
            self.idle.set()
            self._arrived.clear()
            await self._arrived.wait()

    async def _attempt(self, parcel: Parcel) -> Status:
        self._last = parcel
        unsaid = self._unsaid
        try:
            async with asyncio.timeout(self._patience):
                await self._lane.notify(self._dressed(parcel))
        except NotifyError as error:
            return self._refused(parcel, error)
        except TimeoutError:
            silent = f"no answer in {self._patience:g} s"
            return self._refused(parcel, NotifyError(silent, retry=True, uncertain=True))
        except Exception:  # noqa: BLE001  # one alert's fault must not silence all channels
            _log.exception("%s could not deliver %s", self.name, parcel.transition.incident)
            self._count(failed=1)
            return Status.DEAD
        self._unsaid -= unsaid
        self._delivered(parcel)
        return Status.SENT

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
        self._count(delivered=parcel.count)
        if self._failures or self._refusing:
            waiting = len(self._backlog) - parcel.count
            _log.info("%s delivers again, %d alerts wait", self.name, waiting)
        self._failures = 0
        self._refusing = False

    def _refused(self, parcel: Parcel, error: NotifyError) -> Status:
        if not error.retry:
            level = logging.DEBUG if self._refusing else logging.ERROR
            _log.log(level, "%s refused %s: %s", self.name, parcel.transition.incident, error)
            self._refusing = True
            self._count(failed=1)
            return Status.DEAD
        if error.after is not None:
            self._count(deferred=1)
            self._rest(error.after)
            return parcel.resting
        return self._failed(parcel, error)

    def _failed(self, parcel: Parcel, error: NotifyError) -> Status:
        level = logging.DEBUG if self._failures else logging.WARNING
        _log.log(level, "%s does not deliver, alerts wait: %s", self.name, error)
        self._failures += 1
        self._rest(backoff(self._failures, self._rng))
        if error.uncertain and _enough(parcel):
            self._count(uncertain=1)
            return Status.UNCERTAIN
        parcel.again = parcel.again or error.uncertain
        self._count(retried=1)
        return parcel.resting

    def _rest(self, seconds: float) -> None:
        self._rest_until = asyncio.get_running_loop().time() + seconds

    def _count(self, **outcome: int) -> None:
        tally = {name: getattr(self._tally, name) + by for name, by in outcome.items()}
        self._tally = msgspec.structs.replace(self._tally, **tally)


def _enough(parcel: Parcel) -> bool:
    """Whether an alert that may have arrived is let be: rather told twice than never.

    A critical is sent until it has arrived for certain, a warning once more, an info not again.
    """
    match parcel.transition.severity:
        case Severity.CRITICAL:
            return False
        case Severity.WARNING:
            return parcel.again
        case Severity.INFO:
            return True
