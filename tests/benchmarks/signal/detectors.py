"""Detectors of breaks over many columns of bars at once: the higher, the more broken.

None alarms by itself: a path of figures comes out, and a threshold is laid over it. All but the
volatility they scale by start anew with a session.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log, pi, sin

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.signal.worlds import Floats, Returns

Path = NDArray[np.float32]
"""A row a bar, a column a stretch of sessions."""

NU = 5.0


Truths = NDArray[np.bool_]


def cusum(increments: Path, session: int, restart: Truths | None = None) -> Path:
    """Sums that never fall below 0, and restart with a session and where told to."""
    path = np.empty_like(increments)
    level = np.zeros(increments.shape[1], np.float32)
    if restart is not None:
        increments = np.where(restart, np.float32(-1e9), increments)
    for bar, increment in enumerate(increments):
        if bar % session == 0:
            level[:] = 0.0
        level = np.maximum(level + increment, 0.0)
        path[bar] = level
    return path


def sign(
    x: Returns, y: Returns, session: int, p0: Floats | float, restart: Truths | None = None
) -> Path:
    """The sign CUSUM; `p0` may be of each column, or of each bar and column."""
    down, up = np.log(0.5 / np.asarray(p0)), np.log(0.5 / (1.0 - np.asarray(p0)))
    product = x * y
    steps = np.where(product > 0, down, np.where(product < 0, up, 0.0)).astype(np.float32)
    return cusum(steps, session, restart)


def scaled(r: Returns, shape: Floats, halflife: float) -> Path:
    """Returns over the profile and the exponentially weighted deviation known before them.

    A return enters the deviation clipped.
    """
    out = np.empty_like(r)
    keep = np.float32(0.5 ** (1.0 / halflife))
    variance = np.ones(r.shape[1], np.float32)
    for bar, each in enumerate(r):
        z = each / np.float32(shape[bar % len(shape)])
        out[bar] = z / np.sqrt(variance)
        square = np.where(z != 0.0, np.minimum(z * z, 16 * variance), variance)
        variance += (1 - keep) * (square - variance)
    return out


def llr(
    zx: Path, zy: Path, session: int, p0: Floats | float, restart: Truths | None = None
) -> Path:
    """CUSUM of Student's log-likelihood ratio of no correlation against the one p0 stands for."""
    rho, nu = np.sin(pi * (np.asarray(p0) - 0.5)), NU
    squares = zx * zx + zy * zy
    linked = (squares - 2.0 * rho * zx * zy) / (1.0 - rho * rho)
    steps = 0.5 * np.log(1.0 - rho * rho) - 0.5 * (nu + 2.0) * (
        np.log1p(squares / (nu - 2.0)) - np.log1p(linked / (nu - 2.0))
    )
    steps[(zx == 0.0) | (zy == 0.0)] = 0.0
    return cusum(steps.astype(np.float32), session, restart)


def gauss(zx: Path, zy: Path, session: int, p0: float) -> Path:
    """The same under a normal law."""
    rho = sin(pi * (p0 - 0.5))
    squares = zx * zx + zy * zy
    linked = (squares - 2.0 * rho * zx * zy) / (1.0 - rho * rho)
    steps = 0.5 * log(1.0 - rho * rho) - 0.5 * (squares - linked)
    return cusum(steps.astype(np.float32), session)


def rolling(zx: Path, zy: Path, session: int, window: int) -> Path:
    """Minus the correlation (about 0) of the last `window` bars of the session."""
    return _by_session(zx, zy, session, lambda x, y: _rolled(x, y, window))


def expanding(zx: Path, zy: Path, session: int, rho: float, history: int) -> Path:
    """Wied and Galeano's monitor: the session's correlation so far against that of `history`."""

    def monitor(x: Path, y: Path) -> Path:
        bars = np.arange(1, len(x) + 1)[:, None]
        xy, xx, yy = (np.cumsum(p, axis=0, dtype=np.float64) for p in (x * y, x * x, y * y))
        gap = rho - xy / np.sqrt(np.maximum(xx * yy, 1e-12))
        bound = (1 + bars / history) * (bars / (bars + history)) ** 0.25
        out = (bars / np.sqrt(history) * gap / bound).astype(np.float32)
        out[: len(x) // 26] = -np.inf
        return np.asarray(out)

    return _by_session(zx, zy, session, monitor)


def page_hinkley(x: Returns, y: Returns, session: int, delta: float = 0.005) -> Path:
    """Page and Hinkley's test for a fall of the share in step, as river has it."""
    path = np.empty_like(x)
    columns = x.shape[1]
    for bar, product in enumerate(x * y):
        if bar % session == 0:
            n, mean, level = np.zeros(columns), np.zeros(columns), np.zeros(columns)
            top = np.zeros(columns)
        moved, step = product != 0.0, (product > 0.0).astype(float)
        n += moved
        mean += moved * (step - mean) / np.maximum(n, 1.0)
        level += moved * (step - mean + delta)
        top = np.maximum(top, level)
        path[bar] = top - level
    return path


def _by_session(zx: Path, zy: Path, session: int, path: Callable[[Path, Path], Path]) -> Path:
    out = np.empty_like(zx)
    for start in range(0, len(zx), session):
        rows = slice(start, start + session)
        out[rows] = path(zx[rows], zy[rows])
    return out


def _rolled(x: Path, y: Path, window: int) -> Path:
    sums = []
    for product in (x * y, x * x, y * y):
        total = np.cumsum(product, axis=0, dtype=np.float64)
        total[window:] -= total[:-window].copy()
        sums.append(total)
    xy, xx, yy = sums
    out = (-xy / np.sqrt(np.maximum(xx * yy, 1e-12))).astype(np.float32)
    out[: window - 1] = -np.inf
    return out
