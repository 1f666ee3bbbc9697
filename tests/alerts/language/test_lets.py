from __future__ import annotations

import pytest

from alerts.language import LanguageError, compile_expression, unused
from alerts.rule import Placeholder
from streams.instrument import Pair
from tests.alerts.language.cases import (
    INSTRUMENTS,
    PAIR,
    compiled,
    faults,
    lets,
    message,
    snapshot,
)

SPY_PAIR = Pair("BTC", "SPY")


@pytest.mark.parametrize(
    ("let", "text", "same"),
    [
        ({"far": "4 sigma"}, "divergence(60m) < -far", "divergence(60m) < -4 sigma"),
        ({"far": "1 + 2"}, "price(ETH) > 2 * far", "price(ETH) > 2 * (1 + 2)"),
        ({"slow": "24h"}, "corr(slow) < 0.2", "corr(24h) < 0.2"),
        ({"slow": "24h"}, "corr(window=slow) < 0.2", "corr(24h) < 0.2"),
        ({"rare": "1/year"}, "breakdown(false_alarms=rare)", "breakdown(1/year)"),
        ({"rare": "1/year"}, "breakdown(rare)", "breakdown(1/year)"),
        ({"soon": "2h"}, "within(fomc, soon)", "within(fomc, 2h)"),
        ({"busy": "within(fomc, 2h)"}, "not busy", "not within(fomc, 2h)"),
        ({"gap": "return(x) - return(y)"}, "abs(gap) > 5%", "abs(return(x) - return(y)) > 5%"),
        ({"a": "2", "b": "a + 1", "c": "a * b"}, "price(ETH) > c", "price(ETH) > 2 * (2 + 1)"),
    ],
)
def test_a_name_means_what_it_stands_for(let: dict[str, str], text: str, same: str) -> None:
    named, plain = compiled(text, truth=True, let=let), compiled(same, truth=True)
    assert named.calls == plain.calls
    assert named.text == text
    for figure in (-30.0, 5.0, 6.5, 1e6):
        at = snapshot({call.key: figure for call in plain.calls})
        assert named.evaluate(at) == plain.evaluate(at)


def test_a_value_takes_the_pair_of_the_rule_that_uses_it() -> None:
    let = {"falling": "return(x) < -2% and corr < 0.2"}
    for pair in (PAIR, SPY_PAIR):
        keys = {call.key for call in compiled("falling", let=let, pair=pair).calls}
        assert keys == {f"return({pair.x},1h)", f"corr({pair.x},{pair.y},1h)"}


def test_a_message_shows_a_value_that_has_a_name() -> None:
    part = message("{far}", {"far": "4 sigma"}).parts[0]
    assert isinstance(part, Placeholder)
    assert part.expression.evaluate(snapshot({})) == 4.0


@pytest.mark.parametrize(
    ("let", "name", "under", "said", "remedy"),
    [
        ({"far": "divergense"}, "far", "divergense", "unknown metric", "'divergence'?"),
        ({"far": "4 sigm"}, "far", "sigm", "unknown unit", "'sigma'?"),
        ({"far": "corr <"}, "far", "", "stops too early", "missing"),
        ({"far": ""}, "far", "", "nothing is written", ""),
        ({"far": "corr < 5%"}, "far", "5%", "is a percentage", "0.05"),
        ({"far": "far + 1"}, "far", "far", "defined by itself", "no name"),
        ({"b": "c", "c": "b"}, "b", "c", "'b' is defined by itself", "no name"),
        ({"b": "1 + c", "c": "2"}, "b", "c", "defined further down", "move 'c' above 'b'"),
        ({"other": "SPY"}, "other", "SPY", "is an instrument", "price(SPY)"),
        ({"rare": "1/mnth"}, "rare", "mnth", "unknown metric", ""),
    ],
)
def test_a_fault_of_a_value_is_told_where_it_is_defined(
    let: dict[str, str], name: str, under: str, said: str, remedy: str
) -> None:
    found = lets(let)
    assert not found.name_faults
    ((at, (fault,)),) = found.text_faults.items()
    assert at == name
    assert let[name][fault.start : fault.end] == under
    assert said in fault.message
    assert remedy in fault.remedy


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("corr", "a metric"),
        ("until", "a metric"),
        ("abs", "a function"),
        ("within", "a function"),
        ("ETH", "an instrument"),
        ("fomc", "an event"),
        ("x", "a word of the rule language"),
        ("now", "a word of the rule language"),
        ("pair", "a word of the rule language"),
        ("sigma", "a word of the rule language"),
        ("month", "a word of the rule language"),
        ("horizon", "a word of the rule language"),
        ("and", "a word of the rule language"),
        ("my-level", "cannot be a name"),
        ("", "cannot be a name"),
        ("a" * 33, "cannot be a name"),
    ],
)
def test_a_name_that_is_taken_is_a_fault_and_keeps_its_meaning(name: str, kind: str) -> None:
    found = lets({name: "4"})
    assert kind in found.name_faults[name].message
    assert name not in found.definitions


