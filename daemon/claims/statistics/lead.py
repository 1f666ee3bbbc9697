"""Which of two markets moves first, at the same instants and, beside it, at different ones.

The figure is the correlation at one bar where `leader` comes first, less that where `of` does. It
is 0 where neither leads, and where prices are not taken at the same instants it is not: rows show
what the same files seem to say then.
"""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np

from daemon.claims.data import Data, clean
from daemon.claims.estimate import FEWEST, Estimate, correlation_parts, newey_west
from daemon.claims.finding import Finding, Row, Statistic
from daemon.claims.missing import MissingError
from daemon.claims.statistics.pairing import Paired, pairings
from daemon.study.aligned import Aligned, AlignmentError, Ints, shifted
from daemon.study.hours import DAY, is_daily
from daemon.study.quality import Source
from daemon.study.texts import figure
from streams.history.prices import Prices
from streams.instrument import NS


class _Lead(msgspec.Struct, frozen=True):
    """Correlations at lag 0 and at one bar either way, and the contrast of these two."""

    at_zero: float
    leader_first: float
    other_first: float
    contrast: Estimate


class Lead(Statistic, frozen=True, tag="lead"):
    """Whether `leader` comes before `of`, by one bar or by one day."""

    of: str
    leader: str
    clock: Literal["intraday", "daily"]

    def measure(self, data: Data) -> Finding:
        """Judged is the longest trusted pair of files; doubted ones and misaligned ones beside."""
        return self._intraday(data) if self.clock == "intraday" else self._daily(data)

    def _intraday(self, data: Data) -> Finding:
        pairs = pairings(data, self.of, self.leader)
        trusted = [pair for pair in pairs if not pair.doubted]
        if not pairs:
            raise MissingError(f"{self.of} and {self.leader} in bars of the same hours")
        rows = [row for pair in pairs for row in self._pair_rows(data, pair)]
        if not trusted:
            lack = f"needs files whose stamps agree; {pairs[0].found.reason}"
            return Finding(None, pairs[0].basis, tuple(rows), lacking=lack)
        found, bar = _lead(trusted[0].aligned), trusted[0].aligned.bar / NS
        doubt = self._doubt(found, bar)
        return Finding(found.contrast, trusted[0].basis, tuple(rows), doubt, doubt=doubt)

    def _doubt(self, found: _Lead, bar: float) -> str:
        """Stamps late by a part of a bar (of so many seconds) move that part of the link on."""
        whole, ahead = found.at_zero + found.leader_first, found.contrast.value
        if ahead <= 0.0 or whole <= 0.0:
            return ""
        return f"{self.of}'s bars stamped {bar * ahead / whole:.0f} s late would give as much"

    def _pair_rows(self, data: Data, pair: Paired) -> list[Row]:
        files = f"{pair.x.file}, {pair.y.file}; "
        if pair.doubted:
            label = f"{pair.bar}, {pair.found.suspect or 'a file'} stamped late by its vendor"
            return [self._row(label, pair.aligned, files, misaligned=True)]
        bar = pair.aligned.bar
        late = data.aligned(shifted(pair.x.prices, bar), pair.y.prices, bar)
        purpose = f"{pair.bar}, {self.of} stamped {pair.bar} late on purpose"
        return [
            self._row(f"{pair.bar}, same instants", pair.aligned, files),
            self._row(purpose, late, files, misaligned=True),
        ]

    def _daily(self, data: Data) -> Finding:
        of_leader = [s for s in data.sources.get(self.leader, ()) if is_daily(s.prices)]
        if not of_leader:
            raise MissingError(f"{self.leader} daily closes")
        closes = max(of_leader, key=lambda source: len(source.prices.ts))
        at_close = self._at_the_close(data, closes)
        rows = self._whole_files(data, closes)
        if at_close is None:
            lack = f"needs {self.of} within the day, to take its price at {self.leader}'s close"
            return Finding(None, "closes hours apart", tuple(rows), lacking=lack)
        source, aligned = at_close
        midnight = data.aligned(_at_midnight(source.prices), clean(closes.prices))
        found = _lead(aligned).contrast
        together = [
            self._row(f"{self.of} at {self.leader}'s close", aligned),
            self._row(f"the same days, {self.of} at 24:00 UTC", midnight, misaligned=True),
        ]
        basis = f"{found.n} days, {source.file} at the closes of {closes.file}"
        return Finding(found, basis, (*together, *rows))

    def _at_the_close(self, data: Data, closes: Source) -> tuple[Source, Aligned] | None:
        """The intraday file of most days, at the other's closes."""
        best: tuple[Source, Aligned] | None = None
        for source in data.intraday(self.of):
            try:
                aligned = data.aligned(source.prices, clean(closes.prices))
            except AlignmentError:
                continue
            known = np.isfinite(aligned.x)
            if known.sum() > FEWEST + 2 and (best is None or known.sum() > len(best[1].ts)):
                days = np.flatnonzero(known)
                best = source, _only(aligned, np.arange(days[0], days[-1] + 1))
        return best

    def _whole_files(self, data: Data, closes: Source) -> list[Row]:
        found: list[Row] = []
        for source in data.sources.get(self.of, ()):
            if is_daily(source.prices):
                aligned = data.aligned(clean(source.prices), clean(closes.prices))
                if aligned.apart:
                    label = f"all years, {self.of} at 24:00 UTC"
                    files = f"{source.file}; "
                    found.append(self._row(label, aligned, files, misaligned=True))
        return found

    def _row(
        self, label: str, aligned: Aligned, files: str = "", *, misaligned: bool = False
    ) -> Row:
        try:
            found = _lead(aligned)
        except MissingError as error:
            return Row(label, None, str(error))
        note = (
            f"{files}lag 0: {figure(found.at_zero)}, "
            f"{self.leader} first: {figure(found.leader_first)}, "
            f"{self.of} first: {figure(found.other_first)}"
        )
        return Row(label, found.contrast, note + self._false_lead(found, misaligned=misaligned))

    def _false_lead(self, found: _Lead, *, misaligned: bool) -> str:
        low, high = found.contrast.interval() or (0.0, 0.0)
        if not misaligned:
            return ""
        if low <= 0.0 <= high:
            return "; no lead told apart from chance"
        return f"; a FALSE lead of {self.leader if low > 0.0 else self.of}"


