"""What the doors show and command: the running parts."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from alerts.store import Store
from config.settings import Config
from daemon.app import App
from daemon.health import alive, troubles
from daemon.reload import Reloader
from streams.metric import Call
from streams.snapshot import Reading

_WAITING = Reading(None, "waiting for history; feeds begin after it")
_NOTHING = Reading(None, "nothing was evaluated yet")


class Sources(msgspec.Struct, frozen=True):
    """One running daemon; `started` is in ns, `store` None where all is in memory."""

    app: App
    reloader: Reloader
    started: int
    store: Store | None = None

    @property
    def config(self) -> Config:
        """What holds now."""
        return self.reloader.config

    @property
    def faulty(self) -> bool:
        """Whether what is decided now would not survive the process."""
        return self.store is not None and self.store.faulty

    @property
    def alive(self) -> bool:
        """Whether evaluation goes on, or is about to begin."""
        app, core = self.app, self.app.watch.market.core
        return app.preparing or alive(
            core, now=app.clock.now(), started=self.started, step=self.config.step
        )

    def reading(self, call: Call) -> Reading:
        """What is known of a call now."""
        snapshot = self.app.watch.snapshot
        if snapshot is not None:
            return snapshot.reading(call.key)
        return _WAITING if self.app.preparing else _NOTHING

    def troubles(self) -> Iterator[str]:
        """What is not ready, a sentence each."""
        lanes = self.app.outbox.counts
        return troubles(self.app.watch.snapshot, lanes, faulty=self.faulty)
