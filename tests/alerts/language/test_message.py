from __future__ import annotations

import pytest

from alerts.language import LanguageError
from alerts.rule import Placeholder
from tests.alerts.language.cases import message


def test_literals_and_placeholders_stand_in_order() -> None:
    parts = message("{{x}} {pair}: {price(ETH)|money}!").parts
    assert parts[0] == "{x} ETH-IWM: "
    assert isinstance(parts[1], Placeholder)
    assert (parts[1].expression.text, parts[1].format) == ("price(ETH)", "money")
    assert parts[2:] == ("!",)


@pytest.mark.parametrize(
    ("text", "under", "remedy"),
    [
        ("a {foo} b", "foo", "known"),
        ("a {divergense(60m)|sigma}", "divergense", "'divergence'?"),
        ("{price(ETH)|mony}", "mony", "'money'?"),
        ("{return(ETH) | percent }", "percent", "'%'?"),
        ("{price(ETH)|%}", "%", "leave"),
        ("{stale(ETH)|number}", "number", "leave"),
        ("a { b", "{", "'{{'"),
        ("a } b", "}", "'}}'"),
        ("a {} b", "", ""),
        ("{3}", "3", "name one"),
        ("{pair|money}", "pair", "stand alone"),
        ("{now|mony}", "mony", "'money'?"),
        ("{now|money}", "money", "leave"),
        ("{now|time Europe/Berln}", "Europe/Berln", "'Europe/Berlin'?"),
        ("{now|time  Berlin}", "Berlin", "'Europe/Berlin'?"),
        ("{now|date New York}", "New York", "'America/New_York'?"),
        ("{now|time ../../etc/passwd}", "../../etc/passwd", "Europe/Berlin"),
        ("{now|time Europe}", "Europe", "write it as"),
        ("{now|clock}", "clock", "'time'?"),
        ("{price(ETH)|time}", "time", "{now|time}"),
        ("{until(fomc) * 2|time}", "time", "{until("),
        ("{until(fomc)|duration UTC}", "duration UTC", "'duration'?"),
        ("{now + 1h}", "now", "{now|time}"),
        ("{until(fomk)|time}", "fomk", "'fomc'?"),
    ],
)
def test_a_fault_of_a_message_stands_where_it_is(text: str, under: str, remedy: str) -> None:
    with pytest.raises(LanguageError) as caught:
        message(text)
    (fault,) = caught.value.faults
    assert text[fault.start : fault.end] == under
    assert remedy in fault.remedy


def test_all_faults_of_a_message_are_found_in_one_pass() -> None:
    with pytest.raises(LanguageError) as caught:
        message("{foo} } {price(ETH)|mony} {corr(1h) < 5%}")
    assert len(caught.value.faults) == 4
