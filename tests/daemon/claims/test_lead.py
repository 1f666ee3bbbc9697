"""Leads within the day and by a day, with stamps right and wrong."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from daemon.claims.data import Data
from daemon.claims.finding import Finding
from daemon.claims.missing import MissingError
from daemon.claims.statistics.lead import Lead
from daemon.claims.statistics.partial import PartialCorrelation
from daemon.study.hours import DAY, HOUR
from daemon.study.quality import Source
from streams.history.prices import Prices
from tests.daemon.study.markets import MINUTE, all_ends, bars_of, linked, nyse_ends, pair

WITHIN = Lead(of="ETH", leader="IWM", clock="intraday")
BY_A_DAY = Lead(of="ETH", leader="IWM", clock="daily")


def given(*sources: tuple[str, Prices], flat: float | None = None) -> Data:
    found: dict[str, list[Source]] = {}
    for place, (name, prices) in enumerate(sources):
        share = flat if name == "ETH" else None
        found.setdefault(name, []).append(Source(name, f"{name}{place}.csv", prices, share))
    return Data(found)


def ends(finding: Finding, row: int | None = None) -> tuple[float, float]:
    estimate = finding.estimate if row is None else finding.rows[row].estimate
    assert estimate is not None
    return estimate.interval() or (0.0, 0.0)


def test_at_the_same_instants_there_is_no_lead_and_a_bar_late_there_seems_to_be() -> None:
    x, y = pair(8, 0.5)
    found = WITHIN.measure(given(("ETH", x), ("IWM", y)))
    low, high = ends(found)
    assert low < 0.0 < high
    assert found.rows[1].label == "1m, ETH stamped 1m late on purpose"
    assert ends(found, 1)[0] > 0.3
    assert "a FALSE lead of IWM" in found.rows[1].note


def test_files_stamped_late_are_shown_and_not_judged() -> None:
    x, y = pair(8, 0.5, late=1)
    found = WITHIN.measure(given(("ETH", x), ("IWM", y), flat=1.0))
    assert found.estimate is None
    assert found.lacking.startswith("needs files whose stamps agree")
    assert found.rows[0].label == "1m, ETH stamped late by its vendor"
    assert "a FALSE lead of IWM" in found.rows[0].note


def test_a_trusted_file_is_judged_beside_a_late_one() -> None:
    late, y = pair(12, 0.5, late=1)
    right = pair(8, 0.5)[0]
    found = WITHIN.measure(given(("ETH", late), ("ETH", right), ("IWM", y), flat=1.0))
    low, high = ends(found)
    assert low < 0.0 < high
    assert "ETH1.csv" in found.basis
    assert [row.label for row in found.rows] == [
        "1m, same instants",
        "1m, ETH stamped 1m late on purpose",
        "1m, ETH stamped late by its vendor",
    ]


def test_a_lead_of_part_of_a_bar_is_doubted_as_stamps_that_late_give_it_too() -> None:
    """ETH's bars close 12 s late: a fifth of the link moves to the next minute."""
    ticks = np.arange(all_ends(12)[0] - MINUTE, all_ends(12)[-1] + 1, MINUTE // 5)
    x, y = linked(len(ticks), 0.5, volatility=2e-4)
    closes = nyse_ends(12)
    at = np.searchsorted(ticks, closes)
    eth, iwm = bars_of(closes, x[at - 1]), bars_of(closes, y[at])
    found = WITHIN.measure(given(("ETH", eth), ("IWM", iwm)))
    assert ends(found)[0] > 0.0
    assert found.doubt.startswith("ETH's bars stamped ")
    seconds = int(found.doubt.split()[3])
    assert seconds == pytest.approx(12, abs=6)


def test_without_bars_within_the_day_the_claim_waits() -> None:
    with pytest.raises(MissingError, match="needs ETH and IWM in bars of the same hours"):
        WITHIN.measure(given(("IWM", pair(3)[1])))


def daily(days: int = 90) -> tuple[Prices, Prices, Prices]:
    """ETH by the hour, its closes at 24:00 UTC, and IWM's at 16:00 in New York."""
    hours = all_ends(days, HOUR)
    x, y = linked(len(hours), 0.6)
    closing = nyse_ends(days, HOUR // 2)
    last = closing[np.append(np.diff(closing) > HOUR, True)]
    midnight = hours[hours % DAY == 0]
    iwm = Prices((last // DAY + 1) * DAY, y[np.searchsorted(hours, last)], DAY)
    return (
        bars_of(hours, x, HOUR),
        Prices(midnight, x[np.searchsorted(hours, midnight)], DAY),
        iwm,
    )


def test_closes_at_the_same_instant_stand_beside_closes_hours_apart() -> None:
    hourly, midnight, iwm = daily()
    found = BY_A_DAY.measure(given(("ETH", hourly), ("ETH", midnight), ("IWM", iwm)))
    assert [row.label for row in found.rows] == [
        "ETH at IWM's close",
        "the same days, ETH at 24:00 UTC",
        "all years, ETH at 24:00 UTC",
    ]
    at_close, apart = (row.estimate for row in found.rows[:2])
    assert at_close is not None
    assert apart is not None
    assert found.estimate == at_close
    # Of a day's hours those after the close fall on IWM's next day: ETH seems to lead.
    assert apart.value < at_close.value


def test_of_midnight_closes_alone_nothing_is_judged() -> None:
    _, midnight, iwm = daily()
    found = BY_A_DAY.measure(given(("ETH", midnight), ("IWM", iwm)))
    assert found.estimate is None
    assert found.lacking == "needs ETH within the day, to take its price at IWM's close"
    assert len(found.rows) == 1
    with pytest.raises(MissingError, match="IWM daily closes"):
        BY_A_DAY.measure(given(("ETH", midnight)))


def test_what_the_market_explains_is_no_link_of_its_own() -> None:
    open_ = nyse_ends(8)
    rng = np.random.default_rng(11)
    market, a, b = 5e-4 * rng.standard_normal((3, len(open_)))
    prices = [100.0 * np.exp(part.cumsum()) for part in (market + a, market + b, market)]
    eth, iwm, spy = (bars_of(open_, price) for price in prices)
    test = PartialCorrelation(of="ETH", against="IWM", given="SPY")
    found = test.measure(given(("ETH", eth), ("IWM", iwm), ("SPY", spy)))
    low, high = ends(found)
    assert low < 0.0 < high
    assert ends(found, 0)[0] > 0.4
    five = msgspec.structs.replace(spy, bar=5 * MINUTE)
    with pytest.raises(MissingError, match="ETH, IWM and SPY"):
        test.measure(given(("ETH", eth), ("IWM", iwm), ("SPY", five)))
