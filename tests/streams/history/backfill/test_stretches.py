from __future__ import annotations

import pytest

from streams.history.backfill.stretches import closes, days_back, stretches
from streams.sessions import calendar
from tests.stand_ins.candles import DAY, HOUR
from tests.streams.history.backfill.setting import at

NYSE, ALWAYS = calendar("NYSE"), calendar("24/7")


def test_a_share_has_its_sessions_and_none_on_a_holiday() -> None:
    found = stretches(NYSE, at("2025-11-26T00:00:00"), at("2025-12-01T15:00:00"))
    assert [(each.name, (each.end - each.start) / HOUR) for each in found] == [
        ("2025-11-26", 6.5),
        ("2025-11-28", 3.5),
        ("2025-12-01", 6.5),
    ]


def test_what_never_closes_has_whole_days_and_the_one_under_way() -> None:
    found = stretches(ALWAYS, at("2026-03-15T20:00:00"), at("2026-03-17T15:00:00"))
    assert [each.name for each in found] == ["2026-03-15", "2026-03-16", "2026-03-17"]
    assert {each.end - each.start for each in found} == {DAY}


def test_closes_move_with_the_clocks_of_new_york() -> None:
    found = closes(NYSE, at("2026-03-05T21:00:00"), at("2026-03-09T20:00:00"))
    assert found == [at("2026-03-06T21:00:00"), at("2026-03-09T20:00:00")]


def test_closes_of_what_never_closes_are_midnights() -> None:
    found = closes(ALWAYS, at("2026-03-15T00:00:00"), at("2026-03-17T00:00:00"))
    assert found == [at("2026-03-16T00:00:00"), at("2026-03-17T00:00:00")]


@pytest.mark.parametrize(
    ("now", "opened"),
    [
        ("2026-03-17T15:00:00", "2026-03-16T13:30:00"),
        ("2026-03-17T13:00:00", "2026-03-13T13:30:00"),
        ("2026-03-22T13:00:00", "2026-03-19T13:30:00"),
        ("2026-01-02T12:00:00", "2025-12-30T14:30:00"),
    ],
    ids=["in a session", "before it", "on a Sunday", "after a holiday"],
)
def test_the_last_two_trading_days_began(now: str, opened: str) -> None:
    assert days_back(NYSE, 2, at(now)) == at(opened)
