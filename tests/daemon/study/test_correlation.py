from __future__ import annotations

import numpy as np
import pytest

from daemon.study.aligned import align, returns
from daemon.study.correlation import by_day, by_hour, by_interval, curve, pearson, whole, windows
from streams.estimators.pearson import Pearson
from tests.daemon.study.markets import MINUTE, all_ends, bars_of, linked, pair, tick_pair


def test_equals_the_estimator_that_runs_live() -> None:
    rng = np.random.default_rng(3)
    x = rng.standard_t(4, 300)
    y = 0.5 * x + rng.standard_t(4, 300)
    live = Pearson(300)
    for rx, ry in zip(x, y, strict=True):
        live.update(rx, ry)
    ours, theirs = pearson(x, y), live.value()
    for field in ("value", "low", "high", "n"):
        assert getattr(ours, field) == pytest.approx(getattr(theirs, field), abs=1e-12)


def test_constant_and_short_have_no_correlation() -> None:
    moving = np.arange(20.0) % 3
    assert pearson(moving, np.zeros(20)).reason == "constant"
    assert pearson(moving[:9], moving[:9]).value is None


def test_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(11)
    inside = 0
    for _ in range(300):
        x = rng.standard_t(5, 200)
        found = pearson(x, 0.6 / 0.8 * x + rng.standard_t(5, 200))
        inside += (found.low or 0.0) <= 0.6 <= (found.high or 0.0)
    assert 0.91 <= inside / 300 <= 0.99


def test_windows_stop_at_what_the_file_holds() -> None:
    x, y = pair(3)
    aligned = align(x, y)
    found = windows(aligned, returns(aligned))
    assert [window.name for window in found] == ["1h", "1d"]
    hour = found[0]
    assert hour.bars == 60
    assert hour.lowest is not None
    assert hour.highest is not None
    assert hour.lowest <= float(hour.latest.value or 0.0) <= hour.highest


def test_days_and_hours_are_new_yorks() -> None:
    x, y = pair(2)
    found = returns(align(x, y))
    assert list(by_day(found)) == ["2026-03-02", "2026-03-03"]
    hours = by_hour(found)
    assert list(hours) == [f"{hour:02}:00" for hour in range(9, 16)]
    # The first bar of a day has no return: 29 of the first half hour.
    assert [hours["09:00"].n, hours["15:00"].n] == [2 * 29, 2 * 60]


def test_longer_returns_undo_an_offset_of_a_bar() -> None:
    ends = all_ends(3)
    x, y = linked(len(ends), 0.6)
    found = by_interval(align(bars_of(ends + MINUTE, x), bars_of(ends, y)))
    assert abs(float(found["1m"].value or 0.0)) < 0.1
    assert float(found["30m"].value or 0.0) > 0.45
    assert found["30m"].n == pytest.approx(144, abs=2)


def test_curve_ends_with_the_file_and_has_intervals() -> None:
    x, y = pair(3)
    aligned = align(x, y)
    found = curve(aligned, returns(aligned))
    assert found.window == "1h"
    assert found.at[-1] == len(aligned.ts) - 1
    assert all(r.low is not None and r.high is not None for r in found.readings)


def test_ticks_are_not_put_on_a_grid() -> None:
    x, y = tick_pair(3, 0.6)
    aligned = align(x, y)
    found = whole(returns(aligned), x, y)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.6 < found.high
    assert found.high - found.low < 0.2
