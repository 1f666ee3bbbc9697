from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.estimators.volatility import Volatility
from tests.streams.estimators.market import weights


def fed(returns: np.ndarray, halflife: float = 60.0, period: float = 1.0) -> Volatility:
    volatility = Volatility(halflife, period)
    for r in returns.tolist():
        volatility.update(r)
    return volatility


def t5(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.standard_normal(n) * np.sqrt(3 / rng.chisquare(5, n)) * 1e-3


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([20.0, 300.0]))
def test_equals_the_weighted_mean_square(seed: int, halflife: float) -> None:
    returns = np.random.default_rng(seed).uniform(-1e-3, 1e-3, 120)
    w = weights(120, halflife)
    v = (w * returns**2).sum() / w.sum()
    found = fed(returns, halflife, 98_280.0).value()
    assert found.value == pytest.approx(np.sqrt(v * 98_280))
    assert found.n == pytest.approx(w.sum() ** 2 / (w * w).sum())
    error = np.sqrt((w**2 * (returns**2 - v) ** 2).sum()) / w.sum() / v
    assert found.low is not None
    assert found.high is not None
    assert np.log(found.high / found.low) == pytest.approx(1.96 * error, rel=0.1)


def test_the_interval_covers_under_fat_tails() -> None:
    rng = np.random.default_rng(2)
    covered = 0
    for _ in range(400):
        found = fed(t5(rng, 400), 120.0).value()
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 1e-3 <= found.high
    assert 0.88 <= covered / 400 <= 0.98


def test_scales_with_the_returns_and_not_with_their_sign() -> None:
    returns = t5(np.random.default_rng(3), 200)
    found = fed(returns).value().value
    assert found is not None
    assert fed(-3.0 * returns).value().value == pytest.approx(3.0 * found)


def test_a_bad_print_is_no_volatility() -> None:
    returns = t5(np.random.default_rng(4), 200)
    bad = returns.copy()
    bad[150] = 4.6
    assert fed(bad).value().value == pytest.approx(fed(returns).value().value, rel=0.35)


def test_a_volatility_that_has_risen_for_good_is_believed() -> None:
    rng = np.random.default_rng(5)
    found = fed(np.concatenate([t5(rng, 200), 20 * t5(rng, 600)])).value()
    assert found.value == pytest.approx(20e-3, rel=0.2)


def test_a_price_that_stands_still_is_constant() -> None:
    assert fed(np.zeros(50)).value().reason == "constant"


def test_warming_up_until_ten_bars() -> None:
    returns = t5(np.random.default_rng(6), 10)
    assert fed(returns[:9], 1e6).value().reason == "warming up 9/10"
    assert fed(returns, 1e6).value().value is not None
