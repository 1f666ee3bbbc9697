"""When it is quiet: clocks across midnight and daylight saving, sessions across short days."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.engine import Engine
from alerts.silence import FOREVER, ClockTime, Matcher, QuietTime, SessionTime, Spell, Weekday
from streams.instrument import NS
from tests.alerts.rules import LOW, rule, snapshot

MINUTE = 60 * NS
WORKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")


def ts(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * NS


def clock(
    start: str, end: str, timezone: str = "Europe/Berlin", days: tuple[Weekday, ...] = ()
) -> ClockTime:
    def minutes(text: str) -> int:
        hour, minute = text.split(":")
        return int(hour) * 60 + int(minute)

    return ClockTime(minutes(start), minutes(end), timezone, days or get_args(Weekday))


def quiet(during: ClockTime | SessionTime, *instants: str) -> list[bool]:
    return [during.at(ts(instant)).quiet for instant in instants]


def test_a_night_is_quiet_past_midnight_on_the_clock_of_its_zone() -> None:
    night = clock("22:00", "07:00")  # 21:00 to 06:00 UTC in winter
    assert night.at(ts("2026-01-14T21:00")) == Spell(quiet=True, until=ts("2026-01-15T06:00"))
    assert quiet(night, "2026-01-14T20:59", "2026-01-15T05:59", "2026-01-15T06:00") == [
        False,
        True,
        False,
    ]
    assert night.at(ts("2026-01-15T06:00")).until == ts("2026-01-15T21:00")


def test_days_are_those_on_which_it_starts() -> None:
    friday_night = clock("22:00", "07:00", days=("fri",))
    assert quiet(friday_night, "2026-01-16T22:00", "2026-01-17T05:00") == [True, True]
    assert quiet(friday_night, "2026-01-16T05:00", "2026-01-17T22:00") == [False, False]
    assert friday_night.at(ts("2026-01-17T12:00")).until == ts("2026-01-23T21:00")


def test_summer_time_moves_it_by_an_hour_of_utc() -> None:
    morning = clock("09:30", "09:45", "America/New_York")
    assert quiet(morning, "2026-03-06T14:30", "2026-03-06T13:30") == [True, False]
    assert quiet(morning, "2026-03-09T14:30", "2026-03-09T13:30") == [False, True]


def test_an_hour_that_comes_twice_is_quiet_both_times() -> None:
    # On 25 October 2026 Berlin's clocks go back from 03:00 to 02:00, at 01:00 UTC.
    assert quiet(clock("02:00", "02:30"), "2026-10-25T00:10", "2026-10-25T01:10") == [True, True]
    assert not clock("02:00", "02:30").at(ts("2026-10-25T01:30")).quiet


def test_an_end_in_an_hour_that_is_left_out_comes_after_it() -> None:
    # On 29 March 2026 they go forward from 02:00 to 03:00, at 01:00 UTC.
    night = clock("22:00", "02:30")
    assert quiet(night, "2026-03-29T00:59", "2026-03-29T02:00") == [True, False]


def test_one_that_ends_as_it_starts_lasts_all_day() -> None:
    assert clock("00:00", "00:00").at(ts("2026-01-14T12:00")) == Spell(
        quiet=True, until=ts("2026-01-14T23:00")
    )


def test_without_days_it_is_never_quiet() -> None:
    assert ClockTime(0, 60, "UTC", ()).at(0) == Spell(quiet=False, until=FOREVER)


OPENING = SessionTime("NYSE", first=15 * MINUTE)
CLOSING = SessionTime("NYSE", last=10 * MINUTE)


@pytest.mark.parametrize(
    ("day", "opens"), [("2026-03-06", "14:30"), ("2026-03-09", "13:30"), ("2026-11-27", "14:30")]
)
def test_the_first_minutes_follow_the_exchanges_clock(day: str, opens: str) -> None:
    opened = ts(f"{day}T{opens}")
    assert not OPENING.at(opened - 1).quiet
    assert OPENING.at(opened) == Spell(quiet=True, until=opened + 15 * MINUTE)
    assert not OPENING.at(opened + 15 * MINUTE).quiet


@pytest.mark.parametrize(
    ("day", "closes"),
    [("2026-03-06", "21:00"), ("2026-03-09", "20:00"), ("2026-11-27", "18:00")],
    ids=["winter", "summer", "the half day after Thanksgiving"],
)
def test_the_last_minutes_come_before_the_days_own_close(day: str, closes: str) -> None:
    close = ts(f"{day}T{closes}")
    assert not CLOSING.at(close - 10 * MINUTE - 1).quiet
    assert CLOSING.at(close - 10 * MINUTE) == Spell(quiet=True, until=close)
    assert not CLOSING.at(close).quiet


def test_on_a_holiday_there_is_no_opening() -> None:
    # Thanksgiving, 26 November 2026.
    assert quiet(OPENING, "2026-11-26T14:31") == [False]
    assert quiet(SessionTime("NYSE", "closed"), "2026-11-26T14:31") == [True]


def test_a_whole_session_is_quiet_to_its_end() -> None:
    assert SessionTime("NYSE", "extended").at(ts("2026-01-14T12:00")) == Spell(
        quiet=True, until=ts("2026-01-14T14:30")
    )


def test_what_never_closes_has_no_first_minutes() -> None:
    assert not SessionTime("24/7", first=MINUTE).at(0).quiet
    assert SessionTime("24/7").at(0) == Spell(quiet=True, until=FOREVER)


spans = st.one_of(
    st.builds(
        ClockTime,
        st.integers(0, 1439),
        st.integers(0, 1439),
        st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC"]),
        st.lists(st.sampled_from(WORKDAYS), max_size=5).map(tuple),
    ),
    st.builds(
        SessionTime,
        st.just("NYSE"),
        st.sampled_from(["regular", "extended", "closed"]),
        st.none() | st.integers(1, 600).map(lambda m: m * MINUTE),
        st.none() | st.integers(1, 600).map(lambda m: m * MINUTE),
    ),
)


@settings(deadline=None, max_examples=50)
@given(spans, st.integers(ts("2026-01-01T00:00"), ts("2026-12-31T00:00")), st.floats(0, 1))
def test_an_answer_holds_until_it_says(
    during: ClockTime | SessionTime, instant: int, share: float
) -> None:
    spell = during.at(instant)
    assert spell.until > instant
    later = instant + int(share * min(spell.until - 1 - instant, 10 * 86_400 * NS))
    assert during.at(later).quiet == spell.quiet


def test_in_a_quiet_time_alerts_are_held_back_and_told_after_it() -> None:
    engine = Engine([rule()], [QuietTime("opening", Matcher(), OPENING, "it jumps")])
    opened = ts("2026-03-09T13:30") // NS
    found = [
        transition
        for second in range(opened, opened + 16 * 60, 60)
        for transition in engine.update(snapshot(second, LOW), second * NS)
    ]
    assert [(t.ts // NS - opened, bool(t.notify)) for t in found] == [(0, False), (900, True)]
    assert found[1].message.endswith(
        "for 15 min; not told until now: quiet time opening until Mon 09:45 New York (it jumps)."
    )
