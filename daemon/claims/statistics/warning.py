"""Whether what moved in the last days tells of the days that follow."""

from __future__ import annotations

import numpy as np

from daemon.claims.data import Data
from daemon.claims.estimate import correlation
from daemon.claims.finding import Finding, Row, Statistic
from daemon.claims.missing import MissingError
from daemon.study.aligned import Floats


class EarlyWarning(Statistic, frozen=True, tag="early-warning"):
    """Correlation of the last `days` of `by` with the next `days` of `of`.

    `by` is a symbol or a series, known by the close at which the next days begin. A coin's day
    ends hours after New York's: what it did between counts for neither.
    """

    of: str
    by: str
    days: int

    def measure(self, data: Data) -> Finding:
        """That of the same days is shown: what is seen when it is too late."""
        symbols, series = (
            ([self.of], [self.by]) if self.by in data.series else ([self.of, self.by], [])
        )
        try:
            moves = data.moves(symbols, series)
        except MissingError:
            if self.by in data.series or self.by in data.sources:
                raise
            raise MissingError(f"{self.by}, as prices or as a series") from None
        past, ahead = (_sums(moves.columns[name], self.days) for name in (self.by, self.of))
        found = correlation(past[: -self.days], ahead[self.days :], 2 * self.days)
        same = correlation(past, ahead, 2 * self.days)
        return Finding(found, moves.basis, (Row("the same days", same),))


def _sums(values: Floats, count: int) -> Floats:
    """Of each `count` in a row."""
    total = np.concatenate([[0.0], values.cumsum()])
    return np.asarray(total[count:] - total[:-count])
