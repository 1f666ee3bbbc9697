from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from streams.estimators.ew_pearson import EwPearson
from streams.estimators.partial import Partial
from tests.streams.estimators.market import PARTIAL, fat, normal, weights


def fed(returns: np.ndarray, halflife: float) -> Partial:
    partial = Partial(halflife, returns.shape[1] - 2)
    for row in returns.tolist():
        partial.update(*row)
    return partial


def batch(returns: np.ndarray, halflife: float) -> float:
    """The correlation of the residuals on a constant and the controls, all weighted."""
    w = np.sqrt(weights(len(returns), halflife))[:, None]
    design = np.column_stack([np.ones(len(returns)), returns[:, 2:]])
    fit, *_ = np.linalg.lstsq(w * design, w * returns[:, :2], rcond=None)
    x, y = (w * (returns[:, :2] - design @ fit)).T
    return float((x * y).sum() / np.sqrt((x * x).sum() * (y * y).sum()))


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 4), st.integers(0, 2**32 - 1), st.sampled_from([20.0, 200.0, 1e6]))
def test_equals_the_correlation_of_weighted_residuals(
    columns: int, seed: int, halflife: float
) -> None:
    rng = np.random.default_rng(seed)
    returns = fat(rng, 90) @ rng.standard_normal((3, columns)) + 1e-4
    returns += 1e-4 * rng.standard_normal(returns.shape)
    assert fed(returns, halflife).value(10).value == pytest.approx(
        batch(returns, halflife), rel=1e-7, abs=1e-9
    )


def test_equals_the_textbook_formula_for_one_control() -> None:
    returns = normal(np.random.default_rng(2), 400)
    xy, xz, yz = np.corrcoef(returns.T)[[0, 0, 1], [1, 2, 2]]
    expected = (xy - xz * yz) / np.sqrt((1 - xz * xz) * (1 - yz * yz))
    assert fed(returns, 1e12).value().value == pytest.approx(expected, rel=1e-6)


figures = st.floats(0.01, 100.0)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), figures, figures, figures, st.floats(-1e-2, 1e-2))
def test_does_not_depend_on_scale_shift_or_which_leg_is_first(
    seed: int, a: float, b: float, c: float, shift: float
) -> None:
    returns = fat(np.random.default_rng(seed), 60)
    found = fed(returns, 50.0).value()
    assume(found.value is not None)  # one move may dominate

    scaled = fed(returns * (a, b, -c) + shift, 50.0).value()
    swapped = fed(returns[:, [1, 0, 2]], 50.0).value()

    for other in (scaled, swapped):
        assert other.value == pytest.approx(found.value, rel=1e-6, abs=1e-8)
        assert (other.low, other.high) == pytest.approx((found.low, found.high), abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_order_of_controls_does_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    returns = np.column_stack([fat(rng, 80), fat(rng, 80)[:, 0]])
    there, back = fed(returns, 40.0).value(), fed(returns[:, [0, 1, 3, 2]], 40.0).value()
    assert there.reason == back.reason
    if there.value is not None:
        assert there.value == pytest.approx(back.value, rel=1e-9, abs=1e-12)


def test_the_interval_covers_under_fat_tails() -> None:
    rng = np.random.default_rng(6)
    covered = 0
    for _ in range(400):
        reading = fed(fat(rng, 200), 100.0).value()
        assert reading.low is not None
        assert reading.high is not None
        covered += reading.low <= PARTIAL <= reading.high
    assert 0.91 <= covered / 400 <= 0.98


def test_what_the_market_makes_is_taken_out() -> None:
    rng = np.random.default_rng(7)
    market = rng.standard_normal(2000) * 1e-3
    x, y = market + rng.standard_normal((2, 2000)) * 7e-4
    returns = np.column_stack([x, y, market])

    plain, partial = fed(returns[:, :2], 1e6).value(), fed(returns, 1e6).value()

    assert plain.value == pytest.approx(0.67, abs=0.04)
    assert partial.value == pytest.approx(0.0, abs=0.06)
    assert partial.low is not None
    assert partial.high is not None
    assert partial.low < 0.0 < partial.high


def test_x_against_y_less_the_control_is_told_by_the_weighted_pearson() -> None:
    returns = normal(np.random.default_rng(8), 500)
    spread = EwPearson(1e12)
    for x, y, z in returns.tolist():
        spread.update(x, y - z)
    expected = np.corrcoef(returns[:, 0], returns[:, 1] - returns[:, 2])[0, 1]
    assert spread.value().value == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("control", ["constant", "zero", "a multiple of the other"])
def test_a_control_that_says_nothing_leaves_nothing_to_tell(control: str) -> None:
    returns = np.column_stack([normal(np.random.default_rng(9), 100), np.zeros(100)])
    match control:
        case "constant":
            returns[:, 3] = 1e-4
        case "a multiple of the other":
            returns[:, 3] = 3.0 * returns[:, 2]
        case _:
            pass
    found = fed(returns, 50.0).value()
    assert (found.value, found.reason) == (None, "a control is constant or follows from another")


@pytest.mark.parametrize("leg", [0, 1])
def test_a_leg_without_variance_is_constant(leg: int) -> None:
    returns = normal(np.random.default_rng(10), 60)
    returns[:, leg] = 1e-4
    assert fed(returns, 50.0).value().reason == "constant"


def test_a_leg_that_is_the_control_leaves_nothing_of_it() -> None:
    returns = normal(np.random.default_rng(11), 60)
    returns[:, 2] = returns[:, 1]
    assert fed(returns, 50.0).value().reason == "constant"


def test_warming_up_until_thirty_bars() -> None:
    returns = normal(np.random.default_rng(12), 30)
    assert fed(returns[:29], 1e6).value().reason == "warming up 29/30"
    assert fed(returns, 1e6).value().value is not None


def test_controls_that_were_not_announced_are_refused() -> None:
    with pytest.raises(ValueError, match="2 controls where 1 are expected"):
        Partial(10.0).update(0.0, 0.0, 0.0, 0.0)
