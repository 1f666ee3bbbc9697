"""The language against a second evaluation written apart from it, and against garbage."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.language import LanguageError, TextFault
from alerts.render import render
from tests.alerts.language.cases import compiled, lets, message, snapshot

Readings = Mapping[str, float | bool | None]
Answer = float | bool | None

FIGURES = ("price(ETH)", "price(IWM)")
TRUTHS = ("stale(ETH)", "stale(IWM)")


class Case(msgspec.Struct, frozen=True):
    """An expression's text, and what it means."""

    text: str
    meaning: Callable[[Readings], Answer]


def reading(name: str) -> Case:
    return Case(name, lambda readings: readings[name])


def arithmetic(case: tuple[Case, str, Case]) -> Case:
    left, sign, right = case
    work = {"+": operator.add, "-": operator.sub, "*": operator.mul}[sign]

    def meaning(readings: Readings) -> Answer:
        a, b = left.meaning(readings), right.meaning(readings)
        return None if a is None or b is None else float(work(a, b))

    return Case(f"({left.text} {sign} {right.text})", meaning)


def compared(case: tuple[Case, str, Case]) -> Case:
    left, sign, right = case
    work = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}[sign]

    def meaning(readings: Readings) -> Answer:
        a, b = left.meaning(readings), right.meaning(readings)
        return None if a is None or b is None else bool(work(a, b))

    return Case(f"{left.text} {sign} {right.text}", meaning)


def inverted(case: Case) -> Case:
    def meaning(readings: Readings) -> Answer:
        value = case.meaning(readings)
        return None if value is None else not value

    return Case(f"not ({case.text})", meaning)


def joined(case: tuple[str, list[Case]]) -> Case:
    word, cases = case
    settles = word == "or"

    def meaning(readings: Readings) -> Answer:
        values = [each.meaning(readings) for each in cases]
        return settles if settles in values else None if None in values else not settles

    return Case(f" {word} ".join(f"({each.text})" for each in cases), meaning)


# A reading times a whole number is a price whatever stands beside it, so units always agree.
prices = st.sampled_from(FIGURES).map(reading)
sums = st.recursive(
    prices,
    lambda inner: st.tuples(inner, st.sampled_from("+-"), inner).map(arithmetic),
    max_leaves=6,
)
scales = st.integers(-3, 3).map(lambda n: Case(f"({n})", lambda _: float(n)))
figures = sums | st.tuples(sums, st.just("*"), scales).map(arithmetic)
comparisons = st.tuples(figures, st.sampled_from(["<", "<=", ">", ">="]), figures).map(compared)
truths = st.recursive(
    comparisons | st.sampled_from(TRUTHS).map(reading),
    lambda inner: (
        inner.map(inverted)
        | st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3)).map(
            joined
        )
    ),
    max_leaves=8,
)
values = st.fixed_dictionaries(
    dict.fromkeys(FIGURES, st.none() | st.integers(-5, 5).map(float))
    | dict.fromkeys(TRUTHS, st.none() | st.booleans())
)


@settings(max_examples=100, deadline=None)
@given(truths, values, values)
def test_a_condition_has_changed_if_its_two_answers_differ(
    case: Case, before: Readings, now: Readings
) -> None:
    earlier, later = case.meaning(before), case.meaning(now)
    expected = None if earlier is None or later is None else earlier is not later
    changed = compiled(f"changed({case.text})", truth=True)
    assert changed.evaluate(snapshot(now), snapshot(before)) is expected


@settings(max_examples=100, deadline=None)
@given(sums, sums, values, values)
def test_one_figure_crosses_another_if_it_is_above_now_and_was_not_before(
    left: Case, right: Case, before: Readings, now: Readings
) -> None:
    a, b, c, d = (side.meaning(at) for at in (before, now) for side in (left, right))
    expected = None
    if a is not None and b is not None and c is not None and d is not None:
        expected = a <= b and c > d
    crossing = compiled(f"crosses_above({left.text}, {right.text})", truth=True)
    assert crossing.evaluate(snapshot(now), snapshot(before)) is expected


@settings(max_examples=100, deadline=None)
@given(truths, values)
def test_a_condition_under_a_name_means_the_same(case: Case, readings: Readings) -> None:
    named = compiled("not named", truth=True, let={"named": case.text})
    plain = case.meaning(readings)
    assert named.evaluate(snapshot(readings)) is (None if plain is None else not plain)


@settings(max_examples=150, deadline=None)
@given(truths, values)
def test_closures_mean_what_the_text_says(case: Case, readings: Readings) -> None:
    expression = compiled(case.text, truth=True)
    assert expression.evaluate(snapshot(readings)) is case.meaning(readings)


WORDS = (
    *("corr", "divergence", "return", "price", "stale", "breakdown", "beta", "abs", "max"),
    *("ETH", "IWM", "pair", "1h", "60m", "1d", "5%", "20bp", "4 sigma", "-4", "1/month"),
    *("and", "or", "not", "<", "<=", ">", ">=", "(", ")", ",", "+", "-", "*", "/", "=", "|"),
    *("{", "}", "{{ ", "}}", "horizon=", "é", "\x00", ".5", "1e9"),
    *("changed", "crosses_above", "within", "until", "since", "fomc", "x", "y", "now", "time"),
    *("far", "near", "busy", "date", "Europe/Berlin", "{now|time", "{until(fomc)|date", "/"),
)
words = st.sampled_from(WORDS)
texts = st.lists(words, max_size=14).map(" ".join) | st.text(max_size=40)


def outcome(compile_text: Callable[[str], object], text: str) -> tuple[TextFault, ...] | None:
    """The faults, or None where there is no error."""
    try:
        compile_text(text)
    except LanguageError as error:
        return error.faults
    return None


LETS = {"far": "4 sigma", "near": "far / 2", "busy": "within(fomc, 2h)"}


@settings(max_examples=300, deadline=None)
@given(texts)
def test_no_text_raises_anything_but_faults_within_it(text: str) -> None:
    for compile_text in (compiled, message):
        found = outcome(partial(compile_text, let=LETS), text)
        assert found != ()
        assert all(0 <= fault.start <= fault.end <= len(text) for fault in found or ())


named = st.dictionaries(st.sampled_from(("a", "b", "c", "far")), texts, max_size=4)


@settings(max_examples=200, deadline=None)
@given(named)
def test_no_named_values_raise_anything_but_faults_within_them(given_texts: dict[str, str]) -> None:
    found = lets(given_texts)
    assert not found.name_faults
    assert set(found.definitions) == set(given_texts)
    for name, told in found.text_faults.items():
        assert told
        assert all(0 <= fault.start <= fault.end <= len(given_texts[name]) for fault in told)


@settings(max_examples=100, deadline=None)
@given(texts)
def test_a_message_that_compiles_can_be_shown_without_data(text: str) -> None:
    with suppress(LanguageError):
        checked = message(text, LETS)
        calls = [
            call.key
            for part in checked.parts
            if not isinstance(part, str)
            for call in part.expression.calls
        ]
        render(checked, snapshot(dict.fromkeys(calls)))
