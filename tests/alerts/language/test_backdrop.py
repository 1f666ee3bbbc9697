from __future__ import annotations

import pytest

from streams.metric import CONTEXT, Call, Unit
from tests.alerts.language.cases import compiled, faults, message, snapshot


@pytest.mark.parametrize("name", CONTEXT)
def test_a_series_of_the_context_is_written_by_its_name_alone(name: str) -> None:
    assert compiled(name).calls == compiled(f"{name}()").calls == (Call(name, ()),)


def test_the_odds_may_name_the_next_meeting() -> None:
    assert compiled("cut_odds(next) > 50%").calls == (Call("cut_odds", ()),)


def test_rates_are_percentages_and_indices_plain_numbers() -> None:
    units = {name: compiled(name).unit for name in CONTEXT}
    plain = {name for name, unit in units.items() if unit is Unit.NUMBER}
    assert plain == {"vix", "fear_greed"}
    assert {unit for name, unit in units.items() if name not in plain} == {Unit.FRACTION}


def test_the_rule_of_both_falling_in_fear_holds_and_does_not() -> None:
    both = "return(ETH, 1d) < -5% and return(IWM, 1d) < -2% and vix > 25"
    falling = {"return(ETH,1d)": -0.06, "return(IWM,1d)": -0.03}
    expression = compiled(both, truth=True)
    answers = [expression.evaluate(snapshot(falling | {"vix()": vix})) for vix in (27.4, 20, None)]
    assert answers == [True, False, None]


def test_a_level_as_written_is_the_level_as_published() -> None:
    """4.33 of a source and 4.33% of a rule are made by the same product."""
    at = snapshot({"fed_funds()": 4.33 * 0.01})
    assert compiled("fed_funds >= 4.33% and fed_funds <= 4.33%", truth=True).evaluate(at) is True


def test_a_message_shows_it() -> None:
    assert message("{vix} and {us2y}").parts[1] == " and "


@pytest.mark.parametrize(
    ("text", "under", "said", "remedy"),
    [
        ("vix(1h) > 25", "vix(1h)", "nothing in brackets", "write it as vix"),
        ("vix(ETH) > 25", "vix(ETH)", "nothing in brackets", "write it as vix"),
        ("vix(next) > 25", "vix(next)", "nothing in brackets", "write it as vix"),
        ("cut_odds(march) > 5%", "cut_odds(march)", "next meeting alone", "write it as cut_odds"),
        ("cut_odds(next, 1d) > 5%", "cut_odds(next, 1d)", "next meeting", "write it as cut_odds"),
        ("us2y > 4.5", "4.5", "is a plain number", "write 4.5%"),
        ("vix > 25%", "25%", "is a percentage", ""),
        ("vux > 25", "vux", "unknown metric", "'vix'?"),
        ("next > 3", "next", "unknown metric", ""),
    ],
)
def test_a_mistake_is_told_where_it_stands(text: str, under: str, said: str, remedy: str) -> None:
    (fault,) = faults(text, truth=True)
    assert text[fault.start : fault.end] == under
    assert said in fault.message
    assert remedy in fault.remedy
