"""How much of a market's moves is its own."""

from __future__ import annotations

import numpy as np

from daemon.claims.data import Data, Moves
from daemon.claims.estimate import Estimate, correlation_parts, newey_west, residuals
from daemon.claims.finding import Finding, Row, Statistic
from daemon.claims.missing import MissingError
from daemon.claims.statistics.years import years
from daemon.study.aligned import Floats


class OwnShare(Statistic, frozen=True, tag="own-share"):
    """The share of a market's daily variance that the others' moves that day leave unexplained."""

    of: str
    by: tuple[str, ...]

    def measure(self, data: Data) -> Finding:
        """All days are judged, years are shown."""
        moves = data.moves([self.of, *self.by])
        rows = tuple(self._row(year, days) for year, days in years(moves))
        return Finding(self._share(moves), moves.basis, rows)

    def _row(self, year: str, moves: Moves) -> Row:
        try:
            return Row(year, self._share(moves))
        except MissingError as error:
            return Row(year, None, str(error))

    def _share(self, moves: Moves) -> Estimate:
        y = moves.columns[self.of]
        fitted = y - residuals(y, [moves.columns[name] for name in self.by])
        return share(y, fitted)


def share(y: Floats, fitted: Floats) -> Estimate:
    """One less the squared correlation of y with what was fitted to it; the error is that one's."""
    rho, influence = correlation_parts(y, np.asarray(fitted))
    return Estimate(1.0 - rho * rho, len(y), "unexplained", newey_west(influence))
