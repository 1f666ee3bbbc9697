"""What must not matter: the unit of returns, their sign, which leg is called x, where one cuts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from math import exp, log
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.estimators.beta import Beta
from streams.estimators.breakdown import Breakdown
from streams.estimators.cause import Cause
from streams.estimators.warning import BreakdownWarning

BARS = 240
MINUTE = 60_000_000_000
P0 = 0.7
BUDGET = 5 * 1560.0
HALFLIFE = 60.0

Rows = Sequence[Sequence[float]]
seeds = st.integers(0, 2**32 - 1)
scales = st.floats(0.01, 100.0)


def rows(seed: int) -> Rows:
    """Returns that go together, then not; with fat tails, and some that are 0."""
    z = np.random.default_rng(seed).standard_t(3, (BARS, 2)) * 1e-3
    z[: BARS // 2, 1] = 0.8 * z[: BARS // 2, 0] + 0.6 * z[: BARS // 2, 1]
    z[np.random.default_rng(seed + 1).integers(0, BARS, 10)] = 0.0
    found: Rows = z.tolist()
    return found


def feed(estimator: Any, bar: int, x: float, y: float) -> None:
    match estimator:
        case Beta():
            estimator.update(x, y)
        case Cause():
            estimator.update(x - 0.8 * y, y, climbing=bar >= BARS // 2)
        case _:
            estimator.update(x, y, bar * MINUTE, P0)


def fed(estimator: Any, given_rows: Rows) -> Any:
    for bar, (x, y) in enumerate(given_rows):
        feed(estimator, bar, x, y)
    return estimator


MAKERS: dict[str, Callable[[list[float] | None], Any]] = {
    "beta": lambda state: Beta(HALFLIFE, state),
    "breakdown": lambda state: Breakdown(BUDGET, state),
    "warning": lambda state: BreakdownWarning(BUDGET, state),
    "cause": Cause,
}


@pytest.mark.parametrize("name", MAKERS)
@settings(max_examples=10, deadline=None)
@given(seed=seeds, cut=st.integers(1, BARS - 1))
def test_a_state_saved_and_read_back_goes_on_bit_for_bit(name: str, seed: int, cut: int) -> None:
    given_rows = rows(seed)
    whole = fed(MAKERS[name](None), given_rows)
    part = fed(MAKERS[name](None), given_rows[:cut])
    part = MAKERS[name](json.loads(json.dumps(part.state)))
    for bar in range(cut, BARS):
        feed(part, bar, *given_rows[bar])
    assert part.state == whole.state


@settings(max_examples=10, deadline=None)
@given(seeds, scales, scales)
def test_beta_follows_the_units_of_its_legs(seed: int, a: float, b: float) -> None:
    plain = fed(Beta(HALFLIFE), rows(seed)).value().value
    scaled = fed(Beta(HALFLIFE), [(a * x, b * y) for x, y in rows(seed)]).value().value
    assert scaled == pytest.approx(plain * a / b, rel=1e-9)


@settings(max_examples=10, deadline=None)
@given(seeds)
def test_beta_is_the_weighted_regression_through_zero(seed: int) -> None:
    """Where no bar is beyond belief, as under a normal law none is."""
    z = np.random.default_rng(seed).standard_normal((BARS, 2)) * 1e-3
    x, y = z.T
    w = np.array([exp(-log(2.0) / HALFLIFE * (BARS - 1 - bar)) for bar in range(BARS)])
    beta = (w * x * y).sum() / (w * y * y).sum()
    assert fed(Beta(HALFLIFE), z.tolist()).value().value == pytest.approx(beta, abs=1e-12)


@pytest.mark.parametrize("name", ["breakdown", "warning"])
@settings(max_examples=10, deadline=None)
@given(seed=seeds)
def test_detectors_care_neither_for_the_sign_of_the_day_nor_for_the_order_of_the_legs(
    name: str, seed: int
) -> None:
    plain = fed(MAKERS[name](None), rows(seed)).value()
    mirrored = fed(MAKERS[name](None), [(-x, -y) for x, y in rows(seed)]).value()
    exchanged = fed(MAKERS[name](None), [(y, x) for x, y in rows(seed)]).value()
    assert mirrored == plain
    assert (exchanged.value, exchanged.reason) == (plain.value, plain.reason)


@settings(max_examples=10, deadline=None)
@given(seeds, scales, scales)
def test_the_sign_detector_does_not_look_at_units(seed: int, a: float, b: float) -> None:
    scaled = fed(Breakdown(BUDGET), [(a * x, b * y) for x, y in rows(seed)])
    assert scaled.state == fed(Breakdown(BUDGET), rows(seed)).state


@settings(max_examples=10, deadline=None)
@given(seeds, scales)
def test_the_cause_does_not_depend_on_the_unit_of_returns(seed: int, a: float) -> None:
    scaled = fed(Cause(), [(a * x, a * y) for x, y in rows(seed)])
    assert scaled.label == fed(Cause(), rows(seed)).label
