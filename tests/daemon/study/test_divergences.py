from __future__ import annotations

import numpy as np
import pytest

from daemon.study.aligned import align, returns
from daemon.study.divergences import Divergences, divergences
from daemon.study.hours import DAY
from streams.history.prices import Prices
from tests.daemon.study.markets import MINUTE, MONDAY, bars_of, linked, nyse_ends


def strayed(bar: int, drift: float, days: int = 12) -> tuple[Divergences, Prices]:
    """x drifts for an hour from bar 120 of the last session on."""
    ends = nyse_ends(days, bar)
    x, y = linked(len(ends), 0.6, seed=4)
    begin = len(ends) - 390 * MINUTE // bar + 120 * MINUTE // bar
    steps = 60 * MINUTE // bar
    x[begin:] *= np.exp(drift * np.minimum(np.arange(len(ends) - begin) / steps, 1.0))
    aligned = align(bars_of(ends, x, bar), bars_of(ends, y, bar))
    return divergences(aligned, returns(aligned)), bars_of(ends, x, bar)


@pytest.mark.parametrize("bar", [MINUTE, 5 * MINUTE])
@pytest.mark.parametrize("side", [1, -1])
def test_drift_is_found_with_its_side_and_hour(bar: int, side: int) -> None:
    found, prices = strayed(bar, side * 0.025 * (bar / MINUTE) ** 0.5)
    episode = max(found.episodes, key=lambda one: abs(one.z))
    begin = prices.ts[-(390 - 120) * MINUTE // bar]
    assert found.horizon == "1h"
    assert begin < episode.start < begin + 60 * MINUTE
    assert episode.start <= episode.peak <= episode.end
    assert episode.z * side > 4.0


def test_two_that_follow_each_other_do_not_stray_often() -> None:
    found, _ = strayed(MINUTE, 0.0)
    assert len(found.episodes) <= 3
    assert len(found.z) > 2000


def test_daily_closes_stray_over_five_days() -> None:
    days = [d for d in range(700) if d % 7 < 5]
    x, y = linked(len(days), 0.6, seed=1, volatility=1e-2)
    x[400:] *= np.exp(0.18 * np.minimum(np.arange(len(x) - 400) / 5, 1.0))
    ts = MONDAY + (np.array(days, np.int64) + 1) * DAY
    aligned = align(Prices(ts, x, DAY), Prices(ts, y, DAY))
    found = divergences(aligned, returns(aligned))
    assert found.horizon == "5d"
    episode = max(found.episodes, key=lambda one: abs(one.z))
    assert ts[400] <= episode.start <= ts[408]
    assert episode.z > 4.0


def test_before_the_usual_size_is_known_there_is_none() -> None:
    ends = nyse_ends(1)[:140]
    x, y = linked(140, 0.6)
    aligned = align(bars_of(ends, x), bars_of(ends, y))
    found = divergences(aligned, returns(aligned))
    assert len(found.z) == 0
    assert found.episodes == ()
