from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.estimators.regime import Regime, State
from streams.snapshot import Reading

Move = tuple[float, float, float]


def states(*moves: Move) -> list[State]:
    regime = Regime()
    found = []
    for move in moves:
        regime.update(*move)
        value = regime.value().value
        assert value is not None
        found.append(State(int(value)))
    return found


@pytest.mark.parametrize(
    ("move", "state"),
    [
        ((1.1, 1.1, 0.0), State.RISK_ON),
        ((1.1, 0.9, 0.0), State.QUIET),
        ((-1.1, -1.1, 0.0), State.RISK_OFF),
        ((-1.1, 1.1, 0.0), State.QUIET),
        ((1.5, 0.0, 2.1), State.STRONG),
        ((-1.5, 0.0, -2.1), State.WEAK),
        ((3.0, 1.1, 2.5), State.RISK_ON),
        ((-3.0, -1.1, -2.5), State.RISK_OFF),
        ((0.3, 0.2, 1.9), State.QUIET),
    ],
)
def test_a_state_begins_at_its_bounds(move: Move, state: State) -> None:
    assert states(move) == [state]


def test_a_state_lasts_to_half_its_bounds() -> None:
    assert states((2.0, 2.0, 0.0), (0.6, 0.6, 0.0), (0.6, 0.4, 0.0), (0.6, 0.6, 0.0)) == [
        State.RISK_ON,
        State.RISK_ON,
        State.QUIET,
        State.QUIET,
    ]
    assert states((0.0, 0.0, -2.5), (0.0, 0.0, -1.1), (0.0, 0.0, -0.9)) == [
        State.WEAK,
        State.WEAK,
        State.QUIET,
    ]


def test_a_state_is_left_before_another_begins() -> None:
    assert states((0.0, 0.0, 2.5), (1.5, 1.5, 1.5), (1.5, 1.5, 0.5), (-1.5, -1.5, 0.0)) == [
        State.STRONG,
        State.STRONG,
        State.RISK_ON,
        State.RISK_OFF,
    ]


finite = st.floats(-5, 5)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(finite, finite, finite), min_size=1, max_size=30))
def test_the_mirrored_market_is_in_the_mirrored_state(moves: list[Move]) -> None:
    mirror = {
        State.QUIET: State.QUIET,
        State.RISK_ON: State.RISK_OFF,
        State.RISK_OFF: State.RISK_ON,
        State.STRONG: State.WEAK,
        State.WEAK: State.STRONG,
    }
    found = states(*moves)
    mirrored = states(*((-x, -y, -d) for x, y, d in moves))
    assert mirrored == [mirror[state] for state in found]


def test_what_is_missing_is_said_and_the_state_is_held() -> None:
    regime = Regime()
    assert regime.value().reason == "no data yet"
    regime.update(2.0, 2.0, 0.0)
    regime.update(2.0, Reading(None, "warming up 3/15"), 0.0)
    assert (regime.value().value, regime.value().reason) == (None, "warming up 3/15")
    regime.update(0.7, Reading(0.7), 0.0)
    assert regime.value().note == "risk-on"


def test_the_bars_of_a_state_are_counted() -> None:
    regime = Regime()
    for move in ((2.0, 2.0, 0.0), (2.0, 2.0, 0.0), (0.8, 0.8, 0.0)):
        regime.update(*move)
    assert regime.bars == 2


def test_a_session_begins_quietly() -> None:
    regime = Regime()
    regime.update(2.0, 2.0, 0.0)
    regime.new_session()
    assert regime.value().value is None
    regime.update(0.7, 0.7, 0.0)
    assert regime.value().note == "quiet"
