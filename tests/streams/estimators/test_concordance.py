from __future__ import annotations

import numpy as np
import pytest

from streams.estimators.concordance import MIN_BARS, Concordance


def fed(days: list[tuple[int, int]], min_bars: int = 100) -> Concordance:
    """(concordant, discordant) bars a session; the last session is still open."""
    link = Concordance(min_bars)
    for day, (hits, misses) in enumerate(days):
        if day:
            link.new_session()
        for same in (*[True] * hits, *[False] * misses):
            link.update(-1e-3, -1e-3 if same else 1e-3)
    return link


def test_the_share_halves_its_weight_in_twenty_sessions() -> None:
    reading = fed([(80, 20), *[(0, 0)] * 20, (30, 70)]).value()
    assert reading.value == pytest.approx(110 / 200)

    sessions = [(80, 20), *[(60, 40)] * 20]
    weights = [0.5 ** (max(len(sessions) - 2 - i, 0) / 20) for i in range(len(sessions))]
    expected = sum(w * hits for w, (hits, _) in zip(weights, sessions, strict=True))
    reading = fed(sessions).value()
    assert reading.n == pytest.approx(100 * sum(weights))
    assert reading.value == pytest.approx(expected / (100 * sum(weights)))


def test_bars_without_movement_do_not_count() -> None:
    link = fed([(70, 30)])
    before = link.value()
    for rx, ry in ((0.0, 1e-3), (1e-3, 0.0), (0.0, 0.0)):
        link.update(rx, ry)
    assert link.value() == before


def test_sessions_that_agree_leave_the_binomial_bound() -> None:
    reading = fed([(70, 30)] * 5).value()
    assert reading.value == pytest.approx(0.7)
    assert reading.low == pytest.approx(0.7 - np.sqrt(0.7 * 0.3 / (reading.n or 0)))


def test_sessions_that_disagree_lower_the_bound() -> None:
    days = [(850, 150), (550, 450), (850, 150), (550, 450)]
    reading = fed(days).value()
    weights = 0.5 ** (np.array([2, 1, 0, 0]) / 20)
    hits, bars = np.array([h for h, _ in days]), 1000.0
    p = (weights * hits).sum() / (weights * bars).sum()
    error = np.sqrt(((weights * (hits - p * bars)) ** 2).sum()) / (weights * bars).sum()

    assert reading.value == pytest.approx(p)
    assert reading.low == pytest.approx(p - error)
    assert error > 5 * np.sqrt(p * (1 - p) / (reading.n or 0))


def test_five_sessions_are_needed() -> None:
    assert MIN_BARS == 3900
    link = fed([(700, 80)] * 4, MIN_BARS)
    weighted = 780 + 780 * sum(0.5 ** (age / 20) for age in range(3))
    assert (link.value().value, link.value().reason) == (None, f"warming up {weighted:.0f}/3900")
    assert fed([(700, 280)] * 5, MIN_BARS).value().value is not None
    assert Concordance().value().reason == "warming up 0/3900"


def test_a_session_without_bars_takes_no_weight() -> None:
    link = fed([(70, 30), (70, 30)])
    link.new_session()
    before = link.value()
    link.new_session()
    assert link.value() == before
