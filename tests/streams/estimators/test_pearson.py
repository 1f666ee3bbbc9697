from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.estimators.interval import DOMINATED, Squares, correlation_interval
from streams.estimators.pearson import Pearson


def correlated(rng: np.random.Generator, n: int, rho: float = 0.6) -> np.ndarray:
    z = rng.standard_normal((n, 2))
    z[:, 1] = rho * z[:, 0] + np.sqrt(1 - rho * rho) * z[:, 1]
    return z * 1e-3


@settings(max_examples=40, deadline=None)
@given(st.integers(10, 40), st.integers(0, 2**32 - 1))
def test_equals_numpy_at_every_bar(window: int, seed: int) -> None:
    returns = correlated(np.random.default_rng(seed), 3 * window + 7)
    pearson = Pearson(window)
    for i, (rx, ry) in enumerate(returns.tolist(), start=1):
        pearson.update(rx, ry)
        if i >= 10:
            held = returns[max(0, i - window) : i]
            reading = pearson.value()
            if few(held):
                assert (reading.value, reading.reason) == (None, DOMINATED)
            else:
                assert reading.value == pytest.approx(np.corrcoef(held.T)[0, 1], abs=1e-12)
            assert reading.n == len(held)


def few(returns: np.ndarray) -> bool:
    """Whether one bar holds most of a leg's variation."""
    shares = (returns - returns.mean(axis=0)) ** 2
    shares /= shares.sum(axis=0)
    return float((shares**2).sum(axis=0).max()) > 0.5


def test_a_bad_print_is_gone_when_it_has_left() -> None:
    returns = correlated(np.random.default_rng(3), 300)
    returns[100] = (1e4, -1e4)
    pearson = Pearson(60)
    for i, (rx, ry) in enumerate(returns.tolist()):
        pearson.update(rx, ry)
        if i >= 160:
            held = returns[i - 59 : i + 1]
            assert pearson.value().value == pytest.approx(np.corrcoef(held.T)[0, 1], abs=1e-13)
            expected = fed(held).value()
            reading = pearson.value()
            assert (reading.low, reading.high) == pytest.approx(
                (expected.low, expected.high), abs=1e-12
            )


def fed(returns: np.ndarray) -> Pearson:
    pearson = Pearson(60)
    for rx, ry in returns.tolist():
        pearson.update(rx, ry)
    return pearson


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(-5, 5), st.floats(0.01, 100))
def test_neither_shift_nor_scale_matters(seed: int, shift: float, scale: float) -> None:
    returns = correlated(np.random.default_rng(seed), 60)
    expected, found = fed(returns).value(), fed((returns + shift * 1e-3) * [scale, 1.0]).value()
    ends = (expected.value, expected.low, expected.high)
    assert (found.value, found.low, found.high) == pytest.approx(ends, abs=1e-8)


def test_one_bar_with_most_of_the_variation_is_no_correlation() -> None:
    returns = correlated(np.random.default_rng(5), 60)
    returns[30] = (0.02, 0.02)
    assert fed(returns).value().reason == DOMINATED


def test_the_interval_is_the_sandwich() -> None:
    returns = correlated(np.random.default_rng(4), 90)
    pearson = Pearson(60)
    for rx, ry in returns.tolist():
        pearson.update(rx, ry)

    held = returns[-60:]
    u, v = ((held - held.mean(axis=0)) / np.sqrt(((held - held.mean(axis=0)) ** 2).sum(axis=0))).T
    part, share = u * v, (u * u + v * v) / 2
    leg = max((u**4).sum(), (v**4).sum())
    squares = Squares(part @ part, part @ share, share @ share, leg)
    reading = pearson.value()
    expected = correlation_interval(float(u @ v), squares)
    assert (reading.low, reading.high) == pytest.approx(expected, rel=1e-9)


def test_the_interval_covers_under_fat_tails() -> None:
    rng = np.random.default_rng(6)
    covered = 0
    for _ in range(400):
        returns = correlated(rng, 60) * np.sqrt(3 / rng.chisquare(5, 60))[:, None]
        pearson = Pearson(60)
        for rx, ry in returns.tolist():
            pearson.update(rx, ry)
        reading = pearson.value()
        assert reading.low is not None
        assert reading.high is not None
        covered += reading.low <= 0.6 <= reading.high
    assert 0.91 <= covered / 400 <= 0.98


@pytest.mark.parametrize("still", [0.0, 1e-4])
@pytest.mark.parametrize("leg", ["x", "y"])
def test_a_leg_without_variance_is_constant(leg: str, still: float) -> None:
    pearson = Pearson(20)
    for rx, ry in correlated(np.random.default_rng(7), 50).tolist():
        pearson.update(rx, ry)
    for bar, (rx, _) in enumerate(correlated(np.random.default_rng(8), 45).tolist(), start=1):
        pearson.update(*((still, rx) if leg == "x" else (rx, still)))
        assert (pearson.value().reason == "constant") == (bar >= 20)


def test_warming_up_until_ten_bars() -> None:
    pearson = Pearson(60)
    for bar in range(9):
        pearson.update(1e-3 * (bar % 2), 1e-3 * (bar % 3))
    assert (pearson.value().value, pearson.value().reason) == (None, "warming up 9/10")

    pearson.update(0.0, 1e-3)
    assert pearson.value().value is not None
