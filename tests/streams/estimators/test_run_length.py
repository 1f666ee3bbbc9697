from __future__ import annotations

from itertools import pairwise
from math import asin, exp, log, pi

import numpy as np
import pytest

from streams.estimators.run_length import (
    SESSION_BARS,
    alarms_a_session,
    expected_delay_bars,
    threshold,
)
from streams.estimators.widening import MOST, widening

MONTH = 21 * SESSION_BARS


def alarmed(p0: float, h: float, p: np.ndarray, rng: np.random.Generator) -> float:
    """The share of sessions with an alarm, `p` being the share in step (bar, session)."""
    level = np.zeros(p.shape[1])
    top = level.copy()
    for row in p:
        same = rng.random(len(row)) < row
        step = np.where(same, log(0.5 / p0), log(0.5 / (1 - p0)))
        level = np.maximum(level + step, 0.0)
        top = np.maximum(top, level)
    return float((top >= h).mean())


def wandering(sessions: int, sd: float, rng: np.random.Generator) -> np.ndarray:
    keep = 0.5 ** (1 / 240)
    path = np.empty((int(SESSION_BARS), sessions))
    at = rng.standard_normal(sessions)
    for bar in range(len(path)):
        at = keep * at + np.sqrt(1 - keep * keep) * rng.standard_normal(sessions)
        path[bar] = sd * at
    return path


@pytest.mark.parametrize(
    ("h", "between_alarms", "delay"),
    [(4.85, 2087, 46.2), (6.293, 9011, 61.8), (7.376, 26134, 73.3)],
)
def test_run_lengths_are_those_of_the_markov_chain(
    h: float, between_alarms: float, delay: float
) -> None:
    p0 = 0.5 + asin(0.6) / pi
    assert expected_delay_bars(p0, h) == pytest.approx(delay, rel=0.01)
    assert expected_delay_bars(p0, h, p0) == pytest.approx(between_alarms, rel=0.05)


@pytest.mark.parametrize("p0", [0.58, 0.65, 0.75])
@pytest.mark.parametrize("h", [3.0, 6.0, 9.0])
def test_ln_arl_is_never_too_low(p0: float, h: float) -> None:
    assert expected_delay_bars(p0, h, p0) >= exp(h)


def test_sessions_keep_sums_from_growing_so_a_session_has_fewer_alarms() -> None:
    bars, p0, h = 1560.0, 0.65, 7.0
    whole = bars / expected_delay_bars(p0, h, p0)
    assert 0.75 * whole < alarms_a_session(p0, h, p0, bars) < 0.98 * whole


@pytest.mark.parametrize("bars", [1.0, 2.0, 3.0, 7.0, 390.0])
def test_alarms_add_up_bar_by_bar(bars: float) -> None:
    """h is so low that every discordant bar alarms."""
    assert alarms_a_session(0.6, 0.1, 0.6, bars) == pytest.approx(0.4 * bars)


@pytest.mark.parametrize("p0", [0.58, 0.65, 0.8, 0.95])
@pytest.mark.parametrize("arl", [300.0, MONTH, 12 * MONTH])
def test_the_threshold_keeps_its_budget(p0: float, arl: float) -> None:
    h = threshold(p0, arl)
    assert h is not None
    assert h < log(arl)
    assert alarms_a_session(p0, h, p0) == pytest.approx(SESSION_BARS / arl, rel=0.01)


@pytest.mark.parametrize("p0", [0.62, 0.68])
def test_simulated_sessions_alarm_once_a_month(p0: float) -> None:
    rng = np.random.default_rng(1)
    h = threshold(p0, MONTH)
    assert h is not None
    rate = 21 * alarmed(p0, h, np.full((1560, 12_000), p0), rng)
    assert 0.85 < rate < 1.1


def test_minutes_have_their_own_threshold() -> None:
    minutes = threshold(0.68, 21 * 390.0, session_bars=390.0)
    short = threshold(0.68, MONTH)
    assert minutes is not None
    assert short is not None
    assert minutes < short - 1


@pytest.mark.parametrize(("between", "within"), [(0.02, 0.0), (0.0, 0.03), (0.02, 0.03)])
def test_a_p0_that_moves_keeps_the_budget_where_the_threshold_allows_for_it(
    between: float, within: float
) -> None:
    rng = np.random.default_rng(2)
    p = 0.67 + between * rng.standard_normal(8000) + wandering(8000, within, rng)
    exact, wide = threshold(0.67, MONTH), threshold(0.67, MONTH, between, within)
    assert exact is not None
    assert wide is not None
    assert 0.75 < 21 * alarmed(0.67, wide, p, rng) < 1.3
    assert 21 * alarmed(0.67, exact, p, rng) > 1.5


def test_a_p0_that_moves_too_much_has_no_threshold() -> None:
    assert threshold(0.67, MONTH, between=MOST + 0.001) is None
    assert threshold(0.67, MONTH, within=MOST + 0.001) is None


def test_a_p0_that_stays_needs_no_widening() -> None:
    for p0 in (0.5, 0.58, 0.66, 0.9):
        for sessions in (1.0, 21.0, 1000.0):
            assert widening(p0, sessions, 0.0, 0.0) == pytest.approx(1.0)


def test_widening_grows_with_what_moves_and_with_what_is_promised() -> None:
    steps = [widening(0.66, 21.0, d, d) for d in np.linspace(0, 0.04, 17).tolist()]
    assert all(a < b for a, b in pairwise(steps))
    rarer = [widening(0.66, sessions, 0.02, 0.02) for sessions in (5.0, 21.0, 60.0, 252.0)]
    assert all(a < b for a, b in pairwise(rarer))
    assert widening(0.7, 21.0, 0.02, 0.02) < widening(0.6, 21.0, 0.02, 0.02)


def test_the_table_is_met_at_its_own_points() -> None:
    assert widening(0.65, 21.0, 0.02, 0.03) == pytest.approx(1.64)
    assert widening(0.58, 252.0, 0.0, 0.04) == pytest.approx(2.50)
