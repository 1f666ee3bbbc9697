from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.estimators.drawdown import Drawdown


def fed(prices: np.ndarray, window: float = 1200.0, *, rise: bool = False) -> Drawdown:
    """A price a minute."""
    fall = Drawdown(window, rise=rise)
    for minute, price in enumerate(np.log(prices).tolist()):
        fall.update(60.0 * minute, price)
    return fall


def batch(prices: np.ndarray, window: int) -> tuple[float, float]:
    """Fall and rise over so many minutes, of prices that lasted two."""
    lower = np.minimum(prices[1:], prices[:-1])[-window:]
    upper = np.maximum(prices[1:], prices[:-1])[-window:]
    return min(0.0, upper[-1] / lower.max() - 1), max(0.0, lower[-1] / upper.min() - 1)


@settings(max_examples=100, deadline=None)
@given(st.integers(21, 80), st.integers(1, 20), st.integers(0, 2**32 - 1), st.booleans())
def test_equals_the_definition(n: int, window: int, seed: int, coarse: bool) -> None:  # noqa: FBT001  # drawn
    path = np.random.default_rng(seed).standard_normal(n).cumsum()
    prices = np.exp(np.round(path) * 0.01 if coarse else path * 0.01)
    fall, rise = batch(prices, window)
    assert fed(prices, 60.0 * window).value().value == pytest.approx(fall, abs=1e-12)
    assert fed(prices, 60.0 * window, rise=True).value().value == pytest.approx(rise, abs=1e-12)


def test_does_not_depend_on_the_price_level() -> None:
    prices = np.exp(np.random.default_rng(2).standard_normal(100).cumsum() * 0.01)
    assert fed(1000.0 * prices).value().value == pytest.approx(fed(prices).value().value, rel=1e-9)


@pytest.mark.parametrize("factor", [0.01, 10.0])
@pytest.mark.parametrize("rise", [False, True])
def test_a_bad_print_is_neither_high_nor_low(factor: float, *, rise: bool) -> None:
    prices = 100.0 + np.arange(120) % 3
    for length in range(30, 90):
        bad = prices[:length].copy()
        bad[60:61] *= factor
        value = fed(bad, rise=rise).value().value
        assert value is not None
        assert abs(value) < 0.03


def test_a_fall_that_lasts_is_told_a_bar_later() -> None:
    prices = np.full(60, 100.0)
    prices[40:] = 90.0
    assert fed(prices[:41]).value().value == 0.0
    assert fed(prices[:42]).value().value == pytest.approx(-0.1)
    assert fed(prices[:59]).value().value == pytest.approx(-0.1)


def test_the_high_leaves_with_the_window() -> None:
    prices = np.full(80, 100.0)
    prices[:20] = 120.0
    assert fed(prices[:39]).value().value == pytest.approx(-1 / 6)
    assert fed(prices[:40]).value().value == 0.0


def test_none_until_prices_span_the_window() -> None:
    prices = np.full(30, 100.0)
    assert fed(prices[:20]).value().reason == "warming up 19/20 min"
    assert fed(prices[:21]).value().value == 0.0
    assert Drawdown(1200.0).value().value is None


def test_another_venues_prices_start_afresh() -> None:
    fall = fed(np.full(40, 100.0))
    fall.break_()
    fall.update(2400.0, np.log(50.0))
    assert fall.value().reason == "warming up 0/20 min"


def test_time_that_steps_back_stands_still() -> None:
    fall = fed(np.full(40, 100.0))
    fall.update(100.0, float(np.log(99.0)))
    assert fall.value().value == 0.0


def test_more_bars_than_the_window_holds_shorten_it() -> None:
    fall = Drawdown(600.0)
    for n in range(200):
        fall.update(30.0 * n, -0.001 * n)
    assert fall.value().value == pytest.approx(np.expm1(-0.001 * 9), rel=1e-6)
