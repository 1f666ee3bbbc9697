"""Delivery: every alert to each channel it is meant for, and none waits for another's trouble.

A lane is what is delivered to on its own: a notifier, or each of its addresses where it has
several (the chats of a Telegram bot). Every lane has its own backlog, pace and retries. Kept in
memory: what is not delivered when the process ends is lost.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Protocol, runtime_checkable

from alerts.backlog import Backlog
from alerts.lane import Counts, Lane, Worker
from alerts.notifiers.notifier import Notifier
from alerts.transition import Transition

_log = logging.getLogger(__name__)


@runtime_checkable
class Branching(Protocol):
    """A notifier with several addresses; one that is slow or gone does not hold the others up.

    A lane's name is the notifier's, a slash and its own; rules may name either.
    """

    @property
    def lanes(self) -> Sequence[Lane]:
        """Its addresses."""


class Outbox:
    """Takes alerts at once, delivers them while `run` is running.

    `now` tells nanoseconds UTC. An alert delivered more than `late_after` seconds after its instant
    says so. `patience` bounds one attempt, in seconds.
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
    ) -> None:
        self._notifiers = notifiers
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
                )
                self._workers.append(worker)
                for name in {notifier.name, lane.name}:
                    self._routes.setdefault(name, []).append(worker)

    def submit(self, transition: Transition) -> None:
        """Queue an alert for each channel it names; never waits."""
        reached: set[str] = set()
        for name in transition.notify:
            if name not in self._routes:
                _log.error("rule %s names no known notifier: %s", transition.rule, name)
            for worker in self._routes.get(name, ()):
                if worker.name not in reached:
                    reached.add(worker.name)
                    worker.put(transition)

    async def run(self) -> None:
        """Keep the channels connected and deliver, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for notifier in self._notifiers:
                group.create_task(notifier.run(), name=f"{notifier.name} connection")
            for worker in self._workers:
                group.create_task(worker.run(), name=f"{worker.name} delivery")

    async def drain(self, within: float) -> int:
        """Wait until all is delivered, `within` seconds at most; how many alerts are left."""
        try:
            async with asyncio.timeout(within):
                for worker in self._workers:
                    await worker.idle.wait()
        except TimeoutError:
            pass
        return sum(counts.queued for counts in self.counts.values())

    @property
    def counts(self) -> Mapping[str, Counts]:
        """By lane."""
        return {worker.name: worker.counts for worker in self._workers}
