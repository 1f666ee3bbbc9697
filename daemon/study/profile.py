"""The lead-lag profile: the correlation of x now with y later, lag by lag, block by block.

At a positive lag x comes first. On bars it is the cross-correlation within sessions; on ticks the
Hoffmann-Rosenbaum-Yoshida contrast, in which no price is carried forward to a grid: that would
make the livelier file lead.
"""

from __future__ import annotations

from math import sqrt

import msgspec
import numpy as np

from daemon.study.aligned import Aligned, Floats, Ints, Returns, median_gap
from streams.estimators.interval import Squares, correlation_reading
from streams.history.prices import Prices
from streams.instrument import NS
from streams.snapshot import Reading

BARS = 20
"""Most lags on either side."""
DAYS = 5
FEWEST_BLOCKS = 6
_FEW = 20
"""Days from which each is a block; fewer are cut into hours."""
_MONTH = 21
_HOUR = 3600 * NS
_FLIPS = 9999
_SEED = 20_100


class Profile(msgspec.Struct, frozen=True):
    """Covariations by block (rows) and lag (columns), and both files' variations by block."""

    lags: Ints
    """In ns, from the most negative to the most positive, 0 in the middle."""
    cross: Floats
    vx: Floats
    vy: Floats

    @property
    def side(self) -> int:
        """Lags on either side of 0."""
        return len(self.lags) // 2

    @property
    def values(self) -> Floats:
        """The correlation at each lag; NaN, inside this array only, where a file never moved."""
        scale = sqrt(float(self.vx.sum() * self.vy.sum()))
        whole: Floats = self.cross.sum(axis=0)
        return whole / scale if scale > 0.0 else np.full(len(self.lags), np.nan)

    def readings(self) -> tuple[Reading, ...]:
        """Each lag with its 95 % interval over blocks."""
        return tuple(self.at(place) for place in range(len(self.lags)))

    def at(self, place: int, z: float = 1.0) -> Reading:
        """One lag with its interval, `z` times as wide as that of 95 %."""
        blocks = len(self.vx)
        rho = float(self.values[place])
        if blocks < FEWEST_BLOCKS:
            return Reading(None, f"{blocks} blocks of time, {FEWEST_BLOCKS} are needed", n=blocks)
        if not np.isfinite(rho):
            return Reading(None, "constant", n=blocks)
        x, y = self.vx / self.vx.sum(), self.vy / self.vy.sum()
        scale = sqrt(float(self.vx.sum() * self.vy.sum()))
        squares = Squares.of(self.cross[:, place] / scale, x, y)
        return _stretched(correlation_reading(rho, squares, n=blocks), z)

    def llr(self, beyond: int = 0) -> float | None:
        """Lead-lag ratio: squared correlations at lags > `beyond` (ns) over those at < -`beyond`.

        Above 1 x leads. None where y's side shows none at all.
        """
        squares = self.values**2
        after = float(squares[self.lags > beyond].sum())
        before = float(squares[self.lags < -beyond].sum())
        return after / before if before > 0.0 else None

    def asymmetry(self, beyond: int = 0, upto: int | None = None) -> float | None:
        """The p-value of both sides being alike at lags above `beyond`, up to `upto` (ns).

        If neither leads, each block's profile is as likely as its mirror image. The contrast
        `sum rho(k)² - rho(-k)²` is linear in the blocks' odd parts, so mirroring blocks at random
        is flipping signs of one figure a block. None on fewer than six blocks.
        """
        scores = self._scores(beyond, upto or int(self.lags[-1]))
        if len(scores) < FEWEST_BLOCKS or not np.any(scores):
            return None
        rng = np.random.default_rng(_SEED)
        signs = rng.choice(np.array([-1.0, 1.0]), (_FLIPS, len(scores)))
        chance = np.abs(signs @ scores) >= abs(float(scores.sum())) * (1.0 - 1e-9)
        return (1.0 + float(chance.sum())) / (_FLIPS + 1.0)

    def _scores(self, beyond: int, upto: int) -> Floats:
        middle = self.side
        after, before = self.cross[:, middle + 1 :], self.cross[:, :middle][:, ::-1]
        lags = self.lags[middle + 1 :]
        kept = (lags > beyond) & (lags <= upto)
        even = (after + before).sum(axis=0)
        scores: Floats = ((after - before) * (even * kept)).sum(axis=1)
        return scores


