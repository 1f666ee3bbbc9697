from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.attribution import LEAST, attribution
from streams.beliefs import Prior
from streams.estimators.divergence import Shares
from streams.gap import Gap

OWN = "the move is ETH's own"
STAYED = "IWM moved, ETH did not follow"
MIXED = "the move has no one source"


@pytest.mark.parametrize(
    ("y", "z", "alone", "said"),
    [
        (-0.3, -0.4, -2.0, OWN),
        (-0.1, -1.0, -0.2, "ETH moved with BTC, not with IWM"),
        (-1.0, -1.9, -0.9, MIXED),
        (-0.5, -1.6, -0.9, "ETH moved with BTC, not with IWM"),
        (-1.0, -0.1, -0.2, "ETH moved with IWM"),
        (-1.2, 0.0, 1.0, STAYED),
        (-1.2, 0.0, 0.61, STAYED),
        (-1.2, 0.0, 0.59, "ETH moved with IWM"),
        (-1.2, 0.0, 1.4, STAYED),
        (-1.2, 0.0, 1.6, OWN),
        (0.8, 0.1, -3.0, OWN),
        (0.4, 0.4, 0.4, MIXED),
        (0.04, 0.03, 0.02, ""),
        (0.0, 0.0, 0.0, ""),
    ],
)
def test_a_move_is_called_after_the_part_that_most_of_it_is_due_to(
    y: float, z: float, alone: float, said: str
) -> None:
    shares = Shares(y / 100, z / 100, alone / 100)
    assert attribution(shares, "ETH", "IWM", "BTC") == said


def test_without_a_market_of_its_own_nobody_says_that_the_move_is_its_own() -> None:
    said = attribution(Shares(-0.003, 0.0, -0.02), "ETH", "IWM", "")
    assert said == "the move is not IWM's: ETH's own, or its market's (none is fed)"


def test_a_divergence_is_told_with_its_shares_and_whose_move_it_is() -> None:
    gap = Gap("ETH", "IWM", Prior(beta=0.8))
    read, chance = gap.reader(3600.0), Random(1)
    gap.new_session(0)
    for minute in range(400):
        gap.minute(chance.gauss(0, 4e-4), chance.gauss(0, 4e-4), (), minute)
    gap.new_session(0)
    for minute in range(30):
        gap.minute(-0.001, 0.0, (), minute)
    found = read()
    assert found.value is not None
    assert found.value < -4
    assert found.note == (
        "of ETH's −3.0%: 0.0% with IWM, −3.0% its own; "
        "the move is not IWM's: ETH's own, or its market's (none is fed)"
    )


PARTS = st.floats(-0.2, 0.2, allow_nan=False)


@settings(max_examples=60, deadline=None)
@given(PARTS, PARTS, PARTS)
def test_a_fall_is_called_as_the_rise_of_the_same_size(y: float, z: float, alone: float) -> None:
    up = attribution(Shares(y, z, alone), "ETH", "IWM", "BTC")
    assert up == attribution(Shares(-y, -z, -alone), "ETH", "IWM", "BTC")
    assert bool(up) == (abs(y) + abs(z) + abs(alone) >= LEAST)
