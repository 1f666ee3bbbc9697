from __future__ import annotations

import numpy as np
import pytest

from streams.estimators.joint_beta import JointBeta
from tests.streams.estimators.market import normal, weights


def fed(returns: np.ndarray, halflife: float = 1e12) -> JointBeta:
    """Columns x, y, z."""
    beta = JointBeta(halflife)
    for row in returns.tolist():
        beta.update(*row)
    return beta


def test_equals_weighted_least_squares() -> None:
    returns = normal(np.random.default_rng(1), 300)
    w = np.sqrt(weights(300, 80.0))[:, None]
    fit, *_ = np.linalg.lstsq(w * returns[:, 1:], w[:, 0] * returns[:, 0], rcond=None)

    on_y, on_z = fed(returns, 80.0).value()

    assert (on_y.value, on_z.value) == pytest.approx(tuple(fit), rel=1e-9)
    assert on_y.n == pytest.approx((w**2).sum() ** 2 / (w**4).sum())


def test_the_legs_may_be_named_the_other_way_round() -> None:
    returns = normal(np.random.default_rng(2), 100)
    on_y, on_z = fed(returns).value()
    other_z, other_y = fed(returns[:, [0, 2, 1]]).value()
    assert (other_y.value, other_z.value) == pytest.approx((on_y.value, on_z.value), rel=1e-9)


@pytest.mark.parametrize("leg", [0, 1, 2])
def test_one_bad_print_teaches_nothing(leg: int) -> None:
    returns = normal(np.random.default_rng(3), 400)
    clean = fed(returns).value()
    returns[200, leg] += 2.3
    returns[201, leg] -= 2.3
    dirty = fed(returns).value()
    for a, b in zip(clean, dirty, strict=True):
        assert b.value == pytest.approx(a.value, abs=0.03)


@pytest.mark.parametrize("leg", [1, 2])
def test_without_a_move_of_a_regressor_there_is_no_beta(leg: int) -> None:
    returns = normal(np.random.default_rng(4), 60)
    returns[:, leg] = 0.0
    assert [r.reason for r in fed(returns).value()] == ["constant", "constant"]


def test_where_z_follows_y_there_is_no_beta() -> None:
    returns = normal(np.random.default_rng(5), 60)
    returns[:, 2] = 1.5 * returns[:, 1]
    assert fed(returns).value()[0].reason == "constant"


def test_warming_up_until_thirty_bars() -> None:
    returns = normal(np.random.default_rng(6), 30)
    assert fed(returns[:29]).value()[1].reason == "warming up 29/30"
    assert fed(returns).value()[1].value is not None
