from __future__ import annotations

import numpy as np
import pytest

from streams.estimators.cause import SETTLED, Cause, Label

RHO = 0.6


def fed(x: float, market: float, beta: float, bars: int = 300, seed: int = 1) -> Cause:
    """From the onset on x's own noise, everything, and beta are multiplied."""
    rng = np.random.default_rng(seed)
    cause = Cause()
    for bar in range(1560 + bars):
        since = bar >= 1560
        all_of_it = market if since else 1.0
        ry = all_of_it * rng.standard_t(5)
        own = all_of_it * (x if since else 1.0) * np.sqrt(1 - RHO**2) * rng.standard_t(5)
        follows = RHO * (beta if since else 1.0) * ry
        cause.update(follows + own - RHO * ry, ry, climbing=since)
    return cause


@pytest.mark.parametrize(
    ("x", "market", "beta", "label"),
    [
        (3.0, 1.0, 1.0, "noise"),
        (1.0, 1.0, 0.0, "beta"),
        (1.0, 3.0, 0.0, "beta"),
        (3.0, 3.0, 1.0, "noise"),
    ],
)
def test_the_cause_is_told_by_the_residual(
    x: float, market: float, beta: float, label: Label
) -> None:
    labels = [fed(x, market, beta, seed=seed).label for seed in range(8)]
    assert labels.count(label) >= 6


@pytest.mark.parametrize(
    ("ratio", "label"),
    [(1.5, "beta"), (1.55, "undetermined"), (1.7, "undetermined"), (1.75, "noise")],
)
def test_between_noise_and_beta_nothing_is_said(ratio: float, label: Label) -> None:
    cause = Cause()
    for bar in range(200):
        cause.update(ratio if bar >= 100 else 1.0, 1.0, climbing=bar >= 100)
    assert cause.label == label


def test_a_market_that_is_louder_all_over_changes_nothing() -> None:
    assert fed(1.0, 3.0, 1.0).value().value == pytest.approx(1.0, abs=0.12)


def test_too_few_bars_have_no_cause() -> None:
    cause = fed(3.0, 1.0, 1.0, bars=39)
    assert cause.label == "undetermined"
    assert cause.value().reason == "warming up 39/40"


def test_a_climb_that_comes_to_nothing_was_usual() -> None:
    cause = Cause()
    for _ in range(100):
        cause.update(1.0, 1.0, climbing=False)
    for _ in range(50):
        cause.update(5.0, 1.0, climbing=True)
    assert cause.label == "noise"
    cause.update(1.0, 1.0, climbing=False)
    assert cause.value().reason == "warming up 0/40"
    for _ in range(60):
        cause.update(1.0, 1.0, climbing=True)
    ratio = cause.value().value
    assert ratio is not None
    assert ratio < 0.5


def test_after_two_hours_the_label_stays() -> None:
    cause = Cause()
    for _ in range(100):
        cause.update(1.0, 1.0, climbing=False)
    for _ in range(int(SETTLED)):
        cause.update(3.0, 1.0, climbing=True)
    before = list(cause.state)
    for _ in range(1000):
        cause.update(0.1, 1.0, climbing=True)
    assert cause.state == before


def test_legs_that_stand_still_have_no_cause() -> None:
    cause = Cause()
    for bar in range(200):
        cause.update(1.0, 0.0, climbing=bar > 100)
    assert cause.value().reason == "constant"
