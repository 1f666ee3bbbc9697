from __future__ import annotations

import pytest

from alerts.render import format_value, render
from alerts.rule import Value
from streams.metric import Unit
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


def test_what_has_no_value_says_why() -> None:
    readings = {"price(ETH)": Reading(1.0), "price(IWM)": Reading(None, "IWM stale")}
    at = Snapshot(ts=0, readings=readings, sessions={})
    assert render(message("{price(ETH) / price(IWM)}"), at) == "n/a (IWM stale)"


def test_a_value_that_cannot_be_worked_out_is_not_available() -> None:
    at = snapshot({"price(ETH)": 1.0, "price(IWM)": 0.0})
    assert render(message("{price(ETH) / price(IWM)}"), at) == "n/a"


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
        (None, Unit.PRICE, "", "n/a"),
        (float("nan"), Unit.PRICE, "", "n/a"),
        (float("inf"), Unit.DURATION, "", "n/a"),
    ],
)
def test_a_value_is_shown_as_people_write_it(
    value: Value, unit: Unit, style: str, shown: str
) -> None:
    assert format_value(value, unit, style) == shown
