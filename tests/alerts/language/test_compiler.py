from __future__ import annotations

import pytest

from alerts.language import LanguageError, parse_quantity
from alerts.rule import Value
from streams.metric import Unit
from tests.alerts.language.cases import compiled, snapshot


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("corr(1h)", ["corr(ETH,IWM,1h)"]),
        ("corr", ["corr(ETH,IWM,1h)"]),
        ("corr(ETH, SPY, 30m)", ["corr(ETH,SPY,30m)"]),
        ("corr(30m, ETH, SPY)", ["corr(ETH,SPY,30m)"]),
        ("divergence(horizon=60m)", ["divergence(ETH,IWM,1h)"]),
        ("corr(window=90s)", ["corr(ETH,IWM,90s)"]),
        ("price(ETH)", ["price(ETH)"]),
        ("stale(IWM)", ["stale(IWM)"]),
        ("return(ETH)", ["return(ETH,1h)"]),
        ("return(ETH, 1d)", ["return(ETH,1d)"]),
        ("return(ETH, 24h)", ["return(ETH,24h)"]),
        ("return(ETH, 60m) - return(IWM, 60m)", ["return(ETH,1h)", "return(IWM,1h)"]),
        ("corr(1h) - corr(60m)", ["corr(ETH,IWM,1h)"]),
    ],
)
def test_calls_are_filled_in_from_the_pair_and_the_defaults(text: str, keys: list[str]) -> None:
    assert [call.key for call in compiled(text).calls] == keys


def test_one_day_of_a_return_is_by_closes_and_24_hours_by_the_clock() -> None:
    (by_closes,) = compiled("return(ETH, 1d)").calls
    (by_clock,) = compiled("return(ETH, 24h)").calls
    assert (by_closes.days, by_closes.window) == (1, None)
    assert (by_clock.days, by_clock.window) == (None, 86400.0)


@pytest.mark.parametrize(
    "text", ["breakdown", "breakdown()", "breakdown(1/month)", "breakdown(false_alarms=1/month)"]
)
def test_a_budget_is_in_alarms_a_session(text: str) -> None:
    (call,) = compiled(text).calls
    assert call.rate == pytest.approx(1 / 21)


@pytest.mark.parametrize(("text", "rate"), [("2/week", 0.4), ("1/year", 1 / 252), ("1/day", 1.0)])
def test_each_period_has_its_sessions(text: str, rate: float) -> None:
    (call,) = compiled(f"breakdown({text})").calls
    assert call.rate == pytest.approx(rate)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("corr(1h)", Unit.CORRELATION),
        ("abs(divergence(1h))", Unit.SIGMA),
        ("-return(ETH)", Unit.FRACTION),
        ("return(ETH) - beta() * return(IWM)", Unit.FRACTION),
        ("corr(1h) * return(IWM)", Unit.FRACTION),
        ("price(ETH) / price(IWM)", Unit.NUMBER),
        ("price(ETH) * 5%", Unit.PRICE),
        ("2 * corr(1h)", Unit.CORRELATION),
        ("max(1, divergence(1h), -2)", Unit.SIGMA),
        ("min(corr(1h), 0.5) - 1", Unit.CORRELATION),
        ("return(ETH) * return(IWM)", Unit.NUMBER),
        ("age(ETH) / 2", Unit.DURATION),
        ("breakdown and not stale(IWM)", Unit.TRUTH),
        ("return(ETH) < 0", Unit.TRUTH),
    ],
)
def test_units_follow_from_the_metrics(text: str, unit: Unit) -> None:
    assert compiled(text).unit == unit


