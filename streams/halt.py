"""Whether trading in an instrument is halted, wherever it is listed, as its feeds tell."""

from __future__ import annotations

from streams.instrument import NS
from streams.tick import FeedEvent, FeedState, Tick

_LATE_PRINTS = 10 * NS
"""After a halt: trades made before it are still reported."""


class Halt:
    """The halt of one instrument; its feeds are told apart by their place."""

    __slots__ = ("_teller", "resumed", "since")

    def __init__(self) -> None:
        self.since = 0
        """When it began (ns of receipt); 0 where there is none."""
        self.resumed = 0
        """When the last one ended: before that no price was due."""
        self._teller = -1

    def take(self, number: int, event: FeedEvent) -> bool:
        """A feed's change of state; whether a halt begins. Who told of one tells of its end too.

        Where that feed is lost the halt is over as far as is known, and prices are due again.
        """
        if event.halted:
            self.since, self._teller = event.ts_recv, number
        elif self.since and number == self._teller and event.state is not FeedState.GAP:
            self.since = 0
            if event.state is FeedState.LIVE:
                self.resumed = event.ts_recv
        return event.halted

    def holds(self, tick: Tick[float]) -> bool:
        """Whether it stands after this tick: a trade well after it proves its end, if unheard."""
        if not self.since:
            return False
        if tick.kind == "quote" or tick.ts_recv - self.since <= _LATE_PRINTS:
            return True
        self.since, self.resumed = 0, tick.ts_recv
        return False
