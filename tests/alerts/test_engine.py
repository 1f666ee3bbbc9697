from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.engine import Engine
from alerts.rule import Rule
from alerts.transition import State, Transition
from streams.instrument import NS
from tests.alerts.rules import CALL, rule, snapshot


def run(
    given_rule: Rule, values: Sequence[float | None], sessions: Sequence[str] = ()
) -> list[tuple[int, State]]:
    """A value a second; (second, state) of each transition."""
    return [(t.ts // NS, t.state) for t in transitions(given_rule, values, sessions)]


def transitions(
    given_rule: Rule, values: Sequence[float | None], sessions: Sequence[str] = ()
) -> list[Transition]:
    engine, out = Engine([given_rule]), list[Transition]()
    for second, value in enumerate(values):
        session = sessions[second] if sessions else "regular"
        out += engine.update(snapshot(second, value, session), second * NS)
    return out


def test_a_rule_without_for_fires_at_once_and_resolves_when_it_no_longer_holds() -> None:
    assert run(rule(), [0, -5, -5, -1]) == [(1, State.FIRING), (3, State.RESOLVED)]


def test_for_must_be_held() -> None:
    assert run(rule(hold=2), [-5, -5, -5, -5]) == [(0, State.PENDING), (2, State.FIRING)]
    assert run(rule(hold=3), [-5, -5, 0, -5]) == [
        (0, State.PENDING),
        (2, State.INACTIVE),
        (3, State.PENDING),
    ]


def test_a_clear_level_keeps_a_firing_rule_firing() -> None:
    states = run(rule(clear=True), [-5, -3, -3, -2.5, -1])
    assert states == [(0, State.FIRING), (4, State.RESOLVED)]


def test_unknown_neither_fires_nor_resolves() -> None:
    assert run(rule(), [None, None]) == []
    assert run(rule(), [-5, None, None, -5]) == [(0, State.FIRING)]


def test_unknown_stops_the_for_clock_without_setting_it_back() -> None:
    values = [-5, -5, None, None, None, None, -5, -5]
    assert run(rule(hold=2), values) == [(0, State.PENDING), (7, State.FIRING)]


def test_outside_its_session_a_rule_neither_fires_nor_resolves() -> None:
    shut = ["closed"] * 3
    assert run(rule(session="regular"), [-5, -5, -5], shut) == []
    assert run(rule(session="regular"), [-5, 0, 0], ["regular", *shut[:2]]) == [(0, State.FIRING)]
    assert run(rule(session="any"), [-5], ["closed"]) == [(0, State.FIRING)]
    assert run(rule(session="extended"), [-5], ["extended"]) == [(0, State.FIRING)]


def test_a_firing_rule_says_so_again_at_its_interval_while_data_come() -> None:
    found = transitions(rule(repeat=3), [-5, -5, -5, -5, None, None, None, None, -5])
    assert [(t.ts // NS, t.repeat) for t in found] == [(0, False), (3, True), (8, True)]
    assert len({t.incident for t in found}) == 1


def test_two_firings_are_two_incidents_and_a_resolution_belongs_to_its_own() -> None:
    first, end, second, _ = transitions(rule(), [-5, 0, -5, 0])
    assert first.incident == end.incident != second.incident
    assert end.since == 0


def test_only_firing_and_resolving_are_told() -> None:
    told = [t.notify for t in transitions(rule(hold=1), [-5, -5, 0])]
    assert told == [(), ("log",), ("log",)]


def test_the_values_behind_a_decision_go_with_it() -> None:
    (fired,) = transitions(rule(), [-4.5])
    assert fired.values == {CALL.key: -4.5}
    assert fired.message == "ETH is behind"


def test_a_resolution_tells_the_values_that_ended_it() -> None:
    *_, over = transitions(rule(), [-4.5, -1.5])
    assert over.message == "Over. Now divergence 1h −1.5 σ."


def model(values: Sequence[float | None], hold: int) -> list[tuple[int, State]]:
    """The life of an alert written out plainly."""
    out, state, held, previous = [], "inactive", 0, False
    for second, value in enumerate(values):
        if value is None:
            previous = False
            continue
        holds = value < -4
        if state == "firing":
            if value > -2:
                out.append((second, State.RESOLVED))
                state = "inactive"
        elif not holds:
            if state == "pending":
                out.append((second, State.INACTIVE))
            state = "inactive"
        else:
            held = 0 if state == "inactive" else held + previous
            if held >= hold:
                out.append((second, State.FIRING))
                state = "firing"
            elif state == "inactive":
                out.append((second, State.PENDING))
                state = "pending"
        previous = holds and state == "pending"
    return out


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([None, 0.0, -3.0, -5.0]), max_size=40),
    st.integers(0, 4),
)
def test_the_engine_does_what_a_plain_model_does(values: list[float | None], hold: int) -> None:
    assert run(rule(hold=hold, clear=True), values) == model(values, hold)


def restarted(
    given_rule: Rule, values: Sequence[float | None], ends: Collection[int]
) -> list[tuple[int, State]]:
    """The same as `run`, with the process ended after some seconds and begun anew."""
    engine, out = Engine([given_rule]), list[Transition]()
    for second, value in enumerate(values):
        out += engine.update(snapshot(second, value), second * NS)
        if second in ends:
            lives = engine.lives()
            engine = Engine([given_rule])
            assert engine.restore(lives) == []
            assert engine.lives() == lives
    return [(t.ts // NS, t.state) for t in out]


def test_a_for_clock_goes_on_after_a_restart_and_the_time_in_between_does_not_count() -> None:
    assert restarted(rule(hold=3), [-5] * 7, {2}) == [(0, State.PENDING), (4, State.FIRING)]


def test_a_firing_rule_is_not_told_again_after_a_restart_and_ends_its_own_incident() -> None:
    engine = Engine([rule(repeat=10)])
    (fired,) = engine.update(snapshot(0, -5), 0)
    lives = engine.lives()
    engine = Engine([rule(repeat=10)])
    engine.restore(lives)
    assert engine.update(snapshot(5, -5), 5 * NS) == []
    (again,) = engine.update(snapshot(10, -5), 10 * NS)
    (over,) = engine.update(snapshot(11, 0), 11 * NS)
    assert (again.repeat, over.state) == (True, State.RESOLVED)
    assert fired.incident == again.incident == over.incident


def test_rules_at_rest_leave_nothing_behind() -> None:
    engine = Engine([rule()])
    for second, value in enumerate([-5, 0]):
        engine.update(snapshot(second, value), second * NS)
    assert engine.lives() == []


def test_a_pending_rule_whose_condition_was_rewritten_begins_anew_and_a_firing_one_goes_on() -> (
    None
):
    def rewritten(hold: int) -> Engine:
        engine = Engine([rule(hold=hold)])
        engine.update(snapshot(0, -5), 0)
        other = msgspec.structs.replace(rule(hold=hold).when, text="other")
        after = Engine([msgspec.structs.replace(rule(hold=hold), when=other)])
        assert after.restore(engine.lives()) == []
        return after

    assert rewritten(hold=5).lives() == []
    assert [life.state for life in rewritten(hold=0).lives()] == [State.FIRING]


def test_a_rule_that_fired_and_is_no_more_is_answered() -> None:
    engine = Engine([rule()])
    engine.update(snapshot(0, -5), 0)
    (orphan,) = Engine([]).restore(engine.lives())
    assert orphan.rule == "behind"


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([None, 0.0, -3.0, -5.0]), max_size=40),
    st.sets(st.integers(0, 39)),
    st.integers(0, 4),
)
def test_a_restart_is_to_the_engine_as_an_instant_without_a_value(
    values: list[float | None], ends: set[int], hold: int
) -> None:
    gone: list[float | None] = []
    for second, value in enumerate(values):
        gone += [value, None] if second in ends else [value]
    told = run(rule(hold=hold, clear=True), gone)
    kept = restarted(rule(hold=hold, clear=True), values, ends)
    assert [state for _, state in kept] == [state for _, state in told]
    shifts = [sum(end < second for end in ends) for second, _ in kept]
    assert [s + shift for (s, _), shift in zip(kept, shifts, strict=True)] == [s for s, _ in told]


@pytest.mark.parametrize("state", [State.FIRING, State.RESOLVED])
def test_an_alert_carries_its_context(state: State) -> None:
    (found,) = [t for t in transitions(rule(), [-5, 0]) if t.state is state]
    assert found.context[0].startswith("ETH–IWM correlation 1h n/a")
