from __future__ import annotations

import pytest

from alerts.language import compile_expression
from alerts.rule import Rule
from daemon.unknown import Unknown, Unknowns
from streams.instrument import Pair
from streams.snapshot import Reading, Snapshot

PAIR = Pair("ETH", "IWM")
CORR = "corr(ETH,IWM,20d)"
AGE = "age(IWM)"


def rule(name: str, when: str, session: str | None = None) -> Rule:
    expression = compile_expression(when, PAIR, ("ETH", "IWM"), truth=True)
    return Rule(name, name, PAIR, expression, session=session)


def seen(rules: list[Rule], *corr: Reading, now: str = "regular") -> list[Unknown]:
    unknowns = Unknowns(rules)
    for ts, reading in enumerate(corr):
        readings = {CORR: reading, AGE: Reading(1.0)}
        unknowns.on_snapshot(Snapshot(ts, readings, {"ETH": "regular", "IWM": now}))
    return list(unknowns.found())


WARMING = [Reading(None, f"warming up {n}/20 closes") for n in range(20)]
KNOWN = Reading(0.5)


def test_how_long_and_the_last_reason_are_told() -> None:
    (found,) = seen([rule("apart", "corr(20d) < 0")], *WARMING, *[KNOWN] * 20)
    assert found.text == (
        "Unknown for 50% of the time: apart (corr(ETH,IWM,20d): warming up 19/20 closes)"
    )


def test_rules_that_lack_the_same_are_told_of_together() -> None:
    rules = [rule("apart", "corr(20d) < 0"), rule("together", "corr(20d) > 0.9")]
    (found,) = seen(rules, *WARMING)
    assert found.rules == ("apart", "together")
    assert found.text.startswith("Unknown for all of the time: apart, together (")


def test_what_is_decided_without_the_missing_value_is_known() -> None:
    assert not seen([rule("both", "corr(20d) < 0 and age(IWM) > 5s")], *WARMING)


def test_a_little_is_not_worth_a_word() -> None:
    assert not seen([rule("apart", "corr(20d) < 0")], WARMING[0], *[KNOWN] * 30)


@pytest.mark.parametrize(("session", "now"), [("regular", "closed"), ("closed", "regular")])
def test_a_rule_is_looked_at_in_its_hours_alone(session: str, now: str) -> None:
    asked = [rule("apart", "corr(20d) < 0", session)]
    assert not seen(asked, *WARMING, now=now)
    assert seen(asked, *WARMING, now=session)


def test_nothing_is_expected_of_a_closed_market() -> None:
    assert not seen([rule("apart", "corr(20d) < 0")], *[Reading(None, "closed")] * 9)
