from __future__ import annotations

import numpy as np
import pytest

from daemon.study.hours import (
    DAY,
    HOUR,
    clock_error_hours,
    close_of,
    dates,
    day_text,
    hours_of_days,
    hours_of_stamps,
)
from streams.history.prices import Prices
from streams.sessions import calendar
from tests.daemon.study.markets import MONDAY, all_ends, nyse_ends


def daily(ts: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Prices:
    return Prices(ts, np.ones(len(ts)), DAY)


def test_calendar_is_told_by_the_hours_a_file_has() -> None:
    assert hours_of_stamps(nyse_ends(5)).name == "NYSE"
    assert hours_of_stamps(all_ends(2)).name == "24/7"


def test_calendar_of_daily_closes_is_told_by_weekends() -> None:
    days = MONDAY // DAY + np.arange(28)
    assert hours_of_days(days).name == "24/7"
    assert hours_of_days(days[np.arange(28) % 7 < 5]).name == "NYSE"


@pytest.mark.parametrize(("tz", "hour"), [("UTC", 0), ("America/New_York", 5), ("Asia/Tokyo", -9)])
def test_daily_labels_are_the_days_their_file_says(tz: str, hour: int) -> None:
    midnights = MONDAY + np.arange(4) * DAY + hour * HOUR
    found = dates(daily(midnights + DAY), tz, stamped_at_start=True)
    assert [day_text(int(day)) for day in found[:2]] == ["2026-03-02", "2026-03-03"]
    assert found.tolist() == dates(daily(midnights), tz, stamped_at_start=False).tolist()


def test_stamps_in_utc_keep_their_day_whatever_clock_is_assumed() -> None:
    found = dates(daily(MONDAY + np.arange(4) * DAY), "America/New_York", stamped_at_start=False)
    assert day_text(int(found[0])) == "2026-03-02"


def test_close_of_a_day_is_midnight_utc_or_four_in_new_york() -> None:
    day = MONDAY // DAY
    assert close_of(calendar("24/7"), day) == MONDAY + DAY
    assert close_of(calendar("NYSE"), day) == MONDAY + 21 * HOUR
    assert close_of(calendar("NYSE"), day + 7) == MONDAY + 7 * DAY + 20 * HOUR


@pytest.mark.parametrize("hours", [-5, 4, 9])
def test_session_read_on_a_wrong_clock_is_noticed(hours: int) -> None:
    assert clock_error_hours(nyse_ends(5) + hours * HOUR) == -hours


def test_right_clock_is_left_alone_with_early_and_late_hours_too() -> None:
    ends = nyse_ends(5)
    assert clock_error_hours(ends) == 0
    extended = all_ends(5)
    of_day = (extended - MONDAY) % DAY
    assert clock_error_hours(extended[(of_day > 9 * HOUR)]) == 0
