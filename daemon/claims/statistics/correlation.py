"""How closely two markets move together, over all days and year by year."""

from __future__ import annotations

import numpy as np

from daemon.claims.data import Data, Moves
from daemon.claims.estimate import Estimate, correlation
from daemon.claims.finding import Finding, Row, Statistic
from daemon.claims.missing import MissingError
from daemon.claims.statistics.years import years


class Correlation(Statistic, frozen=True, tag="correlation"):
    """Of daily returns."""

    of: str
    against: str

    def measure(self, data: Data) -> Finding:
        """All days are judged, years are shown."""
        moves = data.moves([self.of, self.against])
        found = self._of(moves)
        return Finding(found, moves.basis, tuple(self._row(y, m) for y, m in years(moves)))

    def _row(self, year: str, moves: Moves) -> Row:
        try:
            return Row(year, self._of(moves))
        except MissingError as error:
            return Row(year, None, str(error))

    def _of(self, moves: Moves) -> Estimate:
        return correlation(moves.columns[self.of], moves.columns[self.against])


class UpDown(Statistic, frozen=True, tag="up-and-down-days"):
    """Correlation on the days on which `against` rose, and on those on which it fell.

    The lesser is judged: the claim is of both. Taking days by their sign narrows them, so that
    either is below the correlation of all days even where nothing changes.
    """

    of: str
    against: str

    def measure(self, data: Data) -> Finding:
        """Both are shown; what they would be if falls were like rises is one figure below all."""
        moves = data.moves([self.of, self.against])
        up = moves.columns[self.against] > 0.0
        down = moves.columns[self.against] < 0.0
        sides = [
            Row(f"{self.against} {name}", self._on(moves.where(np.flatnonzero(kept))))
            for name, kept in (("rose", up), ("fell", down))
        ]
        lesser = min((row.estimate for row in sides if row.estimate), key=lambda e: e.value)
        return Finding(lesser, moves.basis, tuple(sides), "the lesser of two is judged")

    def _on(self, moves: Moves) -> Estimate:
        return correlation(moves.columns[self.of], moves.columns[self.against])
