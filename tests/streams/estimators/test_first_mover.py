from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.estimators.first_mover import first_mover, first_mover_text

RAMP = [0.001] * 8


@pytest.mark.parametrize("scale", [1.0, -1.0, 40.0])
def test_the_leg_that_covered_half_earlier_is_first_whatever_way_it_went(scale: float) -> None:
    late = [0.0] * 3 + [scale * r for r in RAMP]
    early = RAMP + [0.0] * 3
    assert first_mover(early, late).value == 3.0
    assert first_mover(late, early).value == -3.0


def test_half_within_one_bar_is_together() -> None:
    found = first_mover([0.0, 0.01, 0.0], [0.001, 0.05, 0.001])
    assert (found.value, found.n) == (0.0, 3.0)


@pytest.mark.parametrize("flat", [[0.0] * 8, [0.01, -0.01] * 4, [0.01, -0.008] * 4, []])
def test_a_leg_that_only_wandered_has_no_half_way(flat: list[float]) -> None:
    found = first_mover(RAMP, flat)
    assert (found.value, found.reason) == (None, "the second instrument did not move")
    assert first_mover(flat, RAMP).reason == "the first instrument did not move"


def test_a_jump_in_one_bar_is_a_move() -> None:
    assert first_mover([0.0, 0.013, 0.0], [0.0, 0.0, 0.013]).value == 1.0


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(-0.01, 0.01), min_size=1, max_size=40), st.integers(0, 5))
def test_a_delayed_copy_comes_later_by_the_delay(returns: list[float], delay: int) -> None:
    found = first_mover(returns + [0.0] * delay, [0.0] * delay + returns)
    assert found.value in {None, float(delay)}


def test_in_words() -> None:
    both = [0.01, 0.0, 0.0]
    assert first_mover_text(first_mover(both, both), "ETH", "IWM", 15.0) == (
        "ETH and IWM had covered half of their moves within 15 s"
    )
    assert first_mover_text(first_mover(both, [0.0, 0.0, 0.02]), "ETH", "IWM", 60.0) == (
        "ETH had covered half of its move 120 s before IWM"
    )
    assert not first_mover_text(first_mover([], []), "ETH", "IWM", 15.0)
