from __future__ import annotations

import msgspec
import numpy as np
import pytest

from daemon.study.aligned import AlignmentError, align, returns
from daemon.study.hours import DAY, HOUR
from streams.history.prices import Prices
from streams.instrument import NS
from tests.daemon.study.markets import MINUTE, MONDAY, all_ends, bars_of, linked, nyse_ends, pair


def test_bars_meet_in_regular_hours_and_returns_cross_no_night() -> None:
    x, y = pair(2)
    aligned = align(x, y)
    assert aligned.hours.name == "NYSE"
    assert aligned.ts.tolist() == nyse_ends(2).tolist()
    assert np.isfinite(aligned.x).all()
    assert np.isfinite(aligned.y).all()
    assert len(returns(aligned).ts) == 2 * 389


def test_missing_bar_costs_two_returns_and_is_not_carried_forward() -> None:
    x, y = pair(1)
    hole = int(np.flatnonzero(x.ts == y.ts[100])[0])
    less = Prices(np.delete(x.ts, hole), np.delete(x.price, hole), x.bar)
    assert len(returns(align(less, y)).ts) == 387


def test_longer_bars_make_the_grid() -> None:
    x, _ = pair(2)
    ends = nyse_ends(2, 5 * MINUTE)
    y = bars_of(ends, linked(len(ends), 0.0)[0], 5 * MINUTE)
    aligned = align(x, y)
    assert aligned.bar == 5 * MINUTE
    assert aligned.ts.tolist() == ends.tolist()


def test_two_markets_that_never_close_meet_at_night_too() -> None:
    ends = all_ends(2)
    x, y = linked(len(ends), 0.5)
    aligned = align(bars_of(ends, x), bars_of(ends, y))
    assert aligned.hours.name == "24/7"
    assert len(returns(aligned).ts) == len(ends) - 1


def test_bars_stamped_a_second_early_still_meet() -> None:
    x, y = pair(1)
    early = msgspec.structs.replace(x, ts=x.ts - NS)
    assert len(returns(align(early, y)).ts) == 389


def test_ticks_meet_at_bars_that_hold_some() -> None:
    stamps = MONDAY + 14 * HOUR + 30 * MINUTE + np.arange(0, 3 * HOUR, 7 * NS)
    x, y = linked(len(stamps), 0.5)
    aligned = align(Prices(stamps, x, 0), Prices(stamps + NS, y, 0))
    assert aligned.bar == MINUTE
    slow = align(Prices(stamps[::10], x[::10], 0), Prices(stamps, y, 0))
    assert slow.bar == 15 * MINUTE


def daily(days: list[int]) -> Prices:
    ts = MONDAY + (np.array(days, np.int64) + 1) * DAY
    return Prices(ts, np.array([100.0 + day for day in days]), DAY)


def test_daily_closes_meet_by_date_and_differing_clocks_are_told() -> None:
    every, weekdays = list(range(28)), [d for d in range(28) if d % 7 < 5]
    aligned = align(daily(every), daily(weekdays))
    assert aligned.ts.tolist() == daily(weekdays).ts.tolist()
    assert aligned.apart == 4 * HOUR
    assert align(daily(weekdays), daily(weekdays)).apart == 0


def test_intraday_file_is_read_at_the_other_files_close() -> None:
    x, _ = pair(5)
    aligned = align(x, daily([0, 1, 2, 3, 4]))
    close = x.price[np.searchsorted(x.ts, MONDAY + 21 * HOUR)]
    assert aligned.apart == 0
    assert aligned.x[0] == pytest.approx(np.log(close), abs=1e-12)


def test_files_without_a_common_instant_are_refused() -> None:
    x, y = pair(2)
    with pytest.raises(AlignmentError, match="in common"):
        align(x, msgspec.structs.replace(y, ts=y.ts + 400 * DAY))
