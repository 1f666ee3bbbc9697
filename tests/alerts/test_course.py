"""A rule's life: recovering, doubt, what it is asked with."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from alerts.engine import Engine
from alerts.rule import Rule, Value
from alerts.transition import State
from streams.instrument import NS
from streams.snapshot import Reading, Snapshot
from tests.alerts.rules import CALL, HIGH, LOW, UNCLEAR, brief, live, rule, snapshot


def states(given: Rule, values: Sequence[float | None]) -> list[tuple[int, str]]:
    return [(second, state) for second, _, state in brief(live(Engine([given]), values))]


def test_clear_for_must_be_held_before_a_rule_resolves() -> None:
    assert states(rule(clear_hold=2), [LOW, HIGH, HIGH, HIGH]) == [
        (0, "firing told"),
        (1, "recovering"),
        (3, "resolved told"),
    ]


def test_one_that_falls_back_fires_on_silently_as_the_same_incident() -> None:
    found = live(Engine([rule(clear_hold=2, repeat=100)]), [LOW, HIGH, LOW, HIGH, HIGH, HIGH])
    assert [(second, state) for second, _, state in brief(found)] == [
        (0, "firing told"),
        (1, "recovering"),
        (2, "still firing"),
        (3, "recovering"),
        (5, "resolved told"),
    ]
    assert len({t.incident for t in found}) == 1
    assert found[-1].since == 0


def test_one_that_falls_back_has_been_firing_all_the_while() -> None:
    engine = Engine([rule(clear_hold=2)])
    live(engine, [LOW, HIGH])
    assert (engine.standings()[0].state, engine.standings()[0].since) == (State.RECOVERING, NS)
    live(engine, [LOW], start=2)
    assert (engine.standings()[0].state, engine.standings()[0].since) == (State.FIRING, 0)


def test_unknown_stops_the_recovery_without_setting_it_back() -> None:
    values = [LOW, HIGH, HIGH, None, None, None, HIGH, HIGH]
    assert states(rule(clear_hold=2), values)[-1] == (7, "resolved told")


def test_between_the_levels_a_recovery_falls_back() -> None:
    assert states(rule(clear=True, clear_hold=2), [LOW, HIGH, UNCLEAR, HIGH]) == [
        (0, "firing told"),
        (1, "recovering"),
        (2, "still firing"),
        (3, "recovering"),
    ]


def test_nobody_is_reminded_of_what_recovers() -> None:
    assert states(rule(clear_hold=9, repeat=2), [LOW, HIGH, HIGH, HIGH, HIGH, LOW]) == [
        (0, "firing told"),
        (1, "recovering"),
        (5, "still firing told"),
    ]


def test_a_recovery_tells_the_values_it_goes_by() -> None:
    _, recovering = live(Engine([rule(clear_hold=2)]), [LOW, -1.0])
    assert recovering.message == "Recovering. Now divergence 1h −1.0 σ."
    assert recovering.incident


def test_incidents_within_a_second_have_names_of_their_own() -> None:
    engine = Engine([rule()])
    names = []
    for second, value in [(1, LOW), (1.2, HIGH), (1.3, LOW)]:
        found = engine.update(snapshot(second, value), round(second * NS))
        names += [t.incident for t in found if t.state is State.FIRING]
    assert names == ["behind/ETH-IWM/1", "behind/ETH-IWM/1.300000000"]


def test_what_cannot_be_said_of_a_rule_has_the_reason_of_the_first_unknown_reading() -> None:
    engine = Engine([rule()])
    (unseen,) = engine.standings()
    assert (unseen.doubt, unseen.reason) == ("unknown", "not looked at yet")
    engine.update(snapshot(0, None), 0)
    (blind,) = engine.standings()
    assert (blind.doubt, blind.reason) == ("unknown", "stale")
    engine.update(snapshot(1, HIGH), NS)
    (seen,) = engine.standings()
    assert (seen.doubt, seen.reason) == ("", "")


def test_lost_data_leave_a_firing_rule_firing_and_in_doubt() -> None:
    engine = Engine([rule()])
    live(engine, [LOW, None])
    (standing,) = engine.standings()
    assert (standing.state, standing.doubt) == (State.FIRING, "unknown")


def test_outside_its_session_a_rule_is_suspended() -> None:
    engine = Engine([rule(session="regular")])
    engine.update(snapshot(0, LOW, "closed"), 0)
    (standing,) = engine.standings()
    assert standing.doubt == "suspended"
    assert standing.reason == "looked at in regular hours only, it is closed"
    engine.update(snapshot(1, HIGH), NS)
    (standing,) = engine.standings()
    assert (standing.doubt, standing.reason) == ("", "")


def test_time_outside_the_session_counts_for_no_clock() -> None:
    engine = Engine([rule(session="regular", hold=2, clear_hold=2)])
    found = []
    for second, value, session in [
        (0, LOW, "regular"),
        *((second, LOW, "closed") for second in range(1, 9)),
        *((second, LOW, "regular") for second in range(9, 12)),
        (12, HIGH, "regular"),
        *((second, HIGH, "closed") for second in range(13, 19)),
        *((second, HIGH, "regular") for second in range(19, 22)),
    ]:
        found += engine.update(snapshot(second, value, session), second * NS)
    assert [(second, state) for second, _, state in brief(found)] == [
        (0, "pending"),
        (11, "firing told"),
        (12, "recovering"),
        (21, "resolved told"),
    ]


def test_the_revision_rises_with_what_is_said_not_with_its_figures() -> None:
    engine = Engine([rule()])

    def look(second: int, reading: Reading) -> int:
        given = Snapshot(second * NS, {CALL.key: reading}, {})
        engine.update(given, given.ts)
        return engine.revision

    first = look(0, Reading(None, "warming up 3/60"))
    assert look(1, Reading(None, "warming up 4/60")) == first
    assert engine.standings()[0].reason == "warming up 4/60"
    second = look(2, Reading(None, "stale"))
    third = look(3, Reading(HIGH))
    assert look(4, Reading(HIGH - 1)) == third
    fires = look(5, Reading(LOW))
    assert first < second < third < fires
    assert look(6, Reading(LOW - 1)) == fires


class Asked:
    """Notes what it is asked with."""

    def __init__(self, answer: Value) -> None:
        self.answer = answer
        self.before: list[int | None] = []

    def __call__(self, _: Snapshot, before: Snapshot | None = None, /) -> Value:
        self.before.append(None if before is None else before.ts // NS)
        return self.answer


def asking(answer: Value, session: str | None = None) -> tuple[Rule, Asked]:
    asked = Asked(answer)
    given = rule(session=session)
    when = msgspec.structs.replace(given.when, evaluate=asked)
    return msgspec.structs.replace(given, when=when), asked


@pytest.mark.parametrize("answer", [True, False, None])
def test_a_rule_is_given_the_snapshot_of_its_evaluation_before(answer: Value) -> None:
    given, asked = asking(answer)
    live(Engine([given]), [HIGH] * 3)
    assert asked.before == [None, 0, 1]


def test_after_a_session_there_is_no_evaluation_before() -> None:
    given, asked = asking(answer=False, session="regular")
    engine = Engine([given])
    for second, session in enumerate(["regular", "regular", "closed", "regular", "regular"]):
        engine.update(snapshot(second, HIGH, session), second * NS)
    assert asked.before == [None, 0, None, 3]


def test_an_answer_missing_for_want_of_an_earlier_look_says_so() -> None:
    given, _ = asking(None)
    engine = Engine([given])
    live(engine, [HIGH])
    assert engine.standings()[0].reason == "the first look"
    live(engine, [HIGH], start=1)
    assert engine.standings()[0].reason == "it has no value"
