from __future__ import annotations

from math import log, pi, sin

import numpy as np
import pytest

from streams.estimators.latch import BROKEN, P0, H
from streams.estimators.run_length import threshold
from streams.estimators.warning import (
    MIN_BARS,
    VX,
    BreakdownWarning,
    evidence,
    expected_warning_bars,
    warning_threshold,
)
from streams.instrument import NS

BAR = 15 * NS
MONTH = 21 * 1560.0
STUDENT = 5.0


def returns(
    rho: float, bars: int, rng: np.random.Generator, scale: float = 1.0
) -> list[list[float]]:
    free = rng.standard_normal((bars, 2))
    free[:, 0] = rho * free[:, 1] + np.sqrt(1 - rho * rho) * free[:, 0]
    mixing = np.sqrt((STUDENT - 2) / rng.chisquare(STUDENT, (bars, 1)))
    rows: list[list[float]] = (scale * free * mixing).tolist()
    return rows


class Feeder:
    def __init__(self, link: BreakdownWarning) -> None:
        self.link = link
        self.bars = 0

    def feed(self, rows: list[list[float]], p0: float | None = 0.68) -> int | None:
        """Bars until the alarm; None where none came."""
        for n, (x, y) in enumerate(rows, 1):
            self.bars += 1
            self.link.update(x, y, self.bars * BAR, p0)
            if self.link.onset_ns is not None:
                return n
        return None


def density(z: np.ndarray, rho: float) -> float:
    """Log density of a bivariate Student's law of unit variances, without its constant."""
    shape = np.array([[1.0, rho], [rho, 1.0]])
    q = float(z @ np.linalg.solve(shape, z))
    return -0.5 * log(np.linalg.det(shape)) - (STUDENT + 2) / 2 * log(1 + q / (STUDENT - 2))


@pytest.mark.parametrize("rho", [0.2, 0.55, 0.8])
def test_evidence_is_the_log_ratio_of_the_densities(rho: float) -> None:
    for z in np.random.default_rng(1).normal(0, 0.8, (50, 2)).clip(-2, 2):
        expected = density(z, 0.0) - density(z, rho)
        assert evidence(float(z[0]), float(z[1]), rho) == pytest.approx(expected, abs=1e-12)


def test_evidence_of_a_bad_print_is_bounded() -> None:
    assert evidence(1e6, 1e6, 0.5) == evidence(2.0, 2.0, 0.5)
    assert evidence(-1e6, 0.3, 0.5) == evidence(-2.0, 0.3, 0.5)


@pytest.mark.parametrize("scale", [1e-5, 1.0, 1e4])
def test_the_unit_of_returns_does_not_matter(scale: float) -> None:
    rng = np.random.default_rng(2)
    rows = [*returns(0.53, 300, rng), *returns(0.0, 400, rng)]
    one = Feeder(BreakdownWarning(MONTH)).feed(rows)
    other = Feeder(BreakdownWarning(MONTH)).feed([[scale * x, scale * y] for x, y in rows])
    assert one is not None
    assert one == other


def test_sides_may_be_exchanged() -> None:
    rng = np.random.default_rng(3)
    rows = [*returns(0.53, 300, rng), *returns(0.0, 400, rng)]
    one = Feeder(BreakdownWarning(MONTH)).feed(rows)
    assert one == Feeder(BreakdownWarning(MONTH)).feed([[y, x] for x, y in rows])


def test_a_break_is_found_in_the_time_expected() -> None:
    rng = np.random.default_rng(4)
    rho = sin(pi * 0.18)
    waits = []
    for _ in range(120):
        feeder = Feeder(BreakdownWarning(MONTH))
        assert feeder.feed(returns(rho, 200, rng)) is None
        waits.append(feeder.feed(returns(0.0, 800, rng)) or 800)
    h = warning_threshold(0.68, MONTH)
    assert h is not None
    assert np.mean(waits) == pytest.approx(expected_warning_bars(0.68, h), rel=0.2)
    assert np.mean(waits) < 4 * 16


