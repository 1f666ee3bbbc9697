from __future__ import annotations

import numpy as np
import pytest

from streams.estimators.ew_pearson import EwPearson
from tests.streams.estimators.market import fat, weights


def test_equals_the_weighted_correlation_at_every_bar() -> None:
    returns = fat(np.random.default_rng(1), 150)[:, :2] + (2e-4, -1e-4)
    pearson = EwPearson(20.0)
    for n, (rx, ry) in enumerate(returns.tolist(), start=1):
        pearson.update(rx, ry)
        if n >= 40:
            cov = np.cov(returns[:n].T, aweights=weights(n, 20.0))
            expected = cov[0, 1] / np.sqrt(cov[0, 0] * cov[1, 1])
            assert pearson.value().value == pytest.approx(expected, rel=1e-10)


def test_the_interval_covers_under_fat_tails() -> None:
    rng = np.random.default_rng(2)
    covered = 0
    for _ in range(300):
        pearson = EwPearson(60.0)
        for rx, ry in fat(rng, 200)[:, :2].tolist():
            pearson.update(rx, ry)
        reading = pearson.value()
        assert reading.low is not None
        assert reading.high is not None
        covered += reading.low <= 0.6 <= reading.high
    assert 0.91 <= covered / 300 <= 0.98
