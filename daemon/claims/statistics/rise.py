"""A rise from a year's low, with its dates, and whether another market took part in it."""

from __future__ import annotations

import numpy as np

from daemon.claims.data import Closes, Data
from daemon.claims.estimate import Estimate, correlation
from daemon.claims.finding import Finding, Path, Row, Statistic
from daemon.claims.missing import MissingError
from daemon.study.aligned import Ints
from daemon.study.hours import day_text

_REACH = 365
_ROUNDING = 1e-9


class Rise(Statistic, frozen=True, tag="rise-from-low"):
    """The largest rise in the 365 days after the lowest close of `year`: read off, no estimate."""

    of: str
    year: int
    rise: float
    """The rise whose first day is told, as a fraction."""

    def measure(self, data: Data) -> Finding:
        """The longest file is judged; others of the symbol (raw, adjusted) are shown."""
        found: list[Row] = []
        paths: list[Path] = []
        for closes in data.closes(self.of):
            climb = _climb(closes, self.year, self.rise)
            if climb is not None:
                found.append(self._row(closes, *climb))
                above = closes.price[climb[1]] / closes.price[climb[0]] - 1.0
                paths.append(Path(closes.file, closes.days[climb[1]], above))
        if not found:
            raise MissingError(f"{self.of} daily closes of {self.year}")
        judged = found[0]
        return Finding(judged.estimate, judged.label, tuple(found), judged.note, paths=tuple(paths))

    def _row(self, closes: Closes, low: int, places: Ints, reached: int | None) -> Row:
        top = int(places[closes.price[places].argmax()])
        value = float(closes.price[top] / closes.price[low] - 1.0)
        when = "never" if reached is None else f"first on {day_text(int(closes.days[reached]))}"
        note = (
            f"low {closes.price[low]:,.2f} on {day_text(int(closes.days[low]))}, "
            f"+{100 * self.rise:.0f} % {when}, most on {day_text(int(closes.days[top]))}"
        )
        return Row(closes.file, Estimate(value, len(places), "share"), note)


class Alongside(Statistic, frozen=True, tag="alongside-rise"):
    """Correlation of daily returns from `against`'s low of `year` until its rise was reached."""

    of: str
    against: str
    year: int
    rise: float

    def measure(self, data: Data) -> Finding:
        """What either rose by is shown."""
        whole = data.moves([self.of, self.against])
        closes = data.closes(self.against)[0]
        climb = _climb(closes, self.year, self.rise)
        if climb is None or climb[2] is None:
            raise MissingError(f"a rise of {self.rise:.0%} of {self.against} in {self.year}")
        first, last = closes.days[climb[0]], closes.days[climb[2]]
        moves = whole.where(np.flatnonzero((whole.days > first) & (whole.days <= last)))
        found = correlation(moves.columns[self.of], moves.columns[self.against])
        rows = tuple(
            Row(f"{name} rose", Estimate(float(np.expm1(column.sum())), len(column), "share"))
            for name, column in moves.columns.items()
        )
        return Finding(found, moves.basis, rows)


def _climb(closes: Closes, year: int, rise: float) -> tuple[int, Ints, int | None] | None:
    """The places of the low, of the 365 days after it, and of the first close high enough."""
    of_year = np.array([day_text(int(day)).startswith(f"{year}-") for day in closes.days])
    places = np.flatnonzero(of_year)
    if not len(places):
        return None
    low = int(places[closes.price[places].argmin()])
    day = closes.days[low]
    after = np.flatnonzero((closes.days >= day) & (closes.days <= day + _REACH))
    enough = after[closes.price[after] / closes.price[low] - 1.0 > rise - _ROUNDING]
    return low, after, int(enough[0]) if len(enough) else None
