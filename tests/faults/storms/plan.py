"""Which faults befall what, and when in a slot: drawn from a seed, as many as asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from random import Random

import msgspec

from tests.faults.storms import disk_kinds, sink_kinds, venue_kinds
from tests.faults.storms.days import CALM, ROUGH, SLOT, SLOTS
from tests.faults.storms.disk_kinds import CLOCK
from tests.faults.storms.kind import KINDS, Kind

__all__ = ["USUAL", "Planned", "Slot", "plan", "shares"]

_REGISTERED = (disk_kinds, sink_kinds, venue_kinds)
USUAL = 24
"""Faults in a slot."""
_BEFORE = 10.0
"""Seconds that are left free at both ends."""
_TRIES = 1000
_FIRST = 4
"""Kinds that were not yet, and go first in a slot."""
_FILLING = 2
"""Slots at the beginning of a day in which nothing disturbs: an hour's statistics need their first
15 minutes whole to have a value in the third, and a hole there shows for as long."""


class Planned(msgspec.Struct, frozen=True):
    """A fault to be: at which second of the slot, and for how many."""

    kind: Kind
    on: str
    at: float
    lasts: float


Slot = Mapping[str, Sequence[Planned]]
"""By what they befall, in their order; of one thing each waits until the one before is over."""


def plan(seed: int, slots: int, faults: int) -> list[Slot]:
    """As many faults as asked for, spread over the slots, every kind among them."""
    rng = Random(seed)
    first = list(KINDS.values())
    rng.shuffle(first)
    counts = shares(faults, slots)
    return [_slot(rng, count, first, rough=n % SLOTS >= _FILLING) for n, count in enumerate(counts)]


def shares(total: int, parts: int) -> list[int]:
    """A total in equal parts, to one."""
    return [total * (n + 1) // parts - total * n // parts for n in range(parts)]


class _Lane:
    """The time of one thing, in which its faults must fit one after the other."""

    def __init__(self, first: float, last: float) -> None:
        self.first = first
        self.free = last - first
        self.drawn: list[tuple[Kind, float]] = []

    def take(self, kind: Kind, lasts: float) -> bool:
        """Whether there is room for it."""
        if lasts + kind.room > self.free:
            return False
        self.free -= lasts + kind.room
        self.drawn.append((kind, lasts))
        return True

    def planned(self, on: str, rng: Random) -> list[Planned]:
        """Its faults, the free time spread between them."""
        pauses = sorted(rng.uniform(0.0, self.free) for _ in self.drawn)
        found, spent = [], self.first
        for (kind, lasts), pause in zip(self.drawn, pauses, strict=True):
            found.append(Planned(kind, on, spent + pause, lasts))
            spent += lasts + kind.room
        return found


def _slot(rng: Random, count: int, first: list[Kind], *, rough: bool) -> Slot:
    lanes: dict[tuple[str, bool], _Lane] = {}
    for kind in islice(_draws(rng, first, rough=rough), _TRIES):
        if not count:
            break
        count -= _taken(rng, kind, lanes, count)
    assert not count, "more faults than a slot has room for"
    slot: dict[str, list[Planned]] = {}
    for (on, _), lane in sorted(lanes.items()):
        slot.setdefault(on, []).extend(lane.planned(on, rng))
    return {on: sorted(planned, key=lambda one: one.at) for on, planned in slot.items()}


def _draws(rng: Random, first: list[Kind], *, rough: bool) -> Iterator[Kind]:
    """Some of those that were not yet, then whatever comes."""
    for _ in range(_FIRST if rough else 0):
        if first:
            yield first.pop()
    kinds = [kind for kind in KINDS.values() if rough or not kind.disturbs]
    weights = [kind.weight * len(kind.on) for kind in kinds]
    while True:
        yield from rng.choices(kinds, weights)


def _taken(rng: Random, kind: Kind, lanes: dict[tuple[str, bool], _Lane], most: int) -> int:
    """How many of a kind the slot takes: none where there is no room."""
    if kind.on == CLOCK:
        return _stepped(kind, lanes, most)
    if kind.timed and (CLOCK[0], True) in lanes:
        return 0
    on, lasts = rng.choice(kind.on), rng.uniform(*kind.lasts)
    lane = lanes.setdefault((on, kind.disturbs), _lane(on, disturbs=kind.disturbs))
    return int(lane.take(kind, lasts))


def _stepped(kind: Kind, lanes: dict[tuple[str, bool], _Lane], most: int) -> int:
    """The clock is stepped, and stepped back, once in a slot at most."""
    timed = any(drawn.timed for lane in lanes.values() for drawn, _ in lane.drawn)
    if most < 2 or timed or (CLOCK[0], True) in lanes:
        return 0
    lane = lanes[CLOCK[0], True] = _Lane(ROUGH, ROUGH + 20.0)
    return lane.take(kind, 0.0) + lane.take(kind, 0.0)


def _lane(on: str, *, disturbs: bool) -> _Lane:
    """What befalls a venue and disturbs has its own time; all else comes at any other."""
    if disturbs:
        return _Lane(ROUGH, CALM)
    venue = on not in {"disk", "mqtt"} and not on.startswith("telegram")
    return _Lane(_BEFORE, ROUGH - _BEFORE if venue else SLOT - _BEFORE)
