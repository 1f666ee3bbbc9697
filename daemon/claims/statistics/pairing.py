"""Intraday files of two symbols, paired, with what their stamps are worth."""

from __future__ import annotations

import msgspec

from daemon.claims.data import Data
from daemon.study.aligned import Aligned, AlignmentError, Returns, returns
from daemon.study.leadlag import LeadLag, judge
from daemon.study.profile import bar_profile
from daemon.study.quality import Source, examine
from daemon.study.stamps import Stamps
from streams.instrument import NS
from streams.metric import duration_text

_DOUBTED = {"stamping offset", "clock offset"}


class Paired(msgspec.Struct, frozen=True):
    """Two files at the same instants as stamped, and the verdict on their lead-lag profile."""

    x: Source
    y: Source
    aligned: Aligned
    returns: Returns
    found: LeadLag
    doubted: bool = False
    """Whether the stamps of a file, here or in another pair, are more likely wrong than right."""

    @property
    def bar(self) -> str:
        """`1m`."""
        return duration_text(self.aligned.bar / NS)

    @property
    def basis(self) -> str:
        """How many returns, of which files."""
        return f"{len(self.returns.ts):,} returns of {self.bar}, {self.x.file} and {self.y.file}"


def pairings(data: Data, x: str, y: str) -> list[Paired]:
    """Every pair of files of equal bars with times in common: trusted first, the longest first."""
    found: list[Paired] = []
    for of_x in data.intraday(x):
        for of_y in data.intraday(y):
            if of_x.prices.bar == of_y.prices.bar:
                found += _paired(data, of_x, of_y)
    wrong = {file for pair in found for file in _doubtful(pair)}
    marked = (
        msgspec.structs.replace(pair, doubted=bool({pair.x.file, pair.y.file} & wrong))
        for pair in found
    )
    return sorted(marked, key=lambda pair: (pair.doubted, -len(pair.returns.ts)))


def _doubtful(pair: Paired) -> set[str]:
    """The files that a pair speaks against: the suspect, or both where it names none."""
    if pair.found.verdict not in _DOUBTED:
        return set()
    files = (pair.x, pair.y)
    named = {source.file for source in files if source.name == pair.found.suspect}
    return named or {source.file for source in files}


def _paired(data: Data, x: Source, y: Source) -> list[Paired]:
    """One, or none where they have too little in common."""
    clock = data.clock
    try:
        aligned = data.aligned(x.prices, y.prices)
    except AlignmentError:
        return []
    found = returns(aligned)
    facts = [examine(s, tz=clock.tz, stamped_at_start=clock.stamped_at_start) for s in (x, y)]
    stamps = Stamps(facts[0], facts[1], aligned.bar)
    return [Paired(x, y, aligned, found, judge(bar_profile(aligned, found), stamps))]
