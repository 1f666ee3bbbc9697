"""Each statistic on daily figures made with a known answer."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from daemon.claims.data import Data
from daemon.claims.estimate import Estimate
from daemon.claims.finding import Finding
from daemon.claims.missing import MissingError
from daemon.claims.statistics.correlation import Correlation, UpDown
from daemon.claims.statistics.driver import CommonDriver
from daemon.claims.statistics.easing import Easing
from daemon.claims.statistics.own import OwnShare
from daemon.claims.statistics.policy import steps
from daemon.claims.statistics.rates import PolicyDays, RateSensitivity
from daemon.claims.statistics.strength import AtRecord, RelativeStrength
from daemon.claims.statistics.warning import EarlyWarning
from streams.context.series import Series
from tests.daemon.claims.days import closes, correlated, data, day_of, pair, weekdays


def judged(finding: Finding) -> Estimate:
    assert finding.estimate is not None
    return finding.estimate


def holds(finding: Finding, truth: float) -> bool:
    low, high = judged(finding).interval() or (0.0, 0.0)
    return low < truth < high


def level(moves: np.ndarray, start: float = 5.0) -> np.ndarray:
    return np.asarray(start + np.concatenate([[0.0], moves[1:].cumsum()]))


def test_correlation_is_told_for_all_days_and_by_year() -> None:
    found = Correlation(of="ETH", against="IWM").measure(pair(0.5))
    assert holds(found, 0.5)
    assert [row.label for row in found.rows] == ["2023", "2024", "2025"]
    assert sum(row.estimate.n for row in found.rows if row.estimate) == judged(found).n == 599


def test_a_year_of_few_days_has_no_figure() -> None:
    found = Correlation(of="ETH", against="IWM").measure(pair(0.5, 265))
    assert (found.rows[1].estimate, found.rows[1].note[:5]) == (None, "needs")


def test_a_link_of_falls_alone_is_judged_by_its_rises() -> None:
    days, rng = weekdays(800), np.random.default_rng(4)
    iwm, own = 0.01 * rng.standard_normal((2, 800))
    eth = np.where(iwm < 0.0, iwm, 0.0) + own
    found = UpDown(of="ETH", against="IWM").measure(
        data(closes("ETH", days, eth), closes("IWM", days, iwm))
    )
    assert holds(found, 0.0)
    fell = found.rows[1].estimate
    assert fell is not None
    assert fell.value > 0.3


def test_a_driver_of_one_of_two_is_judged_by_the_other() -> None:
    days, rng = weekdays(600), np.random.default_rng(5)
    vix, own, other = rng.standard_normal((3, 600))
    made = data(
        closes("ETH", days, 0.01 * other),
        closes("IWM", days, 0.01 * (own - vix)),
        VIX=Series(days, level(vix)),
    )
    test = CommonDriver(of="ETH", against="IWM", series="VIX", direction="opposite")
    assert holds(test.measure(made), 0.0)
    assert test.measure(made).rows[1].estimate is not None


def test_sensitivity_is_the_return_for_each_ten_basis_points() -> None:
    days, rng = weekdays(600), np.random.default_rng(6)
    yields, own, market = 0.05 * rng.standard_normal(600), *(0.005 * rng.standard_normal((2, 600)))
    made = data(
        closes("IWM", days, -0.03 * yields + own + market),
        closes("SPY", days, -0.01 * yields + market),
        DGS2=Series(days, level(yields)),
    )
    assert holds(RateSensitivity(of="IWM", series="DGS2").measure(made), -0.003)
    beyond = RateSensitivity(of="IWM", less="SPY", series="DGS2").measure(made)
    assert holds(beyond, -0.002)
    assert not holds(beyond, -0.003)


def policy(days: np.ndarray, changes: dict[int, float], wobble: int | None = None) -> Series:
    values = np.full(len(days), 5.0)
    for at, change in changes.items():
        values[at:] += change
    if wobble is not None:
        values[wobble] += 0.5
    return Series(days, values)


def test_steps_are_new_levels_and_no_single_days() -> None:
    days = weekdays(100)
    found, moved = steps(policy(days, {30: -0.25, 60: 0.5}, wobble=80), 0.2)
    assert found.tolist() == [days[30], days[60]]
    assert moved.tolist() == [-0.25, 0.5]
    assert len(steps(policy(days, {}), 0.2)[0]) == 0


def test_easing_begins_with_the_first_cut_after_a_pause() -> None:
    days, rng = weekdays(800), np.random.default_rng(7)
    iwm, own = 0.01 * rng.standard_normal((2, 800))
    rho = np.where(np.arange(800) >= 400, 0.8, 0.0)
    eth = rho * iwm + np.sqrt(1.0 - rho * rho) * own
    made = data(
        closes("ETH", days, eth),
        closes("IWM", days, iwm),
        DFF=policy(days, {100: 0.25, 400: -0.5, 430: -0.25}),
    )
    found = Easing(of="ETH", against="IWM", series="DFF", cut=0.2, days=120).measure(made)
    assert holds(found, 0.8)
    assert found.basis == "120 days before and 120 after 1 first cuts"
    assert [row.estimate.n for row in found.rows if row.estimate] == [120, 120]


def test_without_a_cut_there_is_no_easing() -> None:
    made = pair(0.5)
    days = weekdays(600)
    flat = Data(made.sources, {"DFF": policy(days, {})})
    with pytest.raises(MissingError, match="around a cut of DFF"):
        Easing(of="ETH", against="IWM", series="DFF", cut=0.2, days=120).measure(flat)


def test_moves_of_the_day_before_the_new_rate_count_as_the_decisions() -> None:
    days = weekdays(1200)
    changes = dict.fromkeys(range(40, 1180, 40), 0.25)
    returns = 0.01 * np.where(np.arange(1200) % 2, 1.0, -1.0)
    returns[[at - 1 for at in changes]] *= 3.0
    made = data(closes("IWM", days, returns), DFF=policy(days, changes))
    found = PolicyDays(of="IWM", series="DFF", step=0.2).measure(made)
    assert judged(found).value == pytest.approx(3.0)
    with pytest.raises(MissingError, match="there are 0"):
        PolicyDays(of="IWM", series="DFF", step=0.3).measure(made)


def test_strength_is_the_gain_a_year() -> None:
    days, (a, b) = weekdays(600), correlated(600, 0.5)
    made = data(closes("IWM", days, a + 0.001), closes("QQQ", days, a + 0.1 * b))
    assert holds(RelativeStrength(of="IWM", against="QQQ").measure(made), 0.252)


def test_a_record_is_a_close_at_the_highest_until_then() -> None:
    days = weekdays(5, date(2025, 9, 1))
    source = closes("PSCT", days, np.log([1.0, 1.1, 0.9, 1.2, 0.5]))
    until_record = AtRecord(of="PSCT", since=date(2025, 9, 1), until=date(2025, 9, 4))
    assert judged(until_record.measure(data(source))).value == 0.0
    later = AtRecord(of="PSCT", since=date(2025, 9, 5), until=date(2025, 9, 30))
    assert judged(later.measure(data(source))).value == pytest.approx(-0.5)
    with pytest.raises(MissingError, match="PSCT daily closes from 2026"):
        AtRecord(of="PSCT", since=date(2026, 1, 1), until=date(2026, 2, 1)).measure(data(source))


def test_a_warning_is_found_and_a_move_of_the_same_days_is_none() -> None:
    days, rng = weekdays(1500), np.random.default_rng(8)
    mood, own = rng.standard_normal((2, 1500))
    late = np.concatenate([np.zeros(5), mood[:-5]])
    warned = data(closes("ETH", days, 0.01 * (late + own)), FEAR=Series(days, level(mood)))
    same = data(closes("ETH", days, 0.01 * (mood + own)), FEAR=Series(days, level(mood)))
    test = EarlyWarning(of="ETH", by="FEAR", days=5)
    assert judged(test.measure(warned)).value > 0.5
    assert holds(test.measure(same), 0.0)
    with pytest.raises(MissingError, match="needs MOOD, as prices or as a series"):
        EarlyWarning(of="ETH", by="MOOD", days=5).measure(same)


def test_what_others_do_not_explain_is_own() -> None:
    found = OwnShare(of="ETH", by=("IWM",)).measure(pair(0.6))
    assert holds(found, 1.0 - 0.36)
    assert day_of("2023-01-03") == pair().moves(["ETH"]).days[0]
