from __future__ import annotations

import numpy as np

from daemon.study.hours import DAY, day_text
from daemon.study.lows import lows
from tests.daemon.study.markets import MONDAY


def test_low_rise_and_first_day_of_the_rise() -> None:
    days = MONDAY // DAY + np.arange(9)
    price = np.array([100.0, 80.0, 50.0, 60.0, 71.0, 70.0, 90.0, 85.0, 72.0])
    (low,) = lows(days, price)
    assert (low.year, low.day, low.close) == ("2026", "2026-03-04", 50.0)
    assert low.drawdown == -0.5
    assert low.reached == day_text(int(days[4]))
    assert (round(low.rise, 12), low.rise_day) == (0.8, "2026-03-08")
    assert not low.whole


def test_rise_counts_for_a_year_and_into_the_next() -> None:
    days = MONDAY // DAY + np.arange(800)
    price = np.full(800, 100.0)
    price[10] = 50.0
    price[400] = 500.0
    first, *_ = lows(days, price)
    assert first.rise == 1.0
    assert first.whole
    assert first.reached == day_text(int(days[11]))


def test_rise_that_never_comes_is_none() -> None:
    days = MONDAY // DAY + np.arange(30)
    (low,) = lows(days, np.linspace(100.0, 90.0, 30))
    assert low.reached is None
