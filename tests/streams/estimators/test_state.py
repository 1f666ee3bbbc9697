from __future__ import annotations

import json
from collections.abc import Callable
from typing import Protocol

import numpy as np
import pytest

from streams.estimators.beta import Beta
from streams.estimators.breakdown import Breakdown
from streams.estimators.concordance import Concordance
from streams.estimators.divergence import Divergence
from streams.estimators.hayashi_yoshida import HayashiYoshida
from streams.estimators.pearson import Pearson
from streams.snapshot import Reading


class Estimator(Protocol):
    state: list[float]

    def value(self) -> Reading: ...


Make = Callable[[list[float] | None], Estimator]
Feed = Callable[[Estimator, int, float, float], None]


def feed(estimator: Estimator, bar: int, rx: float, ry: float) -> None:
    match estimator:
        case HayashiYoshida():
            estimator.both_tick(60.0 * bar, rx, ry)
        case Breakdown():
            estimator.update(rx, ry, bar * 15_000_000_000, 0.7)
        case Divergence():
            estimator.update(rx, ry, 1.0)
        case Concordance():
            estimator.update(rx, ry)
            if bar % 150 == 0:
                estimator.new_session()
        case Pearson() | Beta():
            estimator.update(rx, ry)


@pytest.mark.parametrize(
    "make",
    [
        lambda state: HayashiYoshida(1248.0, state),
        lambda state: Pearson(60, state),
        lambda state: Beta(100.0, state),
        lambda state: Divergence(60, state=state),
        lambda state: Breakdown(1560.0, state),
        lambda state: Concordance(100, state),
    ],
    ids=["hayashi_yoshida", "pearson", "beta", "divergence", "breakdown", "concordance"],
)
def test_an_estimator_goes_on_from_its_saved_state(make: Make) -> None:
    returns = np.random.default_rng(5).normal(0.0, 1e-3, (400, 2)).tolist()
    whole = make(None)
    first = make(None)
    for bar, (rx, ry) in enumerate(returns[:200]):
        feed(whole, bar, rx, ry)
        feed(first, bar, rx, ry)

    second = make(json.loads(json.dumps(first.state)))
    for bar, (rx, ry) in enumerate(returns[200:], start=200):
        feed(whole, bar, rx, ry)
        feed(second, bar, rx, ry)

    assert second.value() == whole.value()
    assert second.value().value is not None
    assert second.state == whole.state


def test_a_state_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="3 figures where 9 are expected"):
        Beta(10.0, [0.0, 0.0, 0.0])
