from __future__ import annotations

import numpy as np
import pytest

from streams.estimators.interval import Squares, correlation_interval
from streams.estimators.moments import CC, SIZE, VX, VY, W, add, correlation
from tests.streams.estimators.market import fat, weights


def test_the_variance_is_the_sandwich() -> None:
    x, y, _ = fat(np.random.default_rng(1), 120).T
    f = 0.5 ** (1 / 30)
    s = [0.0] * (SIZE + 3)
    for a, b in zip(x.tolist(), y.tolist(), strict=True):
        add(s, 3, f, a * b, a * a, b * b)

    w = weights(120, 30.0)
    vx, vy = (w * x * x).sum(), (w * y * y).sum()
    rho = (w * x * y).sum() / np.sqrt(vx * vy)
    u, v = x / np.sqrt(vx), y / np.sqrt(vy)
    influence = w * (u * v - rho / 2 * (u * u + v * v))

    squares = Squares.unfolded(s[3 + VX], s[3 + VY], s[3 + CC : 3 + W])
    assert squares.influence(rho) == pytest.approx((influence**2).sum())
    assert squares.leg == pytest.approx(max(((w * u * u) ** 2).sum(), ((w * v * v) ** 2).sum()))
    reading = correlation(s, 3, 30)
    assert reading.value == pytest.approx(rho)
    assert (reading.low, reading.high) == pytest.approx(correlation_interval(rho, squares))
    assert reading.n == pytest.approx(w.sum() ** 2 / (w * w).sum())
    assert s[:3] == [0.0, 0.0, 0.0]
