from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.estimators.quadrant import Quadrant, wilson
from tests.streams.estimators.market import fat, weights


def fed(returns: np.ndarray, halflife: float = 1e12) -> Quadrant:
    quadrant = Quadrant(halflife)
    for rx, ry in returns[:, :2].tolist():
        quadrant.update(rx, ry)
    return quadrant


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([15.0, 100.0, 1e12]))
def test_equals_the_weighted_mean_of_signs(seed: int, halflife: float) -> None:
    rng = np.random.default_rng(seed)
    returns = rng.integers(-2, 3, (100, 2)) * 1e-3
    returns[-1] = 1e-3
    signs = np.sign(returns[:, 0] * returns[:, 1])
    w = weights(100, halflife)
    expected = np.sin(np.pi / 2 * (w * signs).sum() / (w * np.abs(signs)).sum())
    assert fed(returns, halflife).value(5).value == pytest.approx(expected, rel=1e-6, abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(1e-6, 1e6), st.floats(1e-6, 1e6))
def test_does_not_depend_on_scale_or_which_leg_is_first(seed: int, a: float, b: float) -> None:
    returns = fat(np.random.default_rng(seed), 60)[:, :2]
    found = fed(returns, 30.0).value()
    assert fed(returns * (a, b), 30.0).value() == found
    assert fed(returns[:, ::-1], 30.0).value() == found
    opposed = fed(returns * (1.0, -1.0), 30.0).value()
    assert opposed.value == pytest.approx(-float(found.value or 0.0), abs=1e-12)


@pytest.mark.parametrize("draw", ["t5", "cauchy"])
def test_finds_the_correlation_of_an_elliptical_law_and_its_interval_covers(draw: str) -> None:
    rng = np.random.default_rng(3)
    values, covered = [], 0
    for _ in range(300):
        returns = fat(rng, 250)
        if draw == "cauchy":
            returns = returns / np.abs(rng.standard_normal(250))[:, None]
        reading = fed(returns, 120.0).value()
        assert reading.low is not None
        assert reading.high is not None
        values.append(reading.value)
        covered += reading.low <= 0.6 <= reading.high
    assert np.mean(np.array(values, dtype=float)) == pytest.approx(0.6, abs=0.02)
    assert 0.91 <= covered / 300 <= 0.98


def test_a_bad_print_weighs_as_much_as_any_bar() -> None:
    returns = fat(np.random.default_rng(4), 200)
    bad = returns.copy()
    bad[100, 0] *= 1e6
    assert fed(bad).value() == fed(returns).value()


def test_wilsons_interval_stays_inside_and_narrows() -> None:
    assert wilson(1.0, 30.0)[1] == 1.0
    assert wilson(1.0, 30.0)[0] < 0.9
    assert wilson(0.4, 400.0)[0] > wilson(0.4, 100.0)[0]
    assert sum(wilson(0.0, 50.0)) == pytest.approx(0.0)


def test_a_leg_still_for_a_whole_window_is_constant() -> None:
    halflife = 20.0
    quadrant = fed(fat(np.random.default_rng(5), 100), halflife)
    window = 2 * halflife / np.log(2)
    for bar in range(1, 80):
        quadrant.update(1e-3, 0.0)
        assert (quadrant.value().reason == "constant") == (bar > window)


def test_warming_up_counts_bars_in_which_both_moved() -> None:
    returns = fat(np.random.default_rng(6), 30)
    returns[7, 1] = 0.0
    assert fed(returns).value().reason == "warming up 29/30"
    assert Quadrant(20.0).value().reason == "warming up 0/30"
