from __future__ import annotations

import random

import pytest

from streams.covariation import Covariation
from streams.instrument import NS
from streams.sessions import calendar

OPEN = 1_773_754_200 * NS
"""2026-03-17 09:30 New York."""


def value(hours: str, window: float, metric: str = "corr") -> float:
    covariation, chance, common = Covariation(calendar(hours)), random.Random(3), 0.0
    read = covariation.build(metric, window)
    for second in range(5, 20_000, 5):
        common += chance.gauss(0, 1e-4)
        for is_x in (True, False):
            covariation.tick(is_x, OPEN + second * NS, common + chance.gauss(0, 1e-4))
    found = read().value
    assert found is not None
    return float(found)


@pytest.mark.parametrize("metric", ["corr", "corr_flat"])
def test_a_day_is_a_session_of_a_market_that_closes(metric: str) -> None:
    assert value("NYSE", 86_400.0, metric) == value("NYSE", 23_400.0, metric)
    assert value("NYSE", 3600.0, metric) != value("NYSE", 23_400.0, metric)


def test_a_day_of_a_market_that_never_closes_is_24_hours() -> None:
    assert value("24/7", 86_400.0) != value("24/7", 23_400.0)
