"""One rule over all pairs: bare metrics, and the pair's legs by the names x and y."""

from __future__ import annotations

import pytest

from streams.instrument import Pair
from tests.alerts.language.cases import PAIR, compiled, faults, message

OTHER = Pair("BTC", "SPY", ("IWM",))


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("corr(1h) < 0", ["corr({x},{y},1h)"]),
        ("partial(1d) < 0", ["partial({x},{y},{c},1d)"]),
        ("price(x) > 1 and return(y, 60m) < 0", ["price({x})", "return({y},1h)"]),
        ("corr(y, x, 2h) < 0", ["corr({y},{x},2h)"]),
        ("age(x) > 1m or stale(y)", ["age({x})", "stale({y})"]),
        ("corr(x, BTC) < 0.5 or price(ETH) < 1", ["corr({x},BTC,1h)", "price(ETH)"]),
    ],
)
@pytest.mark.parametrize("pair", [PAIR, Pair("SPY", "IWM", ("ETH",))])
def test_a_condition_is_of_the_rules_own_pair(text: str, keys: list[str], pair: Pair) -> None:
    legs = {"x": pair.x, "y": pair.y, "c": pair.controls[0]}
    calls = compiled(text, truth=True, pair=pair).calls
    assert [call.key for call in calls] == [key.format(**legs) for key in keys]


def test_a_message_names_the_pair_and_its_legs() -> None:
    assert message("{pair}: {x} against { y }", pair=OTHER).parts == ("BTC-SPY: BTC against SPY",)


@pytest.mark.parametrize(
    ("text", "under", "said"),
    [
        ("x > 1", "x", "is an instrument"),
        ("corr(x, ETH) < 1", "corr(x, ETH)", "two instruments"),
        ("price(z) > 1", "z", "unknown instrument"),
        ("price(X) > 1", "X", "unknown instrument"),
    ],
)
def test_a_leg_is_an_instrument_and_no_more(text: str, under: str, said: str) -> None:
    (fault,) = faults(text, truth=True)
    assert text[fault.start : fault.end] == under
    assert said in fault.message
