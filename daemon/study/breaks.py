"""When the link broke and came back: the sign CUSUM over a file, p0 learned on the way.

And whether one correlation fits the whole file at all, by Wied, Krämer and Dehling's statistic.
"""

from __future__ import annotations

from math import exp, factorial, floor, sqrt

import msgspec
import numpy as np

from daemon.study.aligned import Aligned, Returns
from daemon.study.hours import DAY
from streams.estimators.breakdown import Breakdown, expected_delay_bars
from streams.estimators.concordance import Concordance
from streams.instrument import NS
from streams.metric import SESSIONS_A_MONTH

_MONTH = SESSIONS_A_MONTH
_YEARS = 5
_YEAR = 252
_STEPS = 100
CRITICAL = 1.358
"""What the constancy statistic exceeds in one constant file of twenty (Kolmogorov's law)."""
_FEWEST = 60
_SURE = 1e-6
"""1 - rho² below which there is only rounding to change."""


class Break(msgspec.Struct, frozen=True):
    """One break; instants in ns UTC, `restored` None where the file ends broken."""

    onset: int
    alarm: int
    restored: int | None
    p0: float
    """The usual share of concordant bars, as then known (its lower bound)."""
    renewed: bool = False
    """Whether it lasted so long that it became the new normal, by then (`restored`)."""


class Constancy(msgspec.Struct, frozen=True):
    """Where the correlation of the file parts most from that of the whole."""

    statistic: float
    ts: int
    """The end (ns) of the stretch before the change."""
    before: float
    after: float

    @property
    def changed(self) -> bool:
        """Whether one file of twenty with a constant correlation shows as much, or fewer."""
        return self.statistic > CRITICAL


class Breaks(msgspec.Struct, frozen=True):
    """What the detector found, and how well it can see."""

    found: tuple[Break, ...]
    p0: float | None
    """As last known; None where there was too little to learn it from."""
    reason: str
    """Why it could not watch at the end; empty where it could."""
    false_alarms: str
    by_chance: float
    """How many breaks the budget of false alarms gives in a file as long."""
    delay: float | None
    """Mean seconds of trading that a full break takes to find."""
    constancy: Constancy | None

    @property
    def surprising(self) -> bool:
        """Whether chance gives as many in one file of twenty at the most (Poisson).

        Thrice the budget: that is what a share that moves within and between days makes of it.
        """
        mean = 3.0 * self.by_chance
        fewer = sum(mean**k / factorial(k) for k in range(len(self.found)))
        return 1.0 - exp(-mean) * fewer < 0.05


def breaks(aligned: Aligned, found: Returns) -> Breaks:
    """Walk the file as it came: at most one false alarm a month, of daily closes in five years."""
    daily = aligned.daily
    session = _YEARS * _YEAR if daily else aligned.bars_a_session
    arl = session if daily else session * _MONTH
    detector = Breakdown(float(arl), session_bars=float(session))
    enough = _YEAR if daily else max(min(5 * session, len(found.ts) // 4), 100)
    link = Concordance(enough)
    listed = _walk(found, detector, link, by_month=daily)
    p0 = link.value()
    watching = detector.value()
    return Breaks(
        found=tuple(listed),
        p0=p0.low,
        reason=watching.reason if p0.value is not None else _unlearned(enough),
        false_alarms=f"1 in {_YEARS} years" if daily else "1 a month",
        by_chance=len(found.ts) / arl,
        delay=_delay(detector, aligned) if watching.value is not None else None,
        constancy=constancy(found),
    )


def _unlearned(enough: int) -> str:
    return f"the usual share of bars in step is learned from whole sessions, {enough} bars at least"


def _walk(found: Returns, detector: Breakdown, link: Concordance, *, by_month: bool) -> list[Break]:
    listed: list[Break] = []
    numbers = np.arange(len(found.ts)) // _MONTH if by_month else (found.ts - 1) // DAY
    session = -1
    for x, y, ts, number in zip(
        found.x.tolist(), found.y.tolist(), found.ts.tolist(), numbers.tolist(), strict=True
    ):
        if number != session:
            session = number
            _begin(detector, link, listed, ts, by_month=by_month)
        before = detector.onset_ns
        _update(detector, link, x, y, ts)
        onset = detector.onset_ns
        if onset is not None and before is None:
            listed.append(Break(onset, ts, None, detector.p0 or 0.0))
        elif onset is None and before is not None:
            listed[-1] = msgspec.structs.replace(listed[-1], restored=ts)
    return listed


def _begin(
    detector: Breakdown, link: Concordance, listed: list[Break], ts: int, *, by_month: bool
) -> None:
    """A session begins; p0 is learned from whole ones. Of daily closes it is a month, just so."""
    link.new_session()
    if not by_month and detector.new_session():
        link.forget()
        listed[-1] = msgspec.structs.replace(listed[-1], restored=ts, renewed=True)


def _update(detector: Breakdown, link: Concordance, x: float, y: float, ts: int) -> None:
    # The lower bound stands in for p0's dispersion, which so short a file as most cannot show;
    # in steps, since each p0 needs a threshold of its own.
    low = link.value().low
    detector.update(x, y, ts, None if low is None else floor(low * _STEPS) / _STEPS)
    if detector.onset_ns is None:
        link.update(x, y)


def _delay(detector: Breakdown, aligned: Aligned) -> float | None:
    p0 = detector.p0
    return expected_delay_bars(p0, detector.h) * (aligned.bar / NS) if p0 else None


def constancy(found: Returns) -> Constancy | None:
    """Wied, Krämer and Dehling (2012): `max_j j/sqrt(T) |r_j - r_T| / sigma`.

    Volatility that comes in clusters makes it exceed `CRITICAL` in 8 of 100 constant files, fat
    tails in 11. None on fewer than 60 returns, where one does not move, and where
    both are one.
    """
    n = len(found.x)
    if n < _FEWEST:
        return None
    x, y = found.x - found.x.mean(), found.y - found.y.mean()
    if not np.any(x) or not np.any(y):
        return None
    x, y = x / sqrt(float(x @ x) / n), y / sqrt(float(y @ y) / n)
    xy, xx, yy = np.cumsum(x * y), np.cumsum(x * x), np.cumsum(y * y)
    j = np.arange(_FEWEST // 2, n - _FEWEST // 2)
    running = xy[j] / np.sqrt(xx[j] * yy[j])
    rho = float(xy[-1]) / n
    if 1.0 - rho * rho < _SURE:
        return None
    sigma = sqrt(float(np.mean((x * y - 0.5 * rho * (x * x + y * y)) ** 2)))
    parts = (j + 1) / sqrt(n) * np.abs(running - rho) / sigma
    at = int(parts.argmax())
    rest_xy, rest_xx, rest_yy = (float(s[-1] - s[j[at]]) for s in (xy, xx, yy))
    after = rest_xy / sqrt(rest_xx * rest_yy)
    return Constancy(float(parts[at]), int(found.ts[j[at]]), float(running[at]), after)