@pytest.mark.parametrize(
    ("text", "values", "answer"),
    [
        ("divergence(60m) < -4", {"divergence(ETH,IWM,1h)": -4.2}, True),
        ("divergence(60m) < -4 sigma", {"divergence(ETH,IWM,1h)": -4.0}, False),
        ("divergence(60m) <= -4", {"divergence(ETH,IWM,1h)": -4.0}, True),
        ("-4 > divergence(60m)", {"divergence(ETH,IWM,1h)": -4.2}, True),
        ("-2% < return(ETH) < 1%", {"return(ETH,1h)": 0.0}, True),
        ("-2% < return(ETH) < 1%", {"return(ETH,1h)": -0.02}, False),
        ("-2% < return(ETH) < 1%", {"return(ETH,1h)": 0.01}, False),
        ("return(ETH) > 20bp", {"return(ETH,1h)": 0.0021}, True),
        ("age(ETH) > 2m", {"age(ETH)": 121.0}, True),
        ("1 - 2 - 3 < price(ETH)", {"price(ETH)": -4.5}, False),
        ("not stale(ETH) and 1 < 2 * price(ETH)", {"stale(ETH)": False, "price(ETH)": 1.0}, True),
        ("price(ETH) - 1 - 1 > 0", {"price(ETH)": 2.0}, False),
        ("price(ETH) > 8 / 2 / 2", {"price(ETH)": 3.0}, True),
        ("price(ETH) + 2 * 3 > 11", {"price(ETH)": 5.0}, False),
        ("not stale(ETH) or stale(ETH)", {"stale(ETH)": True}, True),
        ("max(price(ETH), 3) > 2", {"price(ETH)": 1.0}, True),
        ("abs(-price(ETH)) > 2", {"price(ETH)": 3.0}, True),
    ],
)
def test_known_values_decide(text: str, values: dict[str, Value], answer: Value) -> None:
    assert compiled(text, truth=True).evaluate(snapshot(values)) is answer


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("price(ETH) / price(IWM) > 0", {"price(ETH)": 1.0, "price(IWM)": 0.0}),
        ("price(ETH) * 1e308 > 0", {"price(ETH)": 1e300}),
        ("min(price(ETH), price(IWM)) > 0", {"price(ETH)": None, "price(IWM)": -1.0}),
        ("-price(ETH) > 0", {"price(ETH)": None}),
        ("price(ETH) + 1 > 0", {"price(ETH)": None}),
        ("not stale(ETH)", {"stale(ETH)": None}),
        ("0 < price(ETH) < 2", {"price(ETH)": None}),
    ],
)
def test_what_cannot_be_known_is_none(text: str, values: dict[str, Value]) -> None:
    assert compiled(text, truth=True).evaluate(snapshot(values)) is None


VALUES: list[Value] = [True, False, None]


@pytest.mark.parametrize("x", VALUES)
@pytest.mark.parametrize("y", VALUES)
def test_and_or_are_three_valued(x: Value, y: Value) -> None:
    at = snapshot({"stale(ETH)": x, "stale(IWM)": y})
    both = False if False in {x, y} else None if None in {x, y} else True
    either = True if True in {x, y} else None if None in {x, y} else False
    assert compiled("stale(ETH) and stale(IWM)").evaluate(at) is both
    assert compiled("stale(ETH) or stale(IWM)").evaluate(at) is either


@pytest.mark.parametrize(("x", "answer"), [(True, False), (False, True), (None, None)])
def test_not_is_three_valued(x: Value, answer: Value) -> None:
    assert compiled("not stale(ETH)").evaluate(snapshot({"stale(ETH)": x})) is answer


@pytest.mark.parametrize(
    ("low", "high", "answer"),
    [(1.0, None, None), (9.0, None, False), (None, 1.0, False), (None, 9.0, None)],
)
def test_one_false_step_decides_a_chain(
    low: float | None, high: float | None, answer: Value
) -> None:
    at = snapshot({"price(ETH)": low, "price(IWM)": high})
    assert compiled("price(ETH) < 5 < price(IWM)").evaluate(at) is answer


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("2m", Unit.DURATION, 120.0),
        (" 1.5h ", Unit.DURATION, 5400.0),
        ("1w", Unit.DURATION, 604800.0),
        ("0.5%", Unit.FRACTION, 0.005),
        ("20 bp", Unit.FRACTION, 0.002),
    ],
)
def test_a_quantity_is_read_in_its_unit(text: str, unit: Unit, value: float) -> None:
    assert parse_quantity(text, unit) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "2", "-2m", "2%", "2 minutes", "soon", "2m 3s", "1m+1m"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(LanguageError) as caught:
        parse_quantity(text, Unit.DURATION)
    assert len(caught.value.faults) == 1
