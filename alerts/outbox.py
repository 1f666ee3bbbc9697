"""Delivery: every alert to each channel it is meant for, and none waits for another's trouble.

A lane is what is delivered to on its own: a notifier, or each of its addresses where it has
several (the chats of a Telegram bot). Every lane has its own backlog, pace and retries.

With a store, an alert is written before anyone is told of it, and what was not told when the
process ended is told by the next. Without one, all is in memory and lost with the process.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from random import Random

from alerts.backlog import Backlog
from alerts.lane import Branching, Counts
from alerts.life import Life
from alerts.notifiers.notifier import Notifier
from alerts.row import Status
from alerts.silence import Silence
from alerts.store import Addressed, Store
from alerts.transition import Transition
from alerts.worker import Worker

_log = logging.getLogger(__name__)

_KEPT = 90 * 86400 * 1_000_000_000
"""How long what is settled is kept (ns)."""
_PRUNED_EVERY = 86400 * 1_000_000_000


class Outbox:
    """Takes alerts at once, delivers them while `run` is running.

    `now` tells nanoseconds UTC. An alert delivered more than `late_after` seconds after its instant
    says so. `patience` bounds one attempt, in seconds.

    `lives` tells where the rules stand, `silences` what is silenced; they are asked when decisions
    are written, and every `checkpoint` seconds: a `for` clock loses no more to an end of the
    process.
    """

    def __init__(
        self,
        notifiers: Sequence[Notifier],
        *,
        now: Callable[[], int],
        rng: Random,
        capacity: int = 1000,
        late_after: float = 30.0,
        patience: float = 120.0,
        store: Store | None = None,
        lives: Callable[[], Sequence[Life]] = tuple,
        silences: Callable[[], Sequence[Silence]] = tuple,
        checkpoint: float = 5.0,
    ) -> None:
        self._notifiers = notifiers
        self._now = now
        self._store = store
        self._lives = lives
        self._silences = silences
        self._checkpoint = checkpoint
        self._decided: list[Addressed] = []
        self._stirred = asyncio.Event()
        self._recorded = asyncio.Event()
        self._recorded.set()
        self._written = ((), ()) if store is None else (store.left.lives, store.left.silences)
        self._routes: dict[str, list[Worker]] = {}
        self._workers: list[Worker] = []
        for notifier in notifiers:
            for lane in notifier.lanes if isinstance(notifier, Branching) else (notifier,):
                worker = Worker(
                    lane,
                    backlog=Backlog(capacity),
                    now=now,
                    rng=rng,
                    late_after=late_after,
                    patience=patience,
                    store=store,
                )
                self._workers.append(worker)
                for name in {notifier.name, lane.name}:
                    self._routes.setdefault(name, []).append(worker)

    def submit(self, transition: Transition) -> None:
        """Queue an alert for each channel it names; never waits."""
        lanes = self._lanes(transition)
        if self._store is not None:
            self._decided.append(Addressed(transition, tuple(lanes)))
            self._recorded.clear()
            self._stirred.set()
            return
        for worker in lanes.values():
            worker.put(transition)

    def keep(self) -> None:
        """Write soon where rules and silences stand: no decision tells of what has changed."""
        self._recorded.clear()
        self._stirred.set()

    def _lanes(self, transition: Transition) -> Mapping[str, Worker]:
        lanes: dict[str, Worker] = {}
        for name in transition.notify:
            if name not in self._routes:
                _log.error("rule %s names no known notifier: %s", transition.rule, name)
            lanes.update((worker.name, worker) for worker in self._routes.get(name, ()))
        return lanes

    async def run(self) -> None:
        """Keep the channels connected and deliver, until cancelled."""
        async with asyncio.TaskGroup() as group:
            if self._store is not None:
                self._resume(self._store)
                group.create_task(self._record(self._store), name="record")
            for notifier in self._notifiers:
                group.create_task(notifier.run(), name=f"{notifier.name} connection")
            for worker in self._workers:
                group.create_task(worker.run(), name=f"{worker.name} delivery")

    def _resume(self, store: Store) -> None:
        known = {worker.name for worker in self._workers}
        gone = [row for row in store.left.rows if row.lane not in known]
        for lane in {row.lane for row in gone}:
            _log.warning("%s is no longer configured: its undelivered alerts are given up", lane)
        if gone:
            store.mark_soon([row.id for row in gone], Status.DEAD)
        for worker in self._workers:
            worker.resume(store.left)

    async def _record(self, store: Store) -> None:
        pruned = 0
        while True:
            if self._now() - pruned > _PRUNED_EVERY:
                pruned = self._now()
                await store.prune(pruned - _KEPT)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._checkpoint):
                    await self._stirred.wait()
            self._stirred.clear()
            await self._write(store)
            if not self._stirred.is_set():
                self._recorded.set()

    async def _write(self, store: Store) -> None:
        """Decisions with what they left the rules in; then, and only then, the lanes may tell."""
        decided, self._decided = self._decided, []
        stand = tuple(self._lives()), tuple(self._silences())
        if not decided and stand == self._written:
            return
        self._written = stand
        told = [one for one in decided if one.transition.incident]
        workers = {worker.name: worker for worker in self._workers}
        for row in await store.record(told, *stand):
            workers[row.lane].put(row.transition, (row.id,))

    async def drain(self, within: float) -> int:
        """Wait until all is delivered, `within` seconds at most; how many alerts are left."""
        self.keep()
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                if self._store is not None:
                    await self._recorded.wait()
                for worker in self._workers:
                    await worker.idle.wait()
        return len(self._decided) + sum(counts.queued for counts in self.counts.values())

    @property
    def counts(self) -> Mapping[str, Counts]:
        """By lane."""
        return {worker.name: worker.counts for worker in self._workers}
