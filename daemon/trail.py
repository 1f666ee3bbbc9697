"""The last days of each pair, a row a minute: what charts are drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan, nan

import msgspec
import numpy as np

from streams.instrument import NS, Pair
from streams.metric import Call
from streams.snapshot import Reading, Snapshot

_MINUTE = 60 * NS
_HOUR = 3600.0
_NONE = Reading(None, "not asked for")

ROWS = 3 * 24 * 60
"""Minutes that are kept: three days of a pair that never closes, eleven sessions of one in New
York's hours."""


class Row(msgspec.Struct, frozen=True, gc=False):
    """One minute, at `ts` (ns); None where there was no value."""

    ts: int
    x: float | None
    y: float | None
    corr: float | None
    low: float | None
    high: float | None
    divergence: float | None


class _Rows:
    """The last `capacity` rows, in memory that is taken at once: days later it is no more."""

    def __init__(self, capacity: int) -> None:
        self._ts = np.zeros(capacity, np.int64)
        self._figures = np.full((capacity, len(Row.__struct_fields__) - 1), nan)
        self._taken = 0

    def put(self, row: Row) -> None:
        """In place of an earlier one of its minute; the oldest goes where there is no room."""
        newest = (self._taken - 1) % len(self._ts)
        if not self._taken or self._ts[newest] // _MINUTE != row.ts // _MINUTE:
            self._taken += 1
        place = (self._taken - 1) % len(self._ts)
        ts, *figures = msgspec.structs.astuple(row)
        self._ts[place] = ts
        self._figures[place] = [nan if each is None else each for each in figures]

    def last(self, count: int) -> tuple[Row, ...]:
        """The newest `count`, or all there are; oldest first."""
        held = min(count, self._taken, len(self._ts))
        places = [n % len(self._ts) for n in range(self._taken - held, self._taken)]
        figures = self._figures[places].tolist()
        return tuple(
            Row(ts, *(None if isnan(each) else each for each in row))
            for ts, row in zip(self._ts[places].tolist(), figures, strict=True)
        )


class Track(msgspec.Struct, frozen=True):
    """A stretch of one pair's rows; both markets were open at each."""

    x: str
    y: str
    rows: tuple[Row, ...]


def trail_calls(pairs: Sequence[Pair]) -> set[Call]:
    """What must be computed for it."""
    return {
        call
        for pair in pairs
        for call in (*_statistics(pair), Call("price", (pair.x,)), Call("price", (pair.y,)))
    }


def _statistics(pair: Pair) -> tuple[Call, Call]:
    names = (pair.x, pair.y)
    return Call("corr", names, _HOUR), Call("divergence", names, _HOUR)


class Trail:
    """Takes snapshots, keeps a row a minute of regular trading."""

    def __init__(self, pairs: Sequence[Pair], capacity: int = ROWS) -> None:
        self._pairs = {pair.name: pair for pair in pairs}
        self._rows = {name: _Rows(capacity) for name in self._pairs}

    def look(self, snapshot: Snapshot) -> None:
        """The newest snapshot of a minute stands for it, that of an alert among them."""
        for name, pair in self._pairs.items():
            if all(snapshot.sessions.get(each) == "regular" for each in (pair.x, pair.y)):
                self._rows[name].put(_row(pair, snapshot))

    def track(self, pair: str, seconds: float) -> Track | None:
        """The last so many seconds of trading; None for a pair that is not watched."""
        if pair not in self._pairs:
            return None
        watched = self._pairs[pair]
        rows = self._rows[pair].last(max(int(seconds // 60), 0))
        return Track(watched.x, watched.y, rows)


def _row(pair: Pair, snapshot: Snapshot) -> Row:
    corr, divergence = (snapshot.readings.get(each.key, _NONE) for each in _statistics(pair))
    return Row(
        ts=snapshot.ts,
        x=_number(snapshot.readings.get(Call("price", (pair.x,)).key, _NONE)),
        y=_number(snapshot.readings.get(Call("price", (pair.y,)).key, _NONE)),
        corr=_number(corr),
        low=corr.low,
        high=corr.high,
        divergence=_number(divergence),
    )


def _number(reading: Reading) -> float | None:
    return None if reading.value is None else float(reading.value)
