"""The transitions of a storm, held against those of its twin without faults."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec
import numpy as np

from streams.instrument import NS
from tests.faults.storms.play import Played
from tests.faults.storms.scene import Said

MARGIN = 120.0
"""Seconds after something is back in which rules may still differ: as long as they look back, to
prices of the hole. For 60 a preferred feed must have been good before it is used again."""
TOLERANCE = 5.0
"""Seconds between a transition and the same one of the twin; more for rules on minute bars."""
BAR = {"behind": 61.0, "ahead": 61.0}
"""A price that differs by a little may cross its threshold a bar later."""
_MOVES = {"fall", "rise", "behind", "ahead"}

Window = tuple[int, int]


class Compared(msgspec.Struct, frozen=True):
    """The transitions of the storm against those of its twin without faults."""

    twin: int
    outside: int
    """Of the twin's, those in no window."""
    moves: int
    """Of the twin's, those about ETH's moves."""
    moves_outside: int
    disturbed: float
    """The share of time in the windows."""
    missing: tuple[str, ...]
    added: tuple[str, ...]
    farthest: float
    """Seconds between two that are the same."""


def compared(storm: Played, twin: Played) -> Compared:
    """Every transition outside the windows must be one of the other run's too."""
    windows = _windows(storm)
    calm = [said for said in twin.said if not _inside(said.ts, windows)]
    rough = [said for said in storm.said if not _inside(said.ts, windows)]
    missing, farthest = _unmatched(calm, storm.said)
    added, _ = _unmatched(rough, twin.said)
    return Compared(
        twin=len(twin.said),
        outside=len(calm),
        moves=_moves(twin.said),
        moves_outside=_moves(calm),
        disturbed=round(_share(windows, days(storm)), 4),
        missing=tuple(map(_words, missing)),
        added=tuple(map(_words, added)),
        farthest=farthest / NS,
    )


def _share(windows: Sequence[Window], of: Sequence[Window]) -> float:
    common = sum(max(0, min(a, b) - max(c, d)) for c, a in windows for d, b in of)
    return common / sum(end - start for start, end in of)


def _moves(said: Iterable[Said]) -> int:
    return sum(one.rule in _MOVES for one in said)


def days(played: Played) -> list[Window]:
    """When venues were there."""
    return [(before[1], after[0]) for before, after in pairwise(played.nights)]


def _windows(played: Played) -> list[Window]:
    """When what rules see may be disturbed, nights included; they do not overlap."""
    spans = [
        (one.begun, (one.recovered or one.mended) + round(MARGIN * NS))
        for one in played.happened
        if one.disturbs
    ]
    merged: list[Window] = []
    for start, end in sorted([*spans, *played.nights]):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _inside(ts: int, windows: Sequence[Window]) -> bool:
    place = int(np.searchsorted([start for start, _ in windows], ts, "right")) - 1
    return place >= 0 and ts < windows[place][1]


def _unmatched(wanted: Iterable[Said], among: Iterable[Said]) -> tuple[list[Said], int]:
    """Those that have no counterpart, each of which serves one; and how far the farthest is."""
    free: dict[tuple[str, str], list[int]] = defaultdict(list)
    for said in among:
        free[said.rule, said.state].append(said.ts)
    left, farthest = [], 0
    for said in wanted:
        instants, within = free[said.rule, said.state], round(BAR.get(said.rule, TOLERANCE) * NS)
        first, last = (bisect_left(instants, said.ts + by) for by in (-within, within + 1))
        if first == last:
            left.append(said)
            continue
        nearest = min(range(first, last), key=lambda place: abs(instants[place] - said.ts))
        farthest = max(farthest, abs(instants.pop(nearest) - said.ts))
    return left, farthest


def _words(said: Said) -> str:
    return f"{said.rule} {said.state} {said.ts}"
