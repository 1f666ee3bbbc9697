from __future__ import annotations

import pytest

from alerts.language import LanguageError, compile_expression
from alerts.rule import Value
from tests.alerts.language.cases import INSTRUMENTS, PAIR, compiled, faults, snapshot

CORR = "corr(ETH,IWM,1h)"


@pytest.mark.parametrize(
    ("text", "before", "now", "answer"),
    [
        ("changed(stale(ETH))", False, True, True),
        ("changed(stale(ETH))", True, True, False),
        ("changed(stale(ETH))", None, True, None),
        ("changed(stale(ETH))", True, None, None),
        ("changed(not stale(ETH))", True, False, True),
        ("changed(price(ETH))", 1.0, 2.0, True),
        ("changed(price(ETH) * 0)", 1.0, 2.0, False),
        ("changed(price(ETH) > 3)", 1.0, 2.0, False),
        ("not changed(price(ETH))", 1.0, 1.0, True),
        ("crosses_above(price(ETH), 2)", 1.0, 3.0, True),
        ("crosses_above(price(ETH), 2)", 2.0, 3.0, True),
        ("crosses_above(price(ETH), 2)", 1.0, 2.0, False),
        ("crosses_above(price(ETH), 2)", 3.0, 4.0, False),
        ("crosses_above(price(ETH), 2)", 3.0, 1.0, False),
        ("crosses_above(price(ETH), 2)", None, 3.0, None),
        ("crosses_above(price(ETH), 2)", 1.0, None, None),
        ("crosses_below(price(ETH), 2)", 3.0, 1.0, True),
        ("crosses_below(price(ETH), 2)", 2.0, 1.0, True),
        ("crosses_below(price(ETH), 2)", 3.0, 2.0, False),
        ("crosses_below(price(ETH), 2)", 1.0, 1.5, False),
        ("crosses_below(2, price(ETH))", 1.0, 3.0, True),
    ],
)
def test_what_looks_back_holds_now_against_the_evaluation_before(
    text: str, before: Value, now: Value, answer: Value
) -> None:
    (call,) = compiled(text).calls
    then, at = snapshot({call.key: before}), snapshot({call.key: now})
    assert compiled(text, truth=True).evaluate(at, then) is answer


def test_two_values_may_cross_each_other() -> None:
    crossing = compiled("crosses_above(price(ETH), price(IWM))", truth=True)
    then = snapshot({"price(ETH)": 1.0, "price(IWM)": 2.0})
    at = snapshot({"price(ETH)": 1.5, "price(IWM)": 1.0})
    assert crossing.evaluate(at, then) is True
    assert crossing.evaluate(then, at) is False


@pytest.mark.parametrize("text", ["changed(price(ETH))", "crosses_above(price(ETH), 0)"])
def test_nothing_is_known_of_a_change_without_an_evaluation_before(text: str) -> None:
    at = snapshot({"price(ETH)": 1.0})
    assert compiled(text).evaluate(at) is None
    assert compiled(text).evaluate(at, snapshot({})) is None


def test_a_change_may_be_one_part_of_a_condition() -> None:
    rule = compiled("changed(stale(ETH)) and price(IWM) > 1", truth=True)
    then = snapshot({"stale(ETH)": True, "price(IWM)": 9.0})
    at = snapshot({"stale(ETH)": False, "price(IWM)": 2.0})
    assert rule.evaluate(at, then) is True
    assert rule.evaluate(at) is None
    assert rule.evaluate(snapshot({"stale(ETH)": True, "price(IWM)": 0.0})) is False


@pytest.mark.parametrize(
    ("until", "since", "answer"),
    [
        (3600.0, 9e6, True),
        (9e6, 3600.0, True),
        (9e6, 9e6, False),
        (7200.0, None, True),
        (None, 7200.0, True),
        (7201.0, None, None),
        (None, 7201.0, None),
        (None, None, None),
        (9e6, 0.0, True),
    ],
)
def test_an_event_is_near_whether_it_comes_or_was(
    until: float | None, since: float | None, answer: Value
) -> None:
    near = compiled("within(fomc, 2h)", truth=True)
    assert {call.key for call in near.calls} == {"until(fomc)", "since(fomc)"}
    assert near.evaluate(snapshot({"until(fomc)": until, "since(fomc)": since})) is answer


def test_events_are_metrics_in_time() -> None:
    rule = compiled("until(fomc) < 30m and since(cpi) > 1d", truth=True)
    assert [call.key for call in rule.calls] == ["until(fomc)", "since(cpi)"]
    assert rule.evaluate(snapshot({"until(fomc)": 1799.0, "since(cpi)": 86401.0})) is True


@pytest.mark.parametrize(
    ("text", "under", "message", "remedy"),
    [
        ("changed()", "changed()", "takes one value", "changed(breakdown)"),
        ("changed(beta, corr)", "changed(beta, corr)", "takes one value", ""),
        ("changed(5)", "changed(5)", "never changes", "changed(breakdown)"),
        ("changed(changed(breakdown))", "changed", "never known", "evaluation before"),
        ("crosses_above(corr)", "crosses_above(corr)", "two values", "corr(1h), 0.5"),
        ("crosses_above(1, 2)", "crosses_above(1, 2)", "never changes", ""),
        ("crosses_below(corr, 5%)", "5%", "is a percentage", "write 0.05"),
        ("crosses_below(corr, 2)", "2", "never reached", "between -1 and 1"),
        ("crosses_below(corr, 2h)", "2h", "is a duration", ""),
        ("crosses_above(stale(ETH), 1)", "stale(ETH)", "is a yes or no", ""),
        ("changed(crosses_above(corr, 0.5))", "crosses_above", "inside 'changed'", ""),
        ("changed(divergense)", "divergense", "unknown metric", "'divergence'?"),
        ("within(fomc)", "within(fomc)", "an event and a duration", "within(fomc, 24h)"),
        ("within(24h, fomc)", "within(24h, fomc)", "an event and a duration", ""),
        ("within(fomk, 24h)", "fomk", "unknown event", "'fomc'?"),
        ("within(fomc, 24)", "24", "is a plain number, not a duration", "24h"),
        ("within(fomc, corr)", "corr", "is a correlation, not a duration", ""),
        ("until() < 1h", "until()", "is of one event", "until(fomc)"),
        ("until < 1h", "until", "is of one event", "until(fomc)"),
        ("until(fomc, cpi) < 1h", "until(fomc, cpi)", "is of one event", ""),
        ("until(ETH) < 1h", "ETH", "unknown event", "cpi, fomc"),
        ("fomc < 1h", "fomc", "is an event", "until(fomc)"),
        ("until(fomc) < 5", "5", "is a plain number", "5m"),
        ("price(fomc) < 5", "fomc", "unknown instrument", ""),
        ("chnged(breakdown)", "chnged", "unknown metric", "'changed'?"),
    ],
)
def test_a_fault_stands_under_what_is_wrong(
    text: str, under: str, message: str, remedy: str
) -> None:
    (fault,) = faults(text, truth=True)
    assert text[fault.start : fault.end] == under
    assert message in fault.message
    assert remedy in fault.remedy


@pytest.mark.parametrize("text", ["until(fomc) < 1h", "since(fomc) < 1h", "within(fomc, 1h)"])
def test_without_a_calendar_no_event_is_known(text: str) -> None:
    with pytest.raises(LanguageError) as caught:
        compile_expression(text, PAIR, INSTRUMENTS, truth=True)
    (fault,) = caught.value.faults
    assert fault.message == "no events are configured"
