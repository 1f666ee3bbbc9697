from __future__ import annotations

import re

import msgspec
import pytest

from daemon.study.hours import HOUR
from daemon.study.leadlag import LeadLag
from daemon.study.study import Clock
from streams.instrument import NS
from tests.daemon.study.markets import (
    MINUTE,
    all_ends,
    bars_of,
    floored,
    linked,
    nyse_ends,
    pair,
    studied,
    tick_pair,
)


@pytest.mark.parametrize("seed", range(5))
def test_no_lead_is_no_lead(seed: int) -> None:
    found = studied(*pair(4, seed=seed)).lead_lag
    assert (found.verdict, found.lag) == ("no lead", 0)
    assert found.at_zero.value == pytest.approx(0.5, abs=0.12)


@pytest.mark.parametrize(("lag", "verdict"), [(3, "x first"), (-3, "y first")])
def test_lead_of_several_bars_is_described_and_not_proven(lag: int, verdict: str) -> None:
    found = studied(*pair(4, lag=lag)).lead_lag
    assert (found.verdict, found.lag) == (verdict, lag * MINUTE)
    assert "no proof" in found.reason
    assert (found.p_value or 1.0) < 0.01


@pytest.mark.parametrize(("late", "side"), [(1, "late"), (-1, "early")])
def test_file_stamped_one_bar_off_is_named_and_is_no_lead(late: int, side: str) -> None:
    found = studied(*pair(4, late=late)).lead_lag
    assert found.verdict == "stamping offset"
    assert found.suspect == "ETH"
    assert found.reason.startswith("Not a lead.")
    assert f"ETH is stamped 1m {side}: the stamps of IWM fit" in found.reason


def test_true_lead_of_one_bar_is_not_told_from_a_wrong_stamp() -> None:
    assert studied(*pair(4, lag=1)).lead_lag.verdict == "stamping offset"


def test_neither_of_two_files_that_never_close_is_accused() -> None:
    ends = all_ends(3)
    x, y = linked(len(ends), 0.5, lag=1)
    found = studied(bars_of(ends, x), bars_of(ends, y)).lead_lag
    assert (found.verdict, found.suspect) == ("stamping offset", "")
    assert "IWM is stamped 1m late or ETH as much early" in found.reason


def stamped_late(seconds: int) -> LeadLag:
    """Bars of a minute, those of x cut so many seconds late."""
    fine = all_ends(6, 15 * NS)
    x, y = linked(len(fine), 0.6)
    late = fine + seconds * NS
    of_x, of_y = late % MINUTE == 0, fine % MINUTE == 0
    return studied(bars_of(late[of_x], x[of_x]), bars_of(fine[of_y], y[of_y])).lead_lag


def test_file_stamped_a_quarter_of_a_bar_late_is_told_by_how_much() -> None:
    found = stamped_late(15)
    assert (found.verdict, found.lag) == ("stamping offset", 0)
    assert re.search(r"stamped about 1[3-7] s off gives", found.reason)


def test_peak_between_two_bars_is_no_lead() -> None:
    found = stamped_late(30)
    assert found.verdict == "stamping offset"
    assert found.lag in {0, -MINUTE}


def test_unlinked_files_have_no_lag() -> None:
    found = studied(*pair(4, rho=0.0)).lead_lag
    assert (found.verdict, found.lag) == ("no link", None)


def test_file_of_another_time_zone_is_found_out_by_the_other() -> None:
    found = studied(*pair(6, late=300))
    assert found.lead_lag.verdict == "clock offset"
    assert found.x.clock_hours == -5
    assert found.y.clock_hours == 0


def test_session_on_a_wrong_clock_is_found_out_by_its_hours() -> None:
    x, y = pair(6)
    found = studied(x, msgspec.structs.replace(y, ts=y.ts - 5 * HOUR))
    assert (found.lead_lag.verdict, found.y.clock_hours) == ("clock offset", 5)


def test_bars_read_at_the_wrong_end_are_found_out_by_the_days_first() -> None:
    ends = nyse_ends(8)
    x, y = linked(len(ends), 0.6)
    found = studied(bars_of(ends, x), bars_of(ends + MINUTE, y), Clock(stamped_at_start=True))
    assert (found.x.stamped, found.x.stamps_fit) == ("start", True)
    assert (found.y.stamped, found.y.stamps_fit) == ("end", False)
    assert found.lead_lag.suspect == "IWM"


def test_ticks_that_lead_by_more_than_stamps_hide_are_described() -> None:
    found = studied(*tick_pair(4, 0.6, lead=12.0)).lead_lag
    assert found.verdict == "x first"
    assert found.lag == 12 * NS


@pytest.mark.parametrize("seed", range(3))
def test_ticks_without_a_lead_have_none_though_one_file_is_slower(seed: int) -> None:
    found = studied(*tick_pair(4, 0.6, seed=seed)).lead_lag
    assert (found.verdict, found.lag) == ("no lead", 0)


@pytest.mark.parametrize("step", [1, 5])
def test_stamps_rounded_down_give_no_lead(step: int) -> None:
    x, y = tick_pair(4, 0.6)
    found = studied(x, floored(y, step * NS)).lead_lag
    assert found.verdict == "no lead"
    assert "carry no lead of 10s or less" in found.reason
