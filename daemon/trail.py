"""The last days of each pair, a row a minute: what charts are drawn from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isnan, nan

import msgspec
import numpy as np

from streams.detectors import Evidence
from streams.instrument import NS, Pair
from streams.metric import CATALOGUE, Call
from streams.snapshot import Reading, Snapshot

_MINUTE = 60 * NS
_HOUR = 3600.0

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
    breakdown: float | None = None
    """What the detector has added up, as a share of its threshold."""
    onset: float | None = None
    """Of the break that it has found, in seconds since 1970; None while the link holds."""
    warning: float | None = None
    """Of the faster detector, likewise."""
    warned: float | None = None


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


def detector_calls(pair: Pair) -> tuple[Call, Call]:
    """The detectors whose evidence is kept, if anybody asks for them."""
    names = (pair.x, pair.y)
    return (
        Call("breakdown", names, rate=CATALOGUE["breakdown"].rate),
        Call("breakdown_warning", names, rate=CATALOGUE["breakdown_warning"].rate),
    )


def _statistics(pair: Pair) -> tuple[Call, Call]:
    names = (pair.x, pair.y)
    return Call("corr", names, _HOUR), Call("divergence", names, _HOUR)


class Trail:
    """Takes snapshots, keeps a row a minute of regular trading."""

    def __init__(
        self,
        pairs: Sequence[Pair],
        capacity: int = ROWS,
        evidence: Callable[[Call], Evidence | None] = lambda _: None,
    ) -> None:
        self._pairs = {pair.name: pair for pair in pairs}
        self._rows = {name: _Rows(capacity) for name in self._pairs}
        self._evidence = evidence
        self._detectors = {pair.name: detector_calls(pair) for pair in pairs}

    def look(self, snapshot: Snapshot) -> None:
        """The newest snapshot of a minute stands for it, that of an alert among them."""
        for name, pair in self._pairs.items():
            if all(snapshot.sessions.get(each) == "regular" for each in (pair.x, pair.y)):
                found = [self._evidence(call) for call in self._detectors[name]]
                self._rows[name].put(_row(pair, snapshot, *found))

    def track(self, pair: str, seconds: float) -> Track | None:
        """The last so many seconds of trading; None for a pair that is not watched."""
        if pair not in self._pairs:
            return None
        watched = self._pairs[pair]
        rows = self._rows[pair].last(max(int(seconds // 60), 0))
        return Track(watched.x, watched.y, rows)


def _row(
    pair: Pair, snapshot: Snapshot, breakdown: Evidence | None, warning: Evidence | None
) -> Row:
    corr, divergence = (snapshot.reading(each.key) for each in _statistics(pair))
    return Row(
        ts=snapshot.ts,
        x=_number(snapshot.reading(Call("price", (pair.x,)).key)),
        y=_number(snapshot.reading(Call("price", (pair.y,)).key)),
        corr=_number(corr),
        low=corr.low,
        high=corr.high,
        divergence=_number(divergence),
        breakdown=None if breakdown is None else breakdown.share,
        onset=_onset(breakdown),
        warning=None if warning is None else warning.share,
        warned=_onset(warning),
    )


def _onset(found: Evidence | None) -> float | None:
    if found is None or found.since is None or not found.broken:
        return None
    return found.since / NS


def _number(reading: Reading) -> float | None:
    return None if reading.value is None else float(reading.value)