def _lead(aligned: Aligned) -> _Lead:
    """Of grids in which x is `of` and y is `leader`."""
    x, y = np.diff(aligned.x), np.diff(aligned.y)
    kept = np.isfinite(x) & np.isfinite(y) & (np.diff(aligned.session) == 0)
    both = np.flatnonzero(kept[:-1] & kept[1:] & (aligned.session[:-2] == aligned.session[2:]))
    leader_first, ahead = correlation_parts(y[both], x[both + 1])
    other_first, behind = correlation_parts(x[both], y[both + 1])
    at_zero, _ = correlation_parts(x[both], y[both])
    error = newey_west(ahead - behind)
    contrast = Estimate(leader_first - other_first, len(both), "difference", error)
    return _Lead(at_zero, leader_first, other_first, contrast)


def _only(aligned: Aligned, places: Ints) -> Aligned:
    return msgspec.structs.replace(
        aligned,
        ts=aligned.ts[places],
        x=aligned.x[places],
        y=aligned.y[places],
        session=aligned.session[places],
    )


def _at_midnight(prices: Prices) -> Prices:
    """The last price of each day UTC, none older than the quarter of an hour before its end."""
    ends = np.arange(prices.ts[0] // DAY + 1, prices.ts[-1] // DAY + 1) * DAY
    place = np.searchsorted(prices.ts, ends, side="right") - 1
    fresh = ends - prices.ts[place] <= DAY // 96
    return Prices(ends[fresh], prices.price[place[fresh]], DAY)
