from __future__ import annotations

import pytest

from streams.metric import CATALOGUE, Call, clock_text, duration_text, rate_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "1s"), (90, "90s"), (60, "1m"), (3600, "1h"), (5400, "90m"), (86400, "1d"), (0.5, "0.5s")],
)
def test_a_duration_is_written_with_one_unit(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


def test_clock_time_is_never_written_in_days() -> None:
    assert clock_text(86400) == "24h"
    assert clock_text(3600) == "1h"


@pytest.mark.parametrize(
    ("rate", "text"),
    [(1 / 21, "1/month"), (2 / 21, "2/month"), (1 / 252, "1/year"), (1, "1/day"), (0.2, "1/week")],
)
def test_a_rate_is_written_in_the_period_that_fits(rate: float, text: str) -> None:
    assert rate_text(rate) == text


def test_a_return_since_the_close_is_not_a_return_by_the_clock() -> None:
    since_close = Call("return", ("ETH",), days=1)
    by_the_clock = Call("return", ("ETH",), window=86400)
    assert (since_close.key, by_the_clock.key) == ("return(ETH,1d)", "return(ETH,24h)")


def test_a_window_of_daily_closes_is_counted_in_days() -> None:
    assert Call("corr", ("ETH", "IWM"), days=20).key == "corr(ETH,IWM,20d)"


def test_every_metric_is_documented_and_named_by_its_key() -> None:
    assert all(name == metric.name and metric.doc for name, metric in CATALOGUE.items())
