"""Cut anywhere: a state saved, read back and continued is the one that was never cut."""

from __future__ import annotations

import json
from collections.abc import Callable
from math import isfinite
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.estimators.divergence import Divergence
from streams.estimators.drawdown import Drawdown
from streams.estimators.ew_pearson import EwPearson
from streams.estimators.exact_hy import ExactHayashiYoshida
from streams.estimators.joint_beta import JointBeta
from streams.estimators.partial import Partial
from streams.estimators.profile import Profile
from streams.estimators.quadrant import Quadrant
from streams.estimators.regime import Regime
from streams.estimators.volatility import Volatility

BARS = 160
SESSION = 60

Make = Callable[[list[float] | None], Any]


def feed(estimator: Any, bar: int, x: float, y: float, z: float) -> None:
    if bar % SESSION == 0 and isinstance(estimator, Divergence | Profile):
        estimator.new_session()
    match estimator:
        case ExactHayashiYoshida():
            take = estimator.x_tick if bar % 2 else estimator.y_tick
            take(7.0 * bar, x)
        case Partial() if not isinstance(estimator, EwPearson):
            estimator.update(x, y, z)
        case Divergence():
            estimator.update(x, y, 0.5, rz=z, beta_z=0.3, scale=1.0 + abs(z))
        case JointBeta():
            estimator.update(x, y, z)
        case Regime():
            estimator.update(1e3 * x, 1e3 * y, 2e3 * z)
        case Drawdown():
            estimator.update(60.0 * bar, x)
        case Profile():
            estimator.update(bar % SESSION, x)
        case Volatility():
            estimator.update(x)
        case _:
            estimator.update(x, y)


ESTIMATORS: dict[str, Make] = {
    "exact_hy": lambda s: ExactHayashiYoshida(400.0, slots=50, state=s),
    "ew_pearson": lambda s: EwPearson(30.0, s),
    "quadrant": lambda s: Quadrant(30.0, s),
    "partial": lambda s: Partial(30.0, state=s),
    "joint_beta": lambda s: JointBeta(30.0, s),
    "divergence": lambda s: Divergence(20, state=s),
    "profile": lambda s: Profile(SESSION, state=s),
    "volatility": lambda s: Volatility(30.0, state=s),
    "drawdown": lambda s: Drawdown(1200.0, state=s),
    "regime": Regime,
}


def answer(estimator: Any) -> Any:
    return estimator.scale(7) if isinstance(estimator, Profile) else estimator.value()


@pytest.mark.parametrize("name", ESTIMATORS)
@settings(max_examples=15, deadline=None)
@given(cut=st.integers(1, BARS - 1), seed=st.integers(0, 2**32 - 1))
def test_a_saved_state_goes_on_bit_for_bit(name: str, cut: int, seed: int) -> None:
    make = ESTIMATORS[name]
    rows = np.random.default_rng(seed).standard_t(3, (BARS, 3)) * 1e-3
    rows[rng_zeros(seed)] = 0.0
    whole, part = make(None), make(None)
    for bar, row in enumerate(rows.tolist()):
        if bar == cut:
            part = make(json.loads(json.dumps(part.state)))
        feed(whole, bar, *row)
        feed(part, bar, *row)
    assert part.state == whole.state
    assert answer(part) == answer(whole)
    assert all(isfinite(figure) for figure in whole.state)


def rng_zeros(seed: int) -> np.ndarray:
    """Some bars in which nothing moves."""
    return np.random.default_rng(seed + 1).integers(0, BARS, 20)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_state_of_another_length_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="figures where"):
        ESTIMATORS[name]([0.0])
