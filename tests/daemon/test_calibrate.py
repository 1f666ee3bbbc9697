from __future__ import annotations

from math import pi, sin

import numpy as np
import pytest

from daemon.calibrate import Learned, NothingLearnedError, _confirming, calibrated, learn
from streams.estimators.breakdown import expected_delay_bars
from streams.estimators.run_length import threshold
from streams.estimators.warning import expected_warning_bars
from streams.history.prices import Prices
from streams.instrument import NS
from streams.sessions import calendar

MONTH = ("1/month", 1 / 21)
OPEN = 1_773_667_800 * NS
"""09:30 in New York on Monday, 2026-03-16."""
DAY = 86_400 * NS


def prices(returns: np.ndarray, bar: int) -> Prices:
    """One price a bar in each weekday's session; `returns` has a row a day."""
    days = [n for n in range(2 * len(returns)) if n % 7 < 5][: len(returns)]
    bars = returns.shape[1]
    ts = [OPEN + day * DAY + np.arange(bars + 1) * bar * NS for day in days]
    logs = np.cumsum(np.concatenate([np.concatenate(([0.0], row)) for row in returns]))
    return Prices(np.concatenate(ts), 100.0 * np.exp(logs), bar * NS)


def linked(rho: float, days: int, bars: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    free = np.random.default_rng(seed).standard_normal((2, days, bars)) * 1e-4
    return rho * free[1] + np.sqrt(1 - rho * rho) * free[0], free[1]


def known(p0: float = 0.68, between: float = 0.0, within: float = 0.0) -> Learned:
    return Learned(15, 20, 30_000.0, p0, p0 - 0.003, between, within)


@pytest.mark.parametrize(("bar", "bars"), [(15, 1560), (60, 390)])
def test_p0_is_learned_on_the_bars_of_the_files(bar: int, bars: int) -> None:
    x, y = (prices(r, bar) for r in linked(0.55, 10, bars))
    learned = learn(x, y, calendar("NYSE"))
    assert (learned.bar, learned.sessions) == (bar, 10)
    expected = 0.5 + np.arcsin(0.55) / pi
    assert learned.p0 == pytest.approx(expected, abs=4 * np.sqrt(0.22 / (10 * bars)))
    assert learned.low < learned.p0
    assert learned.correlation == pytest.approx(sin(pi * (learned.p0 - 0.5)))


def test_the_longer_bars_are_those_compared() -> None:
    rx, ry = linked(0.55, 6, 1560)
    minutes = prices(ry.reshape(6, 390, 4).sum(axis=2), 60)
    learned = learn(prices(rx, 15), minutes, calendar("NYSE"))
    assert learned.bar == 60
    assert learned.p0 == pytest.approx(0.5 + np.arcsin(0.55) / pi, abs=0.04)


def test_what_moves_is_seen() -> None:
    halves = [linked(rho, 7, 1560, seed) for seed, rho in enumerate((0.75, 0.35))]
    x, y = (
        prices(np.stack([row for pair in zip(*legs, strict=True) for row in pair]), 15)
        for legs in zip(*halves, strict=True)
    )
    learned = learn(x, y, calendar("NYSE"))
    assert learned.sessions == 14
    assert 0.05 < learned.between < 0.11


def test_one_session_is_not_enough() -> None:
    x, y = (prices(r, 60) for r in linked(0.5, 1, 390))
    with pytest.raises(NothingLearnedError, match="1 whole regular sessions; two"):
        learn(x, y, calendar("NYSE"))


def test_files_that_do_not_meet_teach_nothing() -> None:
    x, y = (prices(r, 60) for r in linked(0.5, 5, 390))
    late = Prices(y.ts + 30 * DAY, y.price, y.bar)
    with pytest.raises(NothingLearnedError, match="0 whole regular sessions"):
        learn(x, late, calendar("NYSE"))


def test_the_confirming_figures_are_those_of_the_chain() -> None:
    row = calibrated(known(), [MONTH])[0]
    assert row.h == threshold(0.68, 21 * 1560.0)
    assert row.h is not None
    assert row.delays[0].minutes == pytest.approx(expected_delay_bars(0.68, row.h) / 4)
    assert [d.size for d in row.delays] == ["gone", "a quarter left", "half left"]
    minutes = [d.minutes or 0.0 for d in row.delays]
    assert minutes == sorted(minutes)


def test_the_warning_is_simulated_in_agreement_with_its_formula() -> None:
    row = calibrated(known(), [MONTH])[1]
    assert (row.detector, row.budget) == ("breakdown_warning", "1/month")
    assert row.h is not None
    expected = expected_warning_bars(0.68, row.h) / 4
    assert row.delays[0].minutes == pytest.approx(expected, rel=0.2)


def test_a_rarer_false_alarm_takes_longer() -> None:
    month, _, year, _ = calibrated(known(), [MONTH, ("1/year", 1 / 252)])
    assert (year.h or 0) > (month.h or 0) + 2
    assert (year.delays[0].minutes or 0) > (month.delays[0].minutes or 0)


def test_a_break_beyond_four_sessions_has_no_figure() -> None:
    row = _confirming(known(0.62, 0.02, 0.035), "1/year", 1 / 252)
    assert row.h is not None
    assert row.delays[2].minutes is None


@pytest.mark.parametrize(
    ("learned", "reason"),
    [
        (known(0.57), "link too weak to watch"),
        (known(0.7, 0.0, 0.06), "link too unsteady to watch"),
    ],
)
def test_a_link_not_watched_says_why(learned: Learned, reason: str) -> None:
    for row in calibrated(learned, [MONTH]):
        assert (row.h, row.delays, row.reason) == (None, (), reason)


def test_progress_is_told_to_the_end() -> None:
    told: list[float] = []
    calibrated(known(0.57), [MONTH, MONTH], progress=told.append)
    assert told == [0.5, 1.0]
