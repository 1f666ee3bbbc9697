from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from streams.context.schedule import ScheduleError, fires
from streams.instrument import NS


def at(text: str) -> int:
    moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/New_York"))
    return round(moment.timestamp()) * NS


@pytest.mark.parametrize(
    ("line", "now", "then"),
    [
        ("40 9,13 * * mon-fri", "2026-03-17 09:00", "2026-03-17 09:40"),
        ("40 9,13 * * mon-fri", "2026-03-17 09:40", "2026-03-17 13:40"),
        ("40 9,13 * * mon-fri", "2026-03-20 14:00", "2026-03-23 09:40"),
        ("*/10 * * * *", "2026-03-17 09:05", "2026-03-17 09:10"),
        # New York's clock goes forward in the night to 8 March, and back in that to 1 November.
        ("40 9 * * *", "2026-03-07 10:00", "2026-03-08 09:40"),
        ("40 9 * * *", "2026-10-31 10:00", "2026-11-01 09:40"),
        ("30 2 * * *", "2026-03-08 00:00", "2026-03-08 03:30"),
    ],
)
def test_it_comes_next_by_new_yorks_clock(line: str, now: str, then: str) -> None:
    assert fires(line)(at(now)) == at(then)


def test_an_instant_of_its_own_is_not_the_next() -> None:
    after = fires("*/10 * * * *")
    now = after(at("2026-03-17 09:05"))
    assert after(now) == now + 600 * NS
    assert after(now - 1) == now


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("40 9", "Wrong number of fields"),
        ("hourly", "Wrong number of fields"),
        ("61 9 * * *", "61"),
        ("40 9 * * 1-5", "by name"),
        ("40 9 * * mon-1", "by name"),
    ],
)
def test_a_line_that_is_none_is_told(line: str, said: str) -> None:
    with pytest.raises(ScheduleError, match=said):
        fires(line)


def test_a_day_that_never_comes_is_told() -> None:
    with pytest.raises(ScheduleError, match="never comes"):
        fires("0 9 30 2 *")(at("2026-03-17 09:00"))
