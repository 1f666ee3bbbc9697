from __future__ import annotations

import pytest

from streams.estimators.lead_claim import Stamps
from streams.first_move import FirstMove

VENUE = Stamps(by_venue=True, resolution=1_000)
AGES = 0.5, 2.0


def moved(lag: int, stamps: Stamps = VENUE, ages: tuple[float, float] = AGES) -> FirstMove:
    """ETH falls in 10 bars, IWM in those that come `lag` bars later; in 40."""
    move = FirstMove("ETH", "IWM", 3600.0, 15.0)
    move.use(VENUE, stamps)
    for bar in range(40):
        x, y = (-1e-3 if 5 <= bar - late < 15 else 0.0 for late in (0, lag))
        move.bar(x, y, ages)
    return move


def test_who_was_half_way_first_is_told_and_called_no_lead() -> None:
    reading = moved(3).reading()
    assert (reading.value, reading.n) == (45.0, 40.0)
    assert reading.note == (
        "ETH moved first in the last 10 min: half-way about 45 s before IWM "
        "(a description, no lead)"
    )
    assert moved(-3).reading().value == -45.0


@pytest.mark.parametrize(
    ("stamps", "why"),
    [
        (Stamps(by_venue=False, resolution=1, polled=True), "IWM's feed is polled"),
        (Stamps(by_venue=False, resolution=1), "IWM's feed is stamped on receipt"),
    ],
)
def test_of_a_feed_whose_stamps_cannot_carry_it_nothing_is_told(stamps: Stamps, why: str) -> None:
    reading = moved(20, stamps).reading()
    assert (reading.value, reading.note) == (None, "")
    assert reading.reason == f"who moved first cannot be told: {why}"


@pytest.mark.parametrize(
    ("stamps", "ages"),
    [
        (VENUE, (0.5, 46.0)),
        (VENUE, (45.0, 0.5)),
        (Stamps(by_venue=True, resolution=60_000_000_000), AGES),
        (Stamps(by_venue=True, resolution=1, delay=45_000_000_000), AGES),
    ],
)
def test_a_difference_within_what_ticks_and_stamps_resolve_is_none(
    stamps: Stamps, ages: tuple[float, float]
) -> None:
    reading = moved(3, stamps, ages).reading()
    assert reading.value == 0.0
    assert reading.note.startswith("ETH and IWM were half-way together in the last 10 min")


def test_a_leg_that_did_not_move_is_named() -> None:
    reading = moved(100).reading()
    assert (reading.value, reading.reason) == (None, "IWM did not move")


def test_only_bars_since_a_break_and_within_the_horizon_are_of_the_move() -> None:
    move = moved(3)
    move.break_()
    assert move.reading().reason == "warming up 0/20"
    for _ in range(300):
        move.bar(1e-3, 1e-3, AGES)
    reading = move.reading()
    assert (reading.value, reading.n) == (0.0, 240.0)
    assert "in the last hour" in reading.note


def test_before_the_feeds_are_known_nothing_is_told() -> None:
    assert FirstMove("ETH", "IWM", 3600.0, 15.0).reading().reason == "no data yet"


def test_it_follows_each_bar() -> None:
    move = moved(3)
    first = move.reading()
    assert move.reading() is first
    for _ in range(10):
        move.bar(0.0, -1e-3, AGES)
    assert move.reading() != first
