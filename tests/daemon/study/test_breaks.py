from __future__ import annotations

import numpy as np
import pytest

from daemon.study.aligned import Aligned, Returns, align, returns
from daemon.study.breaks import breaks, constancy
from daemon.study.hours import DAY
from streams.history.prices import Prices
from tests.daemon.study.markets import MONDAY, bars_of, linked, nyse_ends


def broken(first: float, last: float, *, seed: int = 0) -> tuple[Aligned, Returns, int]:
    """1-minute bars of 40 days whose correlation changes on the 20th session; when."""
    ends = nyse_ends(56)
    half = len(ends) // 2
    one = linked(half, first, seed=seed)
    two = linked(len(ends) - half, last, seed=seed + 1)
    x, y = (np.concatenate([a, a[-1] * b / b[0]]) for a, b in zip(one, two, strict=True))
    aligned = align(bars_of(ends, x), bars_of(ends, y))
    return aligned, returns(aligned), int(ends[half])


def test_break_is_dated_where_it_happened() -> None:
    aligned, found, when = broken(0.65, 0.0)
    listed = breaks(aligned, found)
    (first, *_) = (one for one in listed.found if one.alarm > when)
    assert abs(first.onset - when) < DAY
    assert first.alarm - when < 2 * DAY
    assert first.p0 == pytest.approx(0.5 + np.arcsin(0.65) / np.pi, abs=0.03)


def test_break_that_lasts_becomes_the_new_normal() -> None:
    aligned, found, when = broken(0.65, 0.0)
    last = breaks(aligned, found).found[-1]
    assert last.renewed
    assert last.restored is not None
    assert 5 * DAY < last.restored - when < 10 * DAY


@pytest.mark.parametrize("seed", range(3))
def test_link_that_holds_alarms_no_more_than_its_budget(seed: int) -> None:
    aligned, found, _ = broken(0.6, 0.6, seed=10 * seed)
    listed = breaks(aligned, found)
    assert len(listed.found) <= 5
    assert not listed.surprising
    assert listed.delay is not None
    assert listed.by_chance == pytest.approx(40 / 21, rel=0.05)


def test_link_too_weak_is_not_watched_and_says_so() -> None:
    aligned, found, _ = broken(0.1, 0.1)
    listed = breaks(aligned, found)
    assert listed.found == ()
    assert listed.delay is None
    assert "too weak" in listed.reason


def test_change_of_correlation_is_dated_and_sized() -> None:
    _, found, when = broken(0.6, 0.2)
    change = constancy(found)
    assert change is not None
    assert change.changed
    assert abs(change.ts - when) < 4 * DAY
    assert change.before == pytest.approx(0.6, abs=0.05)
    assert change.after == pytest.approx(0.2, abs=0.07)


def test_constant_correlation_is_seldom_called_changed() -> None:
    rng = np.random.default_rng(1)
    times = np.arange(400, dtype=np.int64) * DAY + MONDAY
    changed = 0
    for _ in range(100):
        x = rng.standard_normal(400)
        y = 0.5 * x + rng.standard_normal(400)
        found = constancy(Returns(times, x, y, np.zeros(400, np.int64), np.arange(400)))
        changed += found is not None and found.changed
    assert changed <= 12


def test_daily_closes_are_walked_by_month() -> None:
    days = [d for d in range(365 * 8) if d % 7 < 5]
    ts = MONDAY + (np.array(days, np.int64) + 1 - 365 * 8) * DAY
    half = len(days) // 2
    one, two = linked(half, 0.8, seed=3), linked(len(days) - half, -0.2 + 0.2, seed=4)
    x, y = (np.concatenate([a, a[-1] * b / b[0]]) for a, b in zip(one, two, strict=True))
    aligned = align(Prices(ts, x, DAY), Prices(ts, y, DAY))
    listed = breaks(aligned, returns(aligned))
    assert listed.false_alarms == "1 in 5 years"
    assert any(abs(one.onset - ts[half]) < 60 * DAY for one in listed.found)


def test_file_without_movement_or_too_short_has_no_constancy() -> None:
    still = np.zeros(100)
    times = np.arange(100, dtype=np.int64)
    assert constancy(Returns(times, still, still, times, times)) is None
    assert constancy(Returns(times[:9], still[:9] + 1, still[:9], times[:9], times[:9])) is None
    one = np.arange(100.0) % 7
    assert constancy(Returns(times, one, 2 * one, times, times)) is None


def test_one_session_teaches_no_usual_share() -> None:
    ends = nyse_ends(1)
    x, y = linked(len(ends), 0.6)
    aligned = align(bars_of(ends, x), bars_of(ends, y))
    assert "learned from whole sessions" in breaks(aligned, returns(aligned)).reason
