from __future__ import annotations

import pytest

from alerts.render import format_value, metric_text, render
from alerts.rule import Value
from streams.metric import NS, Unit
from streams.snapshot import Reading, Snapshot
from tests.alerts.language.cases import message, snapshot


def test_a_message_shows_its_values() -> None:
    text = "{pair} {divergence(60m)|sigma} {return(ETH, 1d)} {price(ETH)} {stale(IWM)} {age(ETH)}"
    values: dict[str, Value] = {
        "divergence(ETH,IWM,1h)": -4.23,
        "return(ETH,1d)": -0.0312,
        "price(ETH)": 2431.5,
        "stale(IWM)": False,
        "age(ETH)": 65.0,
    }
    shown = render(message(text), snapshot(values))
    assert shown == "ETH-IWM −4.2 σ −3.1% $2,431.50 no 1m 5s"


def test_a_placeholder_takes_an_expression() -> None:
    at = snapshot({"return(ETH,1h)": 0.03, "return(IWM,1h)": 0.01})
    assert render(message("{return(ETH) - return(IWM)}"), at) == "2.0%"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{return(ETH)}", "+1.8%"),
        ("{return(ETH)|%}", "+1.8%"),
        ("{return(IWM)}", "−1.8%"),
        ("{return(SPY)}", "0.00%"),
        ("{abs(return(ETH))} {abs(return(IWM))}", "1.8% 1.8%"),
        ("{volatility(ETH)}", "18.0%"),
        ("{drawup(ETH)}", "1.8%"),
    ],
)
def test_a_return_that_rises_has_a_plus_and_a_size_has_none(text: str, shown: str) -> None:
    moves: dict[str, Value] = {
        "return(ETH,1h)": 0.018,
        "return(IWM,1h)": -0.018,
        "return(SPY,1h)": 1e-6,
        "volatility(ETH,1d)": 0.18,
        "drawup(ETH,1d)": 0.018,
    }
    assert render(message(text), snapshot(moves)) == shown


@pytest.mark.parametrize(
    ("value", "metric", "shown"),
    [
        (0.018, "return", "+1.8%"),
        (-0.0035, "return", "−0.35%"),
        (0.0, "return", "0.00%"),
        (None, "return", "n/a"),
        (0.18, "volatility", "18.0%"),
        (0.6, "corr", "0.60"),
    ],
)
def test_a_metric_is_shown_in_its_own_format(value: Value, metric: str, shown: str) -> None:
    assert metric_text(value, metric) == shown


def test_what_has_no_value_says_why() -> None:
    readings = {"price(ETH)": Reading(1.0), "price(IWM)": Reading(None, "IWM stale")}
    at = Snapshot(ts=0, readings=readings, sessions={})
    assert render(message("{price(ETH) / price(IWM)}"), at) == "n/a (IWM stale)"


def test_a_value_that_cannot_be_worked_out_is_not_available() -> None:
    at = snapshot({"price(ETH)": 1.0, "price(IWM)": 0.0})
    assert render(message("{price(ETH) / price(IWM)}"), at) == "n/a"


AT = 1_773_930_665 * NS
"""Thu 19 Mar 2026, 10:31:05 in New York."""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{now}", "Thu 19 Mar 10:31 New York"),
        ("{now|time}", "10:31 New York"),
        ("{ now | time }", "10:31 New York"),
        ("{now|date}", "Thu 19 Mar"),
        ("{now|time Europe/Berlin}", "15:31 Berlin"),
        ("{now|time UTC}", "14:31 UTC"),
        ("{now|date Asia/Tokyo}", "Thu 19 Mar"),
        ("{until(fomc)|duration}", "5d 3h"),
        ("{until(fomc)}", "5d 3h"),
        ("{until(fomc)|time}", "14:00 New York"),
        ("{until(fomc)|date}", "Tue 24 Mar"),
        ("{since(cpi)|date Europe/Berlin}", "Wed 11 Mar"),
        ("{age(ETH)|time}", "10:30 New York"),
        ("{meeting|time}", "14:00 New York"),
    ],
)
def test_an_instant_is_shown_by_a_clock_of_its_own(text: str, shown: str) -> None:
    fomc = 1_774_375_200 * NS
    values: dict[str, Value] = {
        "until(fomc)": (fomc - AT) / NS,
        "since(cpi)": 8 * 86400.0,
        "age(ETH)": 6.0,
    }
    at = snapshot(values, ts=AT)
    assert render(message(text, {"meeting": "until(fomc)"}), at) == shown


def test_an_instant_is_not_shown_a_minute_early_for_a_rounding_error() -> None:
    for odd in range(1, NS, 10**6 + 3):
        ts = AT - odd
        at = snapshot({"until(fomc)": (1_774_375_200 * NS - ts) / NS}, ts=ts)
        assert render(message("{until(fomc)|time}"), at) == "14:00 New York"


def test_an_instant_that_is_not_known_says_why() -> None:
    at = snapshot({"until(fomc)": None}, reason="calendar ends 2027-12-31", ts=AT)
    assert render(message("{until(fomc)|time}"), at) == "n/a (calendar ends 2027-12-31)"


def test_a_change_is_shown_against_the_evaluation_before() -> None:
    text = message("{changed(price(ETH))}")
    then, at = snapshot({"price(ETH)": 1.0}), snapshot({"price(ETH)": 2.0})
    assert render(text, at, then) == "yes"
    assert render(text, at) == "n/a"


@pytest.mark.parametrize(
    ("value", "unit", "style", "shown"),
    [
        (0.314, Unit.CORRELATION, "", "0.31"),
        (-0.314, Unit.CORRELATION, "", "−0.31"),
        (-0.001, Unit.CORRELATION, "", "0.00"),
        (0.314, Unit.CORRELATION, "%", "31.4%"),
        (-0.0035, Unit.FRACTION, "", "−0.35%"),
        (0.125, Unit.FRACTION, "number", "0.12"),
        (-4.2, Unit.SIGMA, "", "−4.2 σ"),
        (1234567.891, Unit.PRICE, "", "$1,234,567.89"),
        (-0.5, Unit.PRICE, "", "−$0.5000"),
        (1.2345, Unit.NUMBER, "", "1.23"),
        (0.2, Unit.DURATION, "", "0s"),
        (45.0, Unit.DURATION, "", "45s"),
        (3600.0, Unit.DURATION, "", "1h"),
        (3599.9, Unit.DURATION, "", "1h"),
        (3605.0, Unit.DURATION, "", "1h"),
        (90061.0, Unit.DURATION, "", "1d 1h"),
        (-60.0, Unit.DURATION, "", "−1m"),
        (True, Unit.TRUTH, "", "yes"),
        (False, Unit.TRUTH, "", "no"),
        (AT, Unit.INSTANT, "", "Thu 19 Mar 10:31 New York"),
        (AT + 54 * NS + NS // 2, Unit.INSTANT, "time America/Chicago", "09:32 Chicago"),
        (None, Unit.INSTANT, "time", "n/a"),
        (None, Unit.PRICE, "", "n/a"),
        (float("nan"), Unit.PRICE, "", "n/a"),
        (float("inf"), Unit.DURATION, "", "n/a"),
    ],
)
def test_a_value_is_shown_as_people_write_it(
    value: Value, unit: Unit, style: str, shown: str
) -> None:
    assert format_value(value, unit, style) == shown
