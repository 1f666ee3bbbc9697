"""What an expression may name beside the metrics: the pair, instruments, events, named values."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from alerts.language.definitions import Definition
from alerts.language.words import LEGS
from streams.instrument import Pair


class Vocabulary(msgspec.Struct, frozen=True):
    """The names known to one rule over one pair."""

    pair: Pair
    instruments: Collection[str]
    events: Collection[str] = ()
    lets: Mapping[str, Definition] = {}
    budget: float | None = None
    """Alarms a session of a detector that is given no budget; None: the metric's own."""

    def instrument(self, word: str) -> str | None:
        """The instrument that a word names, the pair's legs among them; None if it names none."""
        if word in LEGS:
            return (self.pair.x, self.pair.y)[LEGS.index(word)]
        return word if word in self.instruments else None
