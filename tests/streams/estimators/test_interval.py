from __future__ import annotations

from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.estimators.decay import halflife, rate
from streams.estimators.interval import (
    DOMINATED,
    TREND,
    Z95,
    Squares,
    correlation_interval,
    correlation_reading,
    student,
)


@pytest.mark.parametrize(
    ("n", "quantile"),
    [(10, 2.228), (20, 2.086), (30, 2.042), (60, 2.000), (120, 1.980)],
)
def test_students_quantile_is_that_of_the_tables(n: float, quantile: float) -> None:
    assert student(n) == pytest.approx(quantile, rel=0.015)


def data(seed: int, n: int, law: float = 5.0) -> np.ndarray:
    """What n data add to the covariation and to both variations."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((n, 2))
    z[:, 1] = 0.6 * z[:, 0] + 0.8 * z[:, 1]
    z *= np.sqrt(law / rng.chisquare(law, n))[:, None]
    return np.column_stack((z[:, 0] * z[:, 1], z[:, 0] ** 2, z[:, 1] ** 2))


def summed(found: np.ndarray) -> tuple[float, Squares]:
    c, vx, vy = found.sum(axis=0)
    m = found.T @ found
    moments = (m[0, 0], m[0, 1], m[0, 2], m[1, 1], m[1, 2], m[2, 2])
    return float(c / np.sqrt(vx * vy)), Squares.unfolded(float(vx), float(vy), moments)


seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(10, 200), st.floats(-1, 1))
def test_influence_is_the_definition(seed: int, n: int, rho: float) -> None:
    found = data(seed, n)
    _, squares = summed(found)
    _, vx, vy = found.sum(axis=0)
    psi = found @ [1 / np.sqrt(vx * vy), -rho / 2 / vx, -rho / 2 / vy]
    assert squares.influence(rho) == pytest.approx((psi**2).sum(), rel=1e-9, abs=1e-12)
    legs = (found[:, 1:] / [vx, vy]) ** 2
    assert squares.leg == pytest.approx(legs.sum(axis=0).max())


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(10, 200))
def test_its_ends_are_where_the_data_begin_to_reject(seed: int, n: int) -> None:
    rho, squares = summed(data(seed, n))
    for end in correlation_interval(rho, squares):
        if abs(end) < inf:
            assert (rho - end) ** 2 == pytest.approx(Z95**2 * squares.influence(end), rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(4, 200), st.sampled_from([2.5, 5.0, 30.0]))
def test_it_holds_the_correlation_and_is_never_a_point(seed: int, n: int, law: float) -> None:
    rho, squares = summed(data(seed, n, law))
    reading = correlation_reading(rho, squares, n=n)
    if reading.value is None:
        assert squares.leg > 0.5
        return
    assert reading.low is not None
    assert reading.high is not None
    assert -1 <= reading.low <= reading.value <= reading.high <= 1
    assert reading.high - reading.low > 0.01


@settings(max_examples=60, deadline=None)
@given(seeds, st.integers(10, 60), st.floats(0.01, 100))
def test_neither_the_legs_names_nor_their_scales_matter(seed: int, n: int, scale: float) -> None:
    found = data(seed, n)
    expected = correlation_interval(*summed(found))
    assert correlation_interval(*summed(found[:, [0, 2, 1]])) == pytest.approx(expected)
    scaled = found * [scale, scale * scale, 1.0]
    assert correlation_interval(*summed(scaled)) == pytest.approx(expected)
    low, high = correlation_interval(*summed(found * [-1.0, 1.0, 1.0]))
    assert (-high, -low) == pytest.approx(expected)


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_identical_legs_leave_no_doubt(sign: float) -> None:
    v = np.arange(1.0, 21.0)
    reading = correlation_reading(*summed(np.column_stack((sign * v, v, v))), n=20)
    assert reading.value == pytest.approx(sign)
    assert (reading.low, reading.high) == pytest.approx((sign, sign), abs=1e-6)


@pytest.mark.parametrize("leg", [1, 2])
def test_one_datum_with_most_of_a_legs_variation_is_no_correlation(leg: int) -> None:
    found = data(1, 60, 30.0)
    found[30, leg] = 3.0 * found[:, leg].sum()
    found[30, 0] = np.sqrt(found[30, 1] * found[30, 2])
    reading = correlation_reading(*summed(found), n=60)
    assert (reading.value, reading.reason, reading.n) == (None, DOMINATED, 60)


def test_too_few_data_reject_nothing() -> None:
    """Two of sixty hold all: beyond what one datum does, short of what an interval needs."""
    found = data(2, 60, 30.0) * 1e-6
    found[10] = found[40] = (0.9, 1.0, 1.0)
    reading = correlation_reading(*summed(found), n=60)
    assert reading.value == pytest.approx(0.9, abs=1e-3)
    assert (reading.low, reading.high) == (-1.0, 1.0)


def test_a_ratio_beyond_one_by_chance_is_one_with_an_interval() -> None:
    found = data(3, 40, 30.0)
    c, vx, vy = found.sum(axis=0)
    found[:, 0] *= 1.02 * np.sqrt(vx * vy) / c
    reading = correlation_reading(*summed(found), n=40)
    assert (reading.value, reading.high) == (1.0, 1.0)
    assert reading.low is not None
    assert 0.3 < reading.low < 0.95


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_a_ratio_beyond_one_beyond_chance_is_no_correlation(sign: float) -> None:
    v = np.random.default_rng(4).uniform(0.5, 1.5, (40, 2))
    found = np.column_stack((sign * 1.5 * np.sqrt(v[:, 0] * v[:, 1]), v))
    reading = correlation_reading(*summed(found), n=40)
    assert (reading.value, reading.reason) == (None, TREND)


def test_data_have_the_mean_age_of_the_flat_window() -> None:
    k = rate(halflife(3600.0))
    assert -1 / k == pytest.approx(1800.0)


def test_an_infinite_halflife_forgets_nothing() -> None:
    assert rate(inf) == 0.0
