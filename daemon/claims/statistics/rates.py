"""How a market answers to rates: day by day, and on the days on which policy moves."""

from __future__ import annotations

import numpy as np

from daemon.claims.data import Data, span
from daemon.claims.estimate import FEWEST, Estimate, mean, slope
from daemon.claims.finding import Finding, Row, Statistic
from daemon.claims.missing import MissingError
from daemon.claims.statistics.policy import steps
from daemon.claims.statistics.years import years
from daemon.study.aligned import Floats, Ints

_AROUND = 10


class RateSensitivity(Statistic, frozen=True, tag="rate-sensitivity"):
    """What a market returns that day for each 10 bp that `series` (a yield, in percent) rises.

    With `less`, of its return less that one's.
    """

    of: str
    series: str
    less: str | None = None

    def measure(self, data: Data) -> Finding:
        """All days are judged, years are shown."""
        moves = data.moves([self.of, *([self.less] if self.less else [])], [self.series])
        returns = moves.columns[self.of] - (moves.columns[self.less] if self.less else 0.0)
        found = _slope(moves.columns[self.series], returns)
        rows: list[Row] = []
        for year, days in years(moves):
            part = days.columns[self.of] - (days.columns[self.less] if self.less else 0.0)
            try:
                rows.append(Row(year, _slope(days.columns[self.series], part)))
            except MissingError as error:
                rows.append(Row(year, None, str(error)))
        return Finding(found, moves.basis, tuple(rows))


def _slope(change: Floats, returns: Floats) -> Estimate:
    return slope(change, returns, "per 10 bp", 0.1)


class PolicyDays(Statistic, frozen=True, tag="policy-days"):
    """How large moves are on days of policy decisions, as a multiple of those of days around.

    `series` is a policy rate that moves the day after its decision, by `step` or more; decisions
    to leave it do not show in it and count among the other days. The days around are ten on either
    side: rates are cut in times of large moves, which is no answer to the cut.
    """

    of: str
    series: str
    step: float

    def measure(self, data: Data) -> Finding:
        """The mean over decisions."""
        rate = data.one(self.series)
        moves = data.moves([self.of])
        changed, _ = steps(rate, self.step)
        at = np.unique(np.searchsorted(moves.days, changed, side="left") - 1)
        at = at[(at >= _AROUND) & (at + _AROUND < len(moves.days))]
        if len(at) < FEWEST:
            raise MissingError(f"{FEWEST} moves of {self.series}", f"there are {len(at)}")
        sizes = np.abs(moves.columns[self.of])
        basis = f"{len(at)} decisions to move {self.series}, {span(moves.days[at])}"
        return Finding(mean(_against_neighbours(sizes, at), "times"), basis)


def _against_neighbours(sizes: Floats, at: Ints) -> Floats:
    reach = np.arange(-_AROUND, _AROUND + 1)
    around = sizes[at[:, None] + reach[reach != 0]].mean(axis=1)
    return np.asarray(sizes[at] / around)
