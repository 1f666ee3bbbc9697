from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from daemon.claims.data import Data
from daemon.claims.missing import MissingError
from daemon.claims.statistics.rise import Alongside, Rise
from tests.daemon.claims.days import Floats, closes, data, weekdays

LOW = 60


def fallen_and_risen(to: float, count: int = 200) -> Floats:
    """Falls by half to a low after 60 days, then rises evenly by `to` in 100."""
    up = np.log1p(to) / 100.0
    parts = [np.full(LOW, np.log(0.5) / LOW), np.full(100, up), np.zeros(count - LOW - 100)]
    return np.concatenate([[0.0], *parts])[:count]


def made(to: float) -> Data:
    days = weekdays(200, date(2025, 1, 1))
    noise = 0.001 * np.random.default_rng(9).standard_normal(200)
    iwm = fallen_and_risen(to) + 1e-7 * (-1.0) ** np.arange(200)
    return data(closes("IWM", days, iwm), closes("ETH", days, 2.0 * iwm + noise))


def test_a_rise_comes_with_the_day_on_which_it_was_reached() -> None:
    found = Rise(of="IWM", year=2025, rise=0.42).measure(made(0.5))
    assert found.estimate is not None
    assert found.estimate.value == pytest.approx(0.5)
    assert found.estimate.error is None
    days = weekdays(200, date(2025, 1, 1))
    at = LOW + int(np.ceil(np.log(1.42) / (np.log(1.5) / 100)))
    reached = date.fromordinal(int(days[at]) + date(1970, 1, 1).toordinal())
    assert f"+42 % first on {reached}" in found.note
    assert found.paths[0].above[0] == 0.0
    assert found.paths[0].above.max() == pytest.approx(0.5)


def test_a_rise_that_was_not_reached_is_told() -> None:
    found = Rise(of="IWM", year=2025, rise=0.42).measure(made(0.4))
    assert found.estimate is not None
    assert found.estimate.value == pytest.approx(0.4)
    assert "+42 % never" in found.note
    with pytest.raises(MissingError, match="a rise of 42%"):
        Alongside(of="ETH", against="IWM", year=2025, rise=0.42).measure(made(0.4))


def test_a_year_without_closes_is_missing() -> None:
    with pytest.raises(MissingError, match="IWM daily closes of 2019"):
        Rise(of="IWM", year=2019, rise=0.42).measure(made(0.5))


def test_alongside_is_of_the_days_from_the_low_to_the_rise() -> None:
    found = Alongside(of="ETH", against="IWM", year=2025, rise=0.42).measure(made(0.5))
    rose = {row.label: row.estimate.value for row in found.rows if row.estimate}
    assert rose["IWM rose"] == pytest.approx(0.42, abs=0.01)
    assert rose["ETH rose"] == pytest.approx(1.42**2 - 1.0, abs=0.05)
    assert found.estimate is not None
    assert found.estimate.n == int(np.ceil(np.log(1.42) / (np.log(1.5) / 100)))
