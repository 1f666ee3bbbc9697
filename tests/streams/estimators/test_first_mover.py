from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.estimators.first_mover import first_mover, first_mover_text, is_move

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


@pytest.mark.parametrize(
    ("seconds", "span", "text"),
    [
        (
            45.0,
            3600.0,
            "ETH moved first in the last hour: half-way about 45 s before IWM",
        ),
        (
            -600.0,
            1500.0,
            "IWM moved first in the last 25 min: half-way about 10 min before ETH",
        ),
        (
            0.0,
            3600.0,
            "ETH and IWM were half-way together in the last hour",
        ),
    ],
)
def test_in_words(seconds: float, span: float, text: str) -> None:
    assert first_mover_text(seconds, "ETH", "IWM", span=span) == f"{text} (a description, no lead)"


def test_wandering_alone_is_seldom_a_move() -> None:
    """Beyond twice the wander: one in twenty."""
    rng = np.random.default_rng(1)
    moved = [is_move(rng.standard_normal(240).tolist()) for _ in range(4000)]
    assert 0.035 < np.mean(moved) < 0.06


def test_a_leg_is_named_that_did_not_move() -> None:
    assert first_mover([0.0] * 9, RAMP, ("ETH", "IWM")).reason == "ETH did not move"
