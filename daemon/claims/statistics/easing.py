"""Correlation before and after a central bank begins to ease."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from daemon.claims.data import Data, Moves
from daemon.claims.estimate import FEWEST, Estimate, correlation, correlation_parts, newey_west
from daemon.claims.finding import Finding, Row, Statistic
from daemon.claims.missing import MissingError
from daemon.claims.statistics.policy import steps
from daemon.study.aligned import Ints
from daemon.study.hours import day_text
from streams.context.series import Series

Bools = NDArray[np.bool_]

_PAUSE = 180
"""Days without a cut after which the next one begins an easing."""


class Easing(Statistic, frozen=True, tag="easing"):
    """Correlation in the `days` after a first cut, less that in the `days` before it.

    An easing begins where `series` (a policy rate, in percent) falls by `cut` or more to a new
    level, and did not in the 180 days before. Over all easings, days weigh alike.
    """

    of: str
    against: str
    series: str
    cut: float
    days: int

    def measure(self, data: Data) -> Finding:
        """Each easing is shown with its days."""
        rate = data.one(self.series)
        moves = data.moves([self.of, self.against])
        starts = [day for day in easings(rate, self.cut) if self._covered(moves, day)]
        if not starts:
            raise MissingError(f"prices around a cut of {self.series}")
        before = np.zeros(len(moves.days), bool)
        after = np.zeros(len(moves.days), bool)
        rows: list[Row] = []
        for day in starts:
            old, new = self._sides(moves, day)
            before[old], after[new] = True, True
            rows += self._rows(moves, day, old, new)
        found = self._difference(moves, before, after)
        basis = f"{before.sum()} days before and {after.sum()} after {len(starts)} first cuts"
        note = "how sure of these days, not of the next easing"
        return Finding(found, basis, tuple(rows), note)

    def _covered(self, moves: Moves, day: int) -> bool:
        return min(map(len, self._sides(moves, day))) >= FEWEST

    def _sides(self, moves: Moves, day: int) -> tuple[Ints, Ints]:
        at = int(np.searchsorted(moves.days, day))
        count = len(moves.days)
        return np.arange(max(at - self.days, 0), at), np.arange(at, min(at + self.days, count))

    def _rows(self, moves: Moves, day: int, old: Ints, new: Ints) -> list[Row]:
        return [
            Row(f"{name} the cut of {day_text(day)}", self._correlation(moves.where(side)))
            for name, side in (("before", old), ("after", new))
        ]

    def _correlation(self, moves: Moves) -> Estimate:
        return correlation(moves.columns[self.of], moves.columns[self.against])

    def _difference(self, moves: Moves, before: Bools, after: Bools) -> Estimate:
        """A day on both sides adds to both."""
        influence = np.zeros(len(moves.days))
        values: list[float] = []
        for kept, sign in ((before, -1.0), (after, 1.0)):
            side = moves.where(np.flatnonzero(kept))
            rho, parts = correlation_parts(side.columns[self.of], side.columns[self.against])
            influence[kept] += sign * parts * len(moves.days) / len(parts)
            values.append(rho)
        n = int((before | after).sum())
        return Estimate(values[1] - values[0], n, "difference", newey_west(influence))


def easings(rate: Series, cut: float) -> list[int]:
    """The days on which one begins."""
    days, moved = steps(rate, cut)
    cuts = days[moved < 0.0]
    return [
        int(day) for day, gap in zip(cuts, np.diff(cuts, prepend=0), strict=True) if gap > _PAUSE
    ]
