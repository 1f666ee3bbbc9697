"""How closely two markets move together beyond what a third explains."""

from __future__ import annotations

import numpy as np

from daemon.claims.data import Data
from daemon.claims.estimate import Estimate, correlation, residuals
from daemon.claims.finding import Finding, Row, Statistic
from daemon.claims.missing import MissingError
from daemon.claims.statistics.pairing import Paired, pairings
from daemon.study.aligned import AlignmentError, Floats, returns
from daemon.study.quality import Source


class PartialCorrelation(Statistic, frozen=True, tag="partial-correlation"):
    """Of intraday returns, given those of `given` in the same bars."""

    of: str
    against: str
    given: str

    def measure(self, data: Data) -> Finding:
        """Of the longest trusted files that have all three; the plain ones are shown."""
        for pair in pairings(data, self.of, self.against):
            for third in data.intraday(self.given):
                columns = None if pair.doubted else _columns(data, pair, third)
                if columns is not None:
                    return self._finding(pair, *columns)
        raise MissingError(f"{self.of}, {self.against} and {self.given} in bars of the same hours")

    def _finding(self, pair: Paired, x: Floats, y: Floats, z: Floats) -> Finding:
        plain = {
            f"{self.of} with {self.against}": (x, y),
            f"{self.of} with {self.given}": (x, z),
            f"{self.against} with {self.given}": (y, z),
        }
        rows = tuple(Row(name, correlation(*columns)) for name, columns in plain.items())
        return Finding(partial(x, y, z), pair.basis, rows)


def partial(x: Floats, y: Floats, z: Floats) -> Estimate:
    """Correlation of what z leaves of either."""
    return correlation(residuals(x, [z]), residuals(y, [z]))


def _columns(data: Data, pair: Paired, third: Source) -> tuple[Floats, Floats, Floats] | None:
    """The returns of all three; None where the third has other bars or other hours."""
    if third.prices.bar != pair.aligned.bar:
        return None
    try:
        beside = returns(data.aligned(third.prices, pair.y.prices, pair.aligned.bar))
    except AlignmentError:
        return None
    _, at, of_third = np.intersect1d(pair.returns.ts, beside.ts, return_indices=True)
    return pair.returns.x[at], pair.returns.y[at], beside.x[of_third]
