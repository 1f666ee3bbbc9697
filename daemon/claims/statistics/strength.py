"""One market against another: who gained, and whether it stood at a record."""

from __future__ import annotations

from datetime import date

import numpy as np

from daemon.claims.data import Data, Moves
from daemon.claims.estimate import Estimate, mean
from daemon.claims.finding import Finding, Row, Statistic
from daemon.claims.missing import MissingError
from daemon.claims.statistics.years import years
from daemon.study.aligned import Floats
from daemon.study.hours import day_text

_A_YEAR = 252
_EPOCH = date(1970, 1, 1).toordinal()


class RelativeStrength(Statistic, frozen=True, tag="relative-strength"):
    """What `of` gained on `against`, as log return a year."""

    of: str
    against: str

    def measure(self, data: Data) -> Finding:
        """All days are judged, years are shown."""
        moves = data.moves([self.of, self.against])
        rows = tuple(Row(year, self._whole(days)) for year, days in years(moves))
        found = mean(self._gain(moves), "share", _A_YEAR)
        return Finding(found, moves.basis, rows, "log return a year")

    def _gain(self, moves: Moves) -> Floats:
        return moves.columns[self.of] - moves.columns[self.against]

    def _whole(self, moves: Moves) -> Estimate:
        return Estimate(float(self._gain(moves).sum()), len(moves.days), "share")


class AtRecord(Statistic, frozen=True, tag="at-record"):
    """How near its highest close until then a market came between two days: 0 at a record."""

    of: str
    since: date
    until: date

    def measure(self, data: Data) -> Finding:
        """Read off the longest file: a record of that file's years."""
        closes = data.closes(self.of)[0]
        below = closes.price / np.maximum.accumulate(closes.price) - 1.0
        first, last = (day.toordinal() - _EPOCH for day in (self.since, self.until))
        within = np.flatnonzero((closes.days >= first) & (closes.days <= last))
        if not len(within):
            raise MissingError(f"{self.of} daily closes from {self.since} to {self.until}")
        best = int(within[below[within].argmax()])
        note = (
            f"nearest on {day_text(int(closes.days[best]))}; {(below[within] == 0.0).sum()} records"
        )
        found = Estimate(float(below[best]), len(within), "share")
        return Finding(found, f"{len(within)} days of {closes.file}", (), note)
