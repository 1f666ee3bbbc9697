"""How far statistics that are carried on for weeks are from what numpy makes of the same data."""

from __future__ import annotations

from itertools import pairwise
from math import sqrt

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.estimators.decay import halflife, rate
from streams.estimators.hayashi_yoshida import NOW
from streams.link import Link

_HOUR = 3600.0
_MINUTES = 20_000
_TICKS = 60_000
"""The newest that are kept: three sessions and more, beyond which a weight is below 1e-16."""
_X, _Y, _BREAK = range(3)

Floats = NDArray[np.float64]


class Drift(msgspec.Struct, frozen=True):
    """Absolute differences from the batch; `inf` where one of the two is undefined."""

    pearson: float
    ew_pearson: float
    corr: float


class Heard:
    """Listens in on a link: minute returns, thinned ticks and breaks, in memory of fixed size."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._minutes: Floats = np.full((_MINUTES, 2), np.nan)
        self._ticks: Floats = np.full((_TICKS, 3), np.nan)
        self._counts = [0, 0]
        self._tick, self._break = link.tick, link.break_
        link.on_minute = self._on_minute
        link.tick = self._on_tick  # type: ignore[method-assign]  # to listen in
        link.break_ = self._on_break  # type: ignore[method-assign]  # likewise

    def _on_minute(self, _: int, x: float, y: float) -> None:
        self._minutes[self._counts[0] % _MINUTES] = x, y
        self._counts[0] += 1

    def _on_tick(self, is_x: bool, ts: int, log_price: float) -> None:  # noqa: FBT001  # as the link's
        self._note(_X if is_x else _Y, self._link.hours.trading_seconds(ts), log_price)
        self._tick(is_x, ts, log_price)

    def _on_break(self) -> None:
        self._note(_BREAK, 0.0, 0.0)
        self._break()

    def _note(self, kind: int, at: float, log_price: float) -> None:
        self._ticks[self._counts[1] % _TICKS] = kind, at, log_price
        self._counts[1] += 1

    def drift(self) -> Drift:
        """Of the link's statistics now."""
        link = self._link
        link.let_go()
        alone = link._minutely._alone
        minutes = _newest(self._minutes, self._counts[0])
        hy = link._covariation._weighted[_HOUR]._of
        batch = _covariation(_newest(self._ticks, self._counts[1]), hy.state[NOW])
        return Drift(
            pearson=_apart(alone["pearson", _HOUR].value().value, _flat(minutes[-60:])),
            ew_pearson=_apart(alone["ew_pearson", _HOUR].value().value, _weighted(minutes)),
            corr=_apart(hy.value().value, batch),
        )


def _newest(ring: Floats, count: int) -> Floats:
    """What a ring holds, the oldest first."""
    return ring[:count] if count <= len(ring) else np.roll(ring, -(count % len(ring)), axis=0)


def _apart(value: float | str | None, batch: float) -> float:
    return abs(value - batch) if isinstance(value, float) and np.isfinite(batch) else np.inf


def _flat(returns: Floats) -> float:
    correlations: Floats = np.corrcoef(returns[:, 0], returns[:, 1])
    return float(correlations[0, 1])


def _weighted(returns: Floats) -> float:
    weights = 0.5 ** (np.arange(len(returns))[::-1] / halflife(60.0))
    x, y = returns[:, 0], returns[:, 1]
    x, y = x - weights @ x / weights.sum(), y - weights @ y / weights.sum()
    return float(weights @ (x * y) / sqrt((weights @ (x * x)) * (weights @ (y * y))))


def _covariation(noted: Floats, now: float) -> float:
    """Hayashi and Yoshida's definition between breaks, each product dated at the later end."""
    breaks = np.flatnonzero(noted[:, 0] == _BREAK)
    sums = np.zeros(3)
    for begin, end in pairwise([-1, *breaks.tolist(), len(noted)]):
        part = noted[begin + 1 : end]
        xs, ys = (part[part[:, 0] == leg][:, 1:] for leg in (_X, _Y))
        if len(xs) and len(ys):
            sums += _stretch(xs, ys, now)
    c, vx, vy = sums.tolist()
    return c / sqrt(vx * vy) if vx * vy > 0.0 else float("nan")


def _stretch(xs: Floats, ys: Floats, now: float) -> Floats:
    """Covariation and both variations of one stretch without a break."""
    both = max(xs[0, 0], ys[0, 0])
    xs, ys = (leg[np.searchsorted(leg[:, 0], both, "right") - 1 :] for leg in (xs, ys))
    k = rate(halflife(_HOUR))
    dx, dy = np.diff(xs[:, 1]), np.diff(ys[:, 1])
    weigh = np.exp(k * (now - xs[1:, 0])), np.exp(k * (now - ys[1:, 0]))
    c = 0.0
    # Of y, the intervals that overlap that of x from a to b.
    first = np.searchsorted(ys[1:, 0], xs[:-1, 0], "right").tolist()
    last = np.searchsorted(ys[:-1, 0], xs[1:, 0], "left").tolist()
    for i, (j, n) in enumerate(zip(first, last, strict=True)):
        later = np.maximum(weigh[0][i], weigh[1][j:n])
        c += float(dx[i] * (dy[j:n] * later).sum())
    return np.array([c, (dx * dx * weigh[0]).sum(), (dy * dy * weigh[1]).sum()])
