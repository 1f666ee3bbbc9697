from __future__ import annotations

import pytest
from msgspec.structs import replace

from alerts.rule import Severity
from alerts.transition import DAILY, WEEKLY, State
from streams.instrument import Pair
from tests.alerts.report.days import CALLS, CLOSE, DAY, MINUTE, OPEN, Days, change, corr


def test_the_first_snapshot_at_or_after_the_close_brings_the_report_once() -> None:
    days = Days()
    days.session()
    days.see(CLOSE + MINUTE)
    (report,) = days.told
    assert (report.rule, report.pair, report.ts) == (DAILY, "ETH-IWM", CLOSE)
    assert report.incident == "report/daily/ETH-IWM/2026-03-16"
    assert (report.severity, report.state) == (Severity.INFO, State.FIRING)
    assert report.notify == ("telegram", "log")
    assert report.is_report
    assert report.since is None


@pytest.mark.parametrize(
    ("opened", "minutes"),
    [
        (1_795_789_800 * 10**9, 210),  # Fri 27 Nov 2026: 13:00
        (
            1_793_629_800 * 10**9,
            390,
        ),  # Mon 2 Nov 2026, the first of winter time: 16:00 is 21:00 UTC
        (1_773_063_000 * 10**9, 390),  # Mon 9 Mar 2026, the first of summer time: 20:00 UTC
    ],
)
def test_the_close_is_that_of_the_calendar(opened: int, minutes: int) -> None:
    days = Days(weekly=False)
    days.session((opened - OPEN) // DAY, minutes=0)
    for minute in range(minutes + 1):
        days.see(opened + minute * MINUTE)
        assert bool(days.told) == (minute == minutes)
    assert days.told[0].ts == opened + minutes * MINUTE


def test_a_day_of_which_nothing_was_seen_is_not_told_of() -> None:
    days = Days()
    days.prices["IWM"] = 0.0
    days.session()
    assert days.told == []


def test_nothing_is_told_of_what_is_not_wanted() -> None:
    days = Days(daily=False, weekly=False)
    days.session()
    assert days.told == []
    assert not days.reporter.calls


def test_the_last_session_of_a_week_brings_the_week_too() -> None:
    days = Days()
    for day in range(5):
        days.session(day, {CALLS.corr: corr(0.1 * (1 + day))})
    assert [report.rule for report in days.told] == [*[DAILY] * 5, WEEKLY]
    week = days.told[-1]
    assert week.incident == "report/weekly/ETH-IWM/2026-03-20"
    assert week.title.startswith("Week of 16 to 20 Mar: ")
    assert week.values["corr"] == pytest.approx(0.3)
    assert days.line("By day") == "Mon .10 · Tue .20 · Wed .30 · Thu .40 · Fri .50"
    assert week.values["2026-03-18.corr_low"] == pytest.approx(0.2)


def test_a_week_that_ends_before_a_holiday_ends_there() -> None:
    days = Days()
    for day in range(14, 18):  # Mon 30 Mar to Thu 2 Apr; the 3rd is Good Friday
        days.session(day)
    assert [report.rule for report in days.told] == [*[DAILY] * 4, WEEKLY]


def test_of_one_session_no_week_is_made() -> None:
    days = Days()
    days.session(4)
    assert [report.rule for report in days.told] == [DAILY]


def test_sessions_that_were_missed_are_said_of_a_week() -> None:
    days = Days()
    for day in (1, 4):
        days.session(day)
    assert days.line("Seen") == "2 of 5 sessions"


def test_a_pair_that_never_closes_is_told_of_at_midnight_utc() -> None:
    days = Days(Pair("ETH", "BTC"), weekly=False)
    midnight = (OPEN // DAY + 1) * DAY
    for minute in range(-30, 3):
        days.see(midnight + minute * MINUTE)
    (report,) = days.told
    assert (report.ts, report.pair) == (midnight, "ETH-BTC")


def test_what_is_noted_is_of_the_report_s_own_pair_and_no_report() -> None:
    days = Days()
    days.reporter.note(replace(change(OPEN), pair="ETH-SPY"))
    days.reporter.note(change(OPEN, rule=DAILY))
    days.session()
    assert days.line("Alerts told") == "none"


def test_after_a_restart_it_goes_on_with_what_was_noted() -> None:
    whole, first, second = Days(), Days(), Days()
    for each in (whole, first):
        for minute in range(200):
            each.see(OPEN + minute * MINUTE)
    second.reporter.recall(first.reporter.memory())
    for minute in range(200, 391):
        whole.see(OPEN + minute * MINUTE)
        second.see(OPEN + minute * MINUTE)
    assert first.told == []
    assert second.told == whole.told


def test_without_what_was_noted_it_says_from_when_on_it_saw() -> None:
    days = Days()
    for minute in range(215, 391):
        days.see(OPEN + minute * MINUTE)
    assert days.line("Seen") == "175 of 390 minutes, from 13:05 New York on"


def test_a_gap_is_not_counted_as_seen() -> None:
    days = Days()
    for minute in [*range(100), *range(200, 391)]:
        days.see(OPEN + minute * MINUTE)
    assert days.line("Seen").startswith("289 of 390 minutes, from 09:31")


def test_a_report_that_fell_due_while_it_was_away_is_told_on_return_within_a_day() -> None:
    late, stale = Days(), Days()
    for days, after in ((late, DAY - MINUTE), (stale, DAY + MINUTE)):
        for minute in range(390):
            days.see(OPEN + minute * MINUTE)
        days.see(CLOSE + after)
    assert [report.ts for report in late.told] == [CLOSE]
    assert stale.told == []


def test_what_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match=r"truncated|type"):
        Days().reporter.recall(b"\x81\xa3no")
