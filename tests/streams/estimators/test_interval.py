from __future__ import annotations

from math import atanh, inf

import pytest

from streams.estimators.decay import halflife, rate
from streams.estimators.interval import correlation_interval, student


@pytest.mark.parametrize(
    ("n", "quantile"),
    [(10, 2.228), (20, 2.086), (30, 2.042), (60, 2.000), (120, 1.980)],
)
def test_students_quantile_is_that_of_the_tables(n: float, quantile: float) -> None:
    assert student(n) == pytest.approx(quantile, rel=0.015)


def test_the_interval_is_symmetric_in_fishers_z() -> None:
    low, high = correlation_interval(0.6, 0.01, 40.0)

    assert atanh(low) + atanh(high) == pytest.approx(2 * atanh(0.6))
    assert -1 < low < 0.6 < high < 1


def test_fewer_data_widen_the_interval() -> None:
    assert correlation_interval(0.6, 0.01, 10.0)[0] < correlation_interval(0.6, 0.01, 100.0)[0]


@pytest.mark.parametrize("rho", [-1.0, 1.0])
def test_a_perfect_correlation_is_its_own_interval(rho: float) -> None:
    assert correlation_interval(rho, 0.01, 40.0) == (rho, rho)


def test_data_have_the_mean_age_of_the_flat_window() -> None:
    k = rate(halflife(3600.0))
    assert -1 / k == pytest.approx(1800.0)


def test_an_infinite_halflife_forgets_nothing() -> None:
    assert rate(inf) == 0.0
