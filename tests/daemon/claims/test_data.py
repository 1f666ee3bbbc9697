from __future__ import annotations

import numpy as np
import pytest

from daemon.claims.data import span
from daemon.claims.missing import MissingError
from streams.context.series import Series
from tests.daemon.claims.days import closes, correlated, data, day_of, pair, weekdays


def test_moves_are_of_the_days_that_all_have() -> None:
    days = weekdays(100)
    eth, iwm = correlated(100, 0.5)
    rate = Series(np.delete(days, 50), np.delete(np.arange(100.0), 50))
    found = data(closes("ETH", days, eth), closes("IWM", days, iwm), DGS2=rate).moves(
        ["ETH", "IWM"], ["DGS2"]
    )
    assert len(found.days) == 98
    at = int(np.searchsorted(found.days, days[51]))
    assert found.columns["DGS2"][at] == 2.0
    assert found.columns["ETH"][at] == pytest.approx(eth[50] + eth[51])
    assert found.columns["IWM"][0] == pytest.approx(iwm[1])


def test_a_stretch_without_closes_gives_no_move() -> None:
    days = np.delete(weekdays(100), range(40, 50))
    eth, iwm = correlated(90, 0.5)
    found = data(closes("ETH", days, eth), closes("IWM", days, iwm)).moves(["ETH", "IWM"])
    assert len(found.days) == 88
    assert days[40] not in found.days


def test_every_lack_is_named_at_once() -> None:
    with pytest.raises(MissingError) as caught:
        pair().moves(["ETH", "SPY", "QQQ"], ["DFF"])
    assert str(caught.value) == "needs SPY daily closes and QQQ daily closes and the series DFF"


def test_of_several_files_the_longest_is_used() -> None:
    days = weekdays(200)
    eth, iwm = correlated(200, 0.5)
    short = closes("IWM", days[:50], np.zeros(50), "short.csv")
    found = data(short, closes("IWM", days, iwm, "long.csv"), closes("ETH", days, eth))
    assert [c.file for c in found.closes("IWM")] == ["long.csv", "short.csv"]
    assert len(found.moves(["ETH", "IWM"]).days) == 199


def test_files_without_a_common_day_are_told() -> None:
    days = weekdays(60)
    eth, iwm = correlated(60, 0.5)
    far = data(closes("ETH", days, eth), closes("IWM", days + 700, iwm))
    with pytest.raises(MissingError, match="days in common"):
        far.moves(["ETH", "IWM"])


def test_a_span_is_told_by_its_first_and_last_day() -> None:
    assert (
        span(np.array([day_of("2024-01-02"), day_of("2024-02-01")])) == "2024-01-02 to 2024-02-01"
    )
