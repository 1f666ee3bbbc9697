"""Items in, snapshots and transitions out: the same in run, demo, replay and tests."""

from __future__ import annotations

from collections.abc import Callable

from alerts.engine import Engine
from alerts.transition import Transition
from streams.market import Market
from streams.snapshot import Snapshot
from streams.tick import Item


class Watch:
    """The core, and who is told of what it finds."""

    def __init__(
        self,
        market: Market,
        engine: Engine,
        *,
        on_transition: Callable[[Transition], None],
        on_snapshot: Callable[[Snapshot], None] = lambda _: None,
    ) -> None:
        self.market = market
        self.engine = engine
        self.snapshot: Snapshot | None = None
        """The newest."""
        self._on_transition = on_transition
        self._on_snapshot = on_snapshot

    def warm(self, item: Item) -> None:
        """Take one item for the statistics alone."""
        for _ in self.market.accept(item):
            pass

    def accept(self, item: Item) -> None:
        """Take one item to its last consequence."""
        for snapshot in self.market.accept(item):
            self.snapshot = snapshot
            for transition in self.engine.update(snapshot, snapshot.ts):
                self._on_transition(transition)
            self._on_snapshot(snapshot)
