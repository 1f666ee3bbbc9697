from __future__ import annotations

import pytest

from daemon.ticks import tick_texts, ticks
from tests.daemon.tracks import MINUTE, OPEN, session, two_days


@pytest.mark.parametrize(
    ("minutes", "first", "count"),
    [(6, "09:30", 6), (20, "09:30", 4), (60, "09:30", 6), (240, "09:30", 8), (390, "10:00", 6)],
)
def test_ticks_are_at_round_times_and_never_too_many(minutes: int, first: str, count: int) -> None:
    stamps = [row.ts for row in session(0, minutes)]
    places = ticks(stamps)
    texts = tick_texts([stamps[place] for place in places])
    assert len(places) == count
    assert texts[0] == f"{first}\nTue 17"
    assert all("\n" not in text for text in texts[1:])


def test_every_day_is_named_once() -> None:
    stamps = [row.ts for row in two_days().rows]
    texts = tick_texts([stamps[place] for place in ticks(stamps)])
    assert [text.partition("\n")[2] for text in texts if "\n" in text] == ["Tue 17", "Wed 18"]


def test_many_days_are_marked_at_their_beginnings() -> None:
    stamps = [row.ts for day in (0, 1, 2, 3, 6, 7, 8, 9, 10) for row in session(day, 390)]
    places = ticks(stamps)
    assert len(places) <= 8
    assert all(place % 390 == 0 for place in places)


def test_minutes_that_are_never_round_are_marked_once() -> None:
    assert ticks([OPEN + 130 * MINUTE + 1, OPEN + 131 * MINUTE]) == [0, 1]
    assert ticks([]) == [0]