def bar_profile(aligned: Aligned, found: Returns) -> Profile:
    """Of the returns of bars."""
    most = DAYS if aligned.daily else max(min(BARS, aligned.bars_a_session // 4), 2)
    x, y = _centred(aligned, found)
    block = _blocks(aligned, found)
    count = int(block.max(initial=-1)) + 1
    rows = np.full(len(aligned.ts), -1)
    rows[found.at] = block
    lags = np.arange(-most, most + 1)
    cross = np.zeros((count, len(lags)))
    for column, lag in enumerate(lags):
        products = _products(aligned, x, y, int(lag))
        kept = (rows >= 0) & np.isfinite(products)
        cross[:, column] = np.bincount(rows[kept], products[kept], count)
    vx, vy = (np.bincount(block, leg[found.at] ** 2, count).astype(np.float64) for leg in (x, y))
    return Profile(lags * aligned.bar, cross, vx, vy)


def _centred(aligned: Aligned, found: Returns) -> tuple[Floats, Floats]:
    """Returns less their means, at their places in the grid; NaN between."""
    x, y = np.full(len(aligned.ts), np.nan), np.full(len(aligned.ts), np.nan)
    x[found.at], y[found.at] = found.x - found.x.mean(), found.y - found.y.mean()
    return x, y


def _products(aligned: Aligned, x: Floats, y: Floats, lag: int) -> Floats:
    """`x[t] * y[t + lag]` at t, NaN where the two are not of one session."""
    products = np.full(len(x), np.nan)
    first, last = max(-lag, 0), len(x) - max(lag, 0)
    if first < last:
        same = aligned.session[first:last] == aligned.session[first + lag : last + lag]
        products[first:last] = np.where(same, x[first:last] * y[first + lag : last + lag], np.nan)
    return products


def _blocks(aligned: Aligned, found: Returns) -> Ints:
    """The block of each return: a day, or an hour where days are few; a month of daily closes."""
    if aligned.daily:
        size = max(min(_MONTH, len(found.at) // _FEW), 1)
        return np.arange(len(found.at)) // size
    keys = found.ts // (24 * _HOUR)
    if len(np.unique(keys)) < _FEW:
        keys = (found.ts - 1) // _HOUR
    _, block = np.unique(keys, return_inverse=True)
    return block.astype(np.int64)


def tick_profile(x: Prices, y: Prices, spans: list[tuple[int, int]]) -> Profile:
    """Of ticks, inside `spans` (ns).

    Lags come in steps of the slower file's median gap, of a second at least.
    """
    step = max(median_gap(x.ts), median_gap(y.ts), NS)
    step += -step % NS
    lags = np.arange(-BARS, BARS + 1) * step
    rows = [row for span in spans for row in _tick_rows(x, y, span, lags)]
    cross = np.array([row[0] for row in rows]).reshape(len(rows), len(lags))
    vx, vy = np.array([row[1] for row in rows]), np.array([row[2] for row in rows])
    return Profile(lags, cross, vx, vy)


def _tick_rows(
    x: Prices, y: Prices, span: tuple[int, int], lags: Ints
) -> list[tuple[Floats, float, float]]:
    """The hours of a session, as rows of a profile."""
    tx, px = _inside(x, span)
    ty, py = _inside(y, span)
    if len(tx) < 2 or len(ty) < 2:
        return []
    dx, dy = np.diff(px), np.diff(py)
    hour_x, hour_y = (tx[1:] - 1) // _HOUR, (ty[1:] - 1) // _HOUR
    hours, row = np.unique(hour_x, return_inverse=True)
    cross = np.zeros((len(hours), len(lags)))
    for column, lag in enumerate(lags):
        products = dx * _overlapping(tx, ty, py, int(lag))
        cross[:, column] = np.bincount(row, products, len(hours))
    vx = np.bincount(row, dx * dx, len(hours))
    vy = [float((dy[hour_y == hour] ** 2).sum()) for hour in hours]
    return [(cross[i], float(vx[i]), vy[i]) for i in range(len(hours))]


def _inside(prices: Prices, span: tuple[int, int]) -> tuple[Ints, Floats]:
    first, last = np.searchsorted(prices.ts, [span[0], span[1] + 1])
    ts, price = prices.ts[first:last], prices.price[first:last]
    # Of several prices at one instant the last one holds.
    last_of = np.append(np.diff(ts) > 0, True) if len(ts) else np.zeros(0, bool)
    return ts[last_of], np.log(price[last_of])


def _overlapping(tx: Ints, ty: Ints, py: Floats, lag: int) -> Floats:
    """The move of y over its intervals that meet each of x's, `lag` later."""
    start = np.maximum(np.searchsorted(ty, tx[:-1] + lag, side="right") - 1, 0)
    end = np.minimum(np.searchsorted(ty, tx[1:] + lag, side="left"), len(ty) - 1)
    return np.asarray(py[end] - py[start])


def _stretched(reading: Reading, z: float) -> Reading:
    """The interval `z` times as far from the value at either end."""
    if reading.value is None or reading.low is None or reading.high is None:
        return reading
    low, high = (reading.value + z * (end - reading.value) for end in (reading.low, reading.high))
    return msgspec.structs.replace(reading, low=low, high=high)