def test_calm_sessions_keep_the_budget_though_volatility_triples() -> None:
    rng = np.random.default_rng(5)
    rho, sessions, alarms = sin(pi * 0.18), 60, 0
    link = BreakdownWarning(1560.0)
    for _ in range(sessions):
        rows = [*returns(rho, 800, rng), *returns(rho, 760, rng, scale=3.0)]
        alarms += Feeder(link).feed(rows) is not None
        link.state[BROKEN] = 0.0
        link.new_session()
    assert alarms < 1.25 * sessions


def test_the_alarm_is_latched_until_the_link_is_restored() -> None:
    rng = np.random.default_rng(6)
    feeder = Feeder(BreakdownWarning(1560.0))
    feeder.feed(returns(0.53, 100, rng))
    assert feeder.feed(returns(0.0, 1000, rng)) is not None
    for x, y in returns(0.53, 400, rng):
        feeder.bars += 1
        feeder.link.update(x, y, feeder.bars * BAR, 0.68)
    assert feeder.link.value().value is False


def test_it_says_nothing_until_volatility_is_known() -> None:
    feeder = Feeder(BreakdownWarning(1560.0))
    feeder.feed([[1.0, -1.0]] * int(MIN_BARS - 1))
    assert feeder.link.value().reason == "volatility warming up 59/60"
    feeder.feed([[1.0, -1.0]])
    assert feeder.link.value().value is False


def test_bars_without_trades_teach_nothing() -> None:
    feeder = Feeder(BreakdownWarning(1560.0))
    feeder.feed(returns(0.5, 100, np.random.default_rng(7)))
    before = list(feeder.link.state)
    feeder.feed([[0.0, 0.0]] * 500)
    assert feeder.link.state[VX:] == before[VX:]
    assert feeder.link.state[0] == before[0]


def test_a_constant_leg_raises_no_fault_and_no_alarm() -> None:
    feeder = Feeder(BreakdownWarning(1560.0))
    assert feeder.feed([[0.0, 1e-4], [0.0, -1e-4]] * 500) is None
    assert feeder.link.value().value is None


def test_a_bad_print_does_not_make_it_deaf() -> None:
    rng = np.random.default_rng(8)
    feeder = Feeder(BreakdownWarning(1560.0))
    feeder.feed(returns(0.53, 200, rng))
    before = feeder.link.state[VX]
    feeder.feed([[1e4, 1.0]])
    assert feeder.link.state[VX] < 1.5 * before


def test_a_weak_or_unknown_link_has_no_answer() -> None:
    for p0, reason in ((None, "link not learned yet"), (0.57, "link too weak to watch")):
        feeder = Feeder(BreakdownWarning(1560.0))
        feeder.feed([[1.0, -1.0]] * 200, p0=p0)
        assert feeder.link.value().reason == reason


def test_the_threshold_lies_above_the_confirming_one_and_widens_faster() -> None:
    exact, wide = threshold(0.65, MONTH), threshold(0.65, MONTH, 0.02, 0.02)
    ours, ours_wide = warning_threshold(0.65, MONTH), warning_threshold(0.65, MONTH, 0.02, 0.02)
    assert exact is not None
    assert wide is not None
    assert ours is not None
    assert ours_wide is not None
    assert ours == pytest.approx(1.25 * exact)
    assert ours_wide / ours == pytest.approx((wide / exact) ** 1.4)
    assert warning_threshold(0.65, MONTH, within=0.05) is None


def test_the_threshold_in_use_is_the_one_of_the_p0_in_use() -> None:
    feeder = Feeder(BreakdownWarning(MONTH))
    feeder.feed([[1.0, 1.0]], p0=0.7)
    assert feeder.link.state[P0] == 0.7
    assert feeder.link.state[H] == warning_threshold(0.7, MONTH)
