"""When a venue sends what: its tapes merged into one order, each frame a little late."""

from __future__ import annotations

import msgspec
import numpy as np

from streams.simulator.tape import Tape

_LATENCY_NS = (5_000_000, 40_000_000)


class Print(msgspec.Struct, frozen=True, gc=False):
    """A trade or a quote, and when it is due: the row `row` of a tape."""

    due: int
    tape: int
    trade: bool
    row: int


class Schedule:
    """The prints of several tapes in the order of their instants."""

    def __init__(self, tapes: tuple[Tape, ...], rng: np.random.Generator) -> None:
        parts = [
            (stamps, np.full(len(stamps), number), np.full(len(stamps), trade))
            for number, tape in enumerate(tapes)
            for trade, stamps in ((True, tape.trade_ts), (False, tape.quote_ts))
        ]
        stamps, tape, trade = (np.concatenate(column) for column in zip(*parts, strict=True))
        row = np.concatenate([np.arange(len(part[0])) for part in parts])
        order = np.argsort(stamps, kind="stable")
        late = stamps[order] + rng.integers(*_LATENCY_NS, len(stamps))
        # A frame waits for those before it.
        self._due = np.maximum.accumulate(late)
        self._tape, self._trade, self._row = tape[order], trade[order], row[order]

    def at(self, position: int) -> Print | None:
        """The print at a position; None beyond the last."""
        if position >= len(self._due):
            return None
        columns = (self._due, self._tape, self._trade, self._row)
        return Print(*(column[position].item() for column in columns))

    def after(self, ts: int) -> int:
        """The position of the first print due after an instant."""
        return int(np.searchsorted(self._due, ts, "right"))

    def printed(self, position: int, tape: int) -> tuple[int, int]:
        """How many trades and quotes of a tape come before a position."""
        mine = self._trade[:position][self._tape[:position] == tape]
        trades = int(np.count_nonzero(mine))
        return trades, len(mine) - trades
