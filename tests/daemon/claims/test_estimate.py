from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.claims.estimate import Estimate, correlation, mean, newey_west, residuals, slope
from daemon.claims.missing import MissingError
from tests.daemon.claims.days import correlated


def test_of_independent_figures_the_error_is_the_textbook_one() -> None:
    values = np.random.default_rng(1).standard_normal(20_000)
    assert newey_west(values) == pytest.approx(values.std() / sqrt(len(values)), rel=0.05)


def test_figures_that_last_for_days_are_less_sure() -> None:
    """Of an AR(1) of 0.5 the mean's error is sqrt(3) times that of independent figures."""
    shocks = np.random.default_rng(2).standard_normal(50_000)
    values = np.empty_like(shocks)
    values[0] = shocks[0]
    for at in range(1, len(shocks)):
        values[at] = 0.5 * values[at - 1] + shocks[at]
    naive = values.std() / sqrt(len(values))
    assert newey_west(values) / naive == pytest.approx(sqrt(3.0), rel=0.08)


def test_sums_that_overlap_take_as_many_lags_as_they_overlap() -> None:
    values = np.random.default_rng(3).standard_normal(20_000)
    sums = np.convolve(values, np.ones(20), "valid")
    truth = 20.0 * values.std() / sqrt(len(values))
    assert newey_west(sums) < 0.85 * truth
    assert newey_west(sums, 80) == pytest.approx(truth, rel=0.15)


@settings(max_examples=25, deadline=None)
@given(rho=st.floats(-0.95, 0.95), seed=st.integers(0, 1000))
def test_correlation_is_numpys_and_inside_its_interval(rho: float, seed: int) -> None:
    x, y = correlated(200, rho, seed)
    found = correlation(x, y)
    low, high = found.interval() or (1.0, -1.0)
    assert found.value == pytest.approx(np.corrcoef(x, y)[0, 1])
    assert -1.0 < low < found.value < high < 1.0


def test_interval_of_correlation_holds_the_truth_as_often_as_it_says() -> None:
    held = 0
    for seed in range(400):
        low, high = correlation(*correlated(500, 0.4, seed)).interval() or (1.0, -1.0)
        held += low <= 0.4 <= high
    assert 0.91 <= held / 400 <= 0.98


def test_more_looks_ask_for_wider_intervals() -> None:
    found = correlation(*correlated(300, 0.4))
    (low, high), (lower, higher) = found.interval() or (0, 0), found.interval(10) or (0, 0)
    assert lower < low < high < higher


def test_what_is_read_off_has_no_interval() -> None:
    assert Estimate(0.5, 3, "share").interval() is None


@pytest.mark.parametrize("value", [0.0, 1.0, 0.3])
def test_an_unexplained_share_stays_between_nothing_and_all(value: float) -> None:
    low, high = Estimate(value, 100, "unexplained", 0.1).interval() or (-1.0, 2.0)
    assert 0.0 <= low <= value <= high <= 1.0


def test_slope_is_that_of_least_squares() -> None:
    x, y = correlated(300, 0.4)
    found = slope(x, y, "per 10 bp", 0.1)
    assert found.value == pytest.approx(0.1 * np.polyfit(x, y, 1)[0])
    assert found.error is not None


def test_residuals_have_nothing_left_of_what_was_taken_out() -> None:
    x, y = correlated(300, 0.6)
    assert np.corrcoef(residuals(y, [x]), x)[0, 1] == pytest.approx(0.0, abs=1e-12)


def test_too_few_or_constant_figures_are_no_estimate() -> None:
    with pytest.raises(MissingError, match="there are 19"):
        mean(np.arange(19.0), "share")
    with pytest.raises(MissingError, match="never"):
        correlation(np.zeros(50), np.arange(50.0))