def test_what_uses_a_faulty_value_says_nothing_more() -> None:
    named = lets({"far": "divergense", "near": "far / 2", "slow": "1 hour", "list": None})
    assert set(named.text_faults) == {"far", "slow"}
    for text in (
        "corr < far",
        "max(near, 2) > 1",
        "corr(slow) < 0",
        "corr(window=slow) < 0",
        "list > 1",
    ):
        with pytest.raises(LanguageError) as caught:
            compile_expression(text, PAIR, INSTRUMENTS, truth=True, lets=named.definitions)
        assert caught.value.faults == ()


def test_a_faulty_value_hides_no_other_fault() -> None:
    named = lets({"far": "divergense"}).definitions
    text = "corr < far and corr < 5% and breakdwn"
    with pytest.raises(LanguageError) as caught:
        compile_expression(text, PAIR, INSTRUMENTS, truth=True, lets=named)
    assert [text[f.start : f.end] for f in caught.value.faults] == ["5%", "breakdwn"]


@pytest.mark.parametrize(
    ("text", "under", "said", "remedy"),
    [
        ("corr < far", "far", "'far' is a number of standard deviations", ""),
        ("corr(far) < 0", "far", "not a unit of time", ""),
        ("corr(three) < 0", "three", "'three' has no unit", "3m"),
        ("far(2) > 1", "far", "is a named value", "without brackets"),
        ("farr < divergence", "farr", "unknown metric", "'far'?"),
        ("far < three", "far < three", "compares constants", ""),
        ("three", "three", "is a plain number", ""),
    ],
)
def test_a_name_used_wrongly_is_a_fault_of_its_place(
    text: str, under: str, said: str, remedy: str
) -> None:
    (fault,) = faults(text, truth=True, let={"far": "4 sigma", "three": "3"})
    assert text[fault.start : fault.end] == under
    assert said in fault.message
    assert remedy in fault.remedy


def test_values_of_values_cannot_grow_without_end() -> None:
    doubling = {"a0": "corr"} | {f"a{n}": f"a{n - 1} + a{n - 1}" for n in range(1, 60)}
    found = lets(doubling)
    ((name, (fault,)), *_) = found.text_faults.items()
    assert 8 < int(name[1:]) < 14
    assert "too large" in fault.message


def test_a_rule_of_large_values_is_refused() -> None:
    let = {"wide": f"max({', '.join(['corr'] * 300)})"}
    (fault,) = faults(f"max({', '.join(['wide'] * 30)}) < 1", let=let)
    assert "too large" in fault.message


def test_values_nested_in_values_are_not_deeper_than_a_rule_may_be() -> None:
    deep = {"a0": "corr"} | {f"a{n}": f"-a{n - 1}" for n in range(1, 45)}
    ((name, (fault,)), *rest) = lets(deep).text_faults.items()
    assert (name, rest) == ("a40", [])
    assert "too large" in fault.message


def test_unused_values_are_named() -> None:
    texts = {"a": "1", "b": "a + 1", "c": "2", "d": "3", "e": "d", "f": "(("}
    assert unused(texts, ["corr < b", "(("], ["{c} {d", "{{e}}"]) == ["d", "e", "f"]
    assert unused(texts, [], []) == list(texts)
    assert unused({}, ["corr < b"], []) == []
