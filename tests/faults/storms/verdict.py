"""What a storm found, and whether it is as it must be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from math import hypot

import msgspec
import numpy as np

from streams.instrument import NS
from tests.faults.evenings import SLOPE, Evening, slope
from tests.faults.storms.compared import Compared, compared, days
from tests.faults.storms.kind import KINDS, VENUES
from tests.faults.storms.play import Happened, Played
from tests.faults.storms.told import Sum

MOST_CONNECTS = 10
"""A feed's own limit of tries in a minute."""
_FEWEST = 0.8
"""This share of the twin's transitions about moves must lie outside the windows."""
_MB = 1e6


class Kind(msgspec.Struct, frozen=True):
    """What became of one kind of fault; seconds from mending to being back."""

    name: str
    faults: int
    shown_by: tuple[str, ...]
    unseen: int
    not_back: int
    back_p50: float
    back_p99: float
    back_most: float


class Storm(msgspec.Struct, frozen=True):
    """What a run found; the verdicts are `faults_found`, which must be empty."""

    seed: int
    faults: int
    days: int
    slots: int
    seconds: float
    """Real ones, the twin's included."""
    hours: float
    """Simulated ones of the storm."""
    crashes: tuple[str, ...]
    channels: dict[str, Sum]
    lost: tuple[str, ...]
    unsent: int
    compared: Compared
    connects_most: float
    """Tries of a venue during a fault, in units of what the limit allows."""
    kinds: tuple[Kind, ...]
    evenings: tuple[Evening, ...]
    memory_slope: float
    """MB a week in the second half, by which the storm's grows more than its twin's: in the first
    eleven days what is kept for days fills up in both."""
    memory_error: float
    faults_found: tuple[str, ...] = ()


def judged(storm: Played, twin: Played, *, seed: int, slots: int, seconds: float) -> Storm:
    """The verdicts."""
    (grown, error), (usual, its_error) = map(_growth, (storm.evenings, twin.evenings))
    hours = sum(b - a for a, b in days(storm)) / NS / 3600.0
    result = Storm(
        seed=seed,
        faults=len(storm.happened),
        days=len(storm.evenings),
        slots=slots,
        seconds=round(seconds, 1),
        hours=round(hours, 1),
        crashes=tuple([*storm.crashes, *twin.crashes][:50]),
        channels=storm.told.sums,
        lost=tuple(storm.told.lost),
        unsent=storm.unsent,
        compared=compared(storm, twin),
        connects_most=max(map(_eagerness, storm.happened), default=0.0),
        kinds=tuple(_kinds(storm.happened)),
        evenings=tuple(storm.evenings),
        memory_slope=grown - usual,
        memory_error=hypot(error, its_error),
    )
    return msgspec.structs.replace(result, faults_found=tuple(_broken(result)))


def _growth(evenings: Sequence[Evening]) -> tuple[float, float]:
    return slope([one.resident / _MB for one in evenings])


def _broken(storm: Storm) -> Iterator[str]:
    if storm.crashes:
        yield f"{len(storm.crashes)} crashes"
    yield from _lost(storm)
    yield from _differences(storm.compared)
    if missing := KINDS.keys() - {each.name for each in storm.kinds}:
        yield f"never tried: {', '.join(sorted(missing))}"
    for each in storm.kinds:
        if each.unseen:
            yield f"{each.unseen} of {each.faults} {each.name} show in no metric"
        if each.not_back:
            yield f"after {each.not_back} of {each.faults} {each.name} it was not back"
    if storm.connects_most > 1.0:
        yield "a venue was tried more often than the limit allows"
    yield from _growing(storm)


def _lost(storm: Storm) -> Iterator[str]:
    for lane, of in storm.channels.items():
        if of.lost or of.oftener:
            yield f"{lane}: {of.lost} alerts lost, {of.oftener} told more than twice"
        if of.twice and lane == "log":
            yield f"{lane}: {of.twice} alerts told twice"
    if storm.unsent:
        yield f"{storm.unsent} alerts were never sent"


def _differences(compared: Compared) -> Iterator[str]:
    if compared.missing or compared.added:
        yield f"{len(compared.missing)} transitions are missing, {len(compared.added)} added"
    if compared.moves_outside < _FEWEST * compared.moves:
        yield f"only {compared.moves_outside} of {compared.moves} about moves could be compared"


def _growing(storm: Storm) -> Iterator[str]:
    late = storm.evenings[-max(len(storm.evenings) // 2, 1) :]
    if storm.memory_slope - 2.0 * storm.memory_error > SLOPE:
        yield "memory grows"
    if late[-1].files > storm.evenings[0].files:
        yield "file descriptors grow"
    if len({one.tasks for one in late}) > 1:
        yield "tasks come and stay"


def _eagerness(one: Happened) -> float:
    if one.on not in VENUES or one.recovered is None:
        return 0.0
    minutes = 1.0 + (one.recovered - one.begun) / NS / 60.0
    return one.connects / (MOST_CONNECTS * minutes)


def _kinds(happened: Sequence[Happened]) -> Iterator[Kind]:
    counted = Counter(one.kind for one in happened)
    for name, count in sorted(counted.items()):
        of = [one for one in happened if one.kind == name]
        back = [(one.recovered - one.mended) / NS for one in of if one.recovered is not None]
        p50, p99 = np.quantile(back or [0.0], [0.5, 0.99])
        yield Kind(
            name=name,
            faults=count,
            shown_by=tuple(sorted({each for one in of for each in one.seen})),
            unseen=sum(not one.seen for one in of),
            not_back=sum(one.recovered is None for one in of),
            back_p50=round(float(p50), 2),
            back_p99=round(float(p99), 2),
            back_most=round(max(back, default=0.0), 2),
        )
