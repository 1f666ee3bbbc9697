from __future__ import annotations

import numpy as np
import pytest

from daemon.study.aligned import align, returns
from daemon.study.profile import Profile, bar_profile, tick_profile
from streams.history.prices import Prices
from streams.instrument import NS
from tests.daemon.study.markets import MINUTE, pair


def profile_of(lag: int, days: int = 12) -> Profile:
    aligned = align(*pair(days, 0.5, lag=lag))
    return bar_profile(aligned, returns(aligned))


def test_bars_equal_the_definition() -> None:
    aligned = align(*pair(1))
    found = returns(aligned)
    profile = bar_profile(aligned, found)
    x, y = found.x - found.x.mean(), found.y - found.y.mean()
    scale = np.sqrt((x @ x) * (y @ y))
    place = profile.side + 3
    assert profile.lags[place] == 3 * MINUTE
    assert profile.values[place] == pytest.approx(x[:-3] @ y[3:] / scale, abs=1e-12)
    assert profile.values[profile.side - 2] == pytest.approx(x[2:] @ y[:-2] / scale, abs=1e-12)


def test_a_bar_of_the_next_day_is_not_the_next_bar() -> None:
    aligned = align(*pair(2))
    found = returns(aligned)
    profile = bar_profile(aligned, found)
    x, y = found.x - found.x.mean(), found.y - found.y.mean()
    scale = np.sqrt((x @ x) * (y @ y))
    within = x[:388] @ y[1:389] + x[389:-1] @ y[390:]
    assert profile.values[profile.side + 1] == pytest.approx(within / scale, abs=1e-12)


@pytest.mark.parametrize("lag", [-3, 0, 2])
def test_peak_is_where_x_comes_first_by(lag: int) -> None:
    profile = profile_of(lag)
    place = int(profile.values.argmax())
    assert profile.lags[place] == lag * MINUTE
    reading = profile.at(place)
    assert reading.low is not None
    assert reading.high is not None
    assert reading.low < 0.5 < reading.high


def test_lead_lag_ratio_and_p_value_tell_a_lead_from_none() -> None:
    ahead, none, behind = profile_of(2), profile_of(0), profile_of(-2)
    assert (ahead.llr() or 0.0) > 10.0
    assert (behind.llr() or 9.0) < 0.1
    assert (ahead.asymmetry() or 1.0) < 0.01
    assert (none.asymmetry() or 0.0) > 0.05
    assert (ahead.asymmetry(2 * MINUTE) or 0.0) > 0.01


def test_p_value_of_symmetric_noise_is_small_as_seldom_as_it_says() -> None:
    rng = np.random.default_rng(5)
    lags = np.arange(-4, 5) * MINUTE
    small = 0
    for _ in range(200):
        cross = rng.standard_normal((15, 9)) + np.array([0, 0, 1, 2, 5, 2, 1, 0, 0])
        p = Profile(lags, cross, np.ones(15), np.ones(15)).asymmetry()
        small += p is not None and p < 0.05
    assert small <= 20


def test_too_few_blocks_have_no_p_value_and_no_interval() -> None:
    profile = Profile(np.arange(-1, 2) * MINUTE, np.ones((5, 3)), np.ones(5), np.ones(5))
    assert profile.asymmetry() is None
    assert profile.at(1).reason == "5 blocks of time, 6 are needed"


def brute(x: Prices, y: Prices, lag: int) -> float:
    """Hayashi-Yoshida by its definition, y's stamps `lag` earlier."""
    lx, ly = np.log(x.price), np.log(y.price)
    total = 0.0
    for i in range(1, len(lx)):
        for j in range(1, len(ly)):
            starts = max(x.ts[i - 1], y.ts[j - 1] - lag)
            if starts < min(x.ts[i], y.ts[j] - lag):
                total += (lx[i] - lx[i - 1]) * (ly[j] - ly[j - 1])
    return total


def test_ticks_equal_the_definition() -> None:
    rng = np.random.default_rng(8)
    ends = np.sort(rng.choice(400, (2, 60)), axis=1) * NS
    x, y = (
        Prices(np.unique(ts), np.exp(rng.normal(0, 1e-3, len(np.unique(ts))).cumsum()), 0)
        for ts in ends
    )
    profile = tick_profile(x, y, [(0, 400 * NS)])
    for place in (10, 18, 20, 23, 30):
        whole = float(profile.cross.sum(axis=0)[place])
        assert whole == pytest.approx(brute(x, y, int(profile.lags[place])), abs=1e-15)
