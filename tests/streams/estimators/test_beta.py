from __future__ import annotations

import numpy as np
import pytest

from streams.estimators.beta import Beta


def simulated(rng: np.random.Generator, n: int, beta: float = 0.8) -> np.ndarray:
    """Fat-tailed returns (x, y) with x = beta y + noise."""
    y, noise = rng.standard_normal((2, n)) * np.sqrt(3 / rng.chisquare(5, n)) * 1e-3
    return np.column_stack([beta * y + noise, y])


def fed(returns: np.ndarray, halflife: float) -> Beta:
    beta = Beta(halflife)
    for rx, ry in returns.tolist():
        beta.update(rx, ry)
    return beta


def test_equals_weighted_least_squares_and_its_sandwich() -> None:
    returns = simulated(np.random.default_rng(1), 500)
    weights = 0.5 ** (np.arange(500)[::-1] / 100.0)
    x, y = returns.T
    beta = (weights * x * y).sum() / (weights * y * y).sum()
    error = np.sqrt(((weights * y * (x - beta * y)) ** 2).sum()) / (weights * y * y).sum()

    reading = fed(returns, 100.0).value()

    assert reading.value == pytest.approx(beta, rel=1e-12)
    assert reading.high == pytest.approx(beta + 1.959964 * error, rel=1e-9)
    assert reading.low == pytest.approx(beta - 1.959964 * error, rel=1e-9)
    assert reading.n == pytest.approx(weights.sum() ** 2 / (weights**2).sum(), rel=1e-9)


def test_the_interval_covers() -> None:
    rng = np.random.default_rng(2)
    readings = [fed(simulated(rng, 600), 150.0).value() for _ in range(300)]
    covered = sum((r.low or 9) <= 0.8 <= (r.high or -9) for r in readings)
    assert 0.91 <= covered / 300 <= 0.98


def test_warming_up_until_thirty_bars() -> None:
    returns = simulated(np.random.default_rng(3), 30)
    assert fed(returns[:29], 1950.0).value().reason == "warming up 29/30"
    assert fed(returns, 1950.0).value().value is not None


def test_without_a_move_of_y_there_is_no_beta() -> None:
    returns = simulated(np.random.default_rng(4), 60)
    returns[:, 1] = 0.0
    assert fed(returns, 100.0).value().reason == "constant"
