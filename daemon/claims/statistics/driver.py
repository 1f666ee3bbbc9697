"""Whether one series moves both markets the same way."""

from __future__ import annotations

from typing import Literal

from daemon.claims.data import Data
from daemon.claims.estimate import Estimate, correlation
from daemon.claims.finding import Finding, Row, Statistic


class CommonDriver(Statistic, frozen=True, tag="common-driver"):
    """Correlation of each market's return with the change of a series that day.

    Judged is the one that supports the claim less: `same` where both are to rise with the series,
    `opposite` where both are to fall.
    """

    of: str
    against: str
    series: str
    direction: Literal["same", "opposite"]

    def measure(self, data: Data) -> Finding:
        """Both are shown."""
        moves = data.moves([self.of, self.against], [self.series])
        change = moves.columns[self.series]
        rows = tuple(
            Row(f"{name} with {self.series}", correlation(moves.columns[name], change))
            for name in (self.of, self.against)
        )
        least = max if self.direction == "opposite" else min
        weaker = least((row.estimate for row in rows if row.estimate), key=_value)
        return Finding(weaker, moves.basis, rows, "the weaker of two is judged")


def _value(estimate: Estimate) -> float:
    return estimate.value
