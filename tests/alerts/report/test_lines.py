from __future__ import annotations

import pytest

from streams.schedule import Event
from streams.snapshot import Reading
from tests.alerts.report.days import CALLS, CLOSE, DAY, HOUR, MINUTE, OPEN, Days, Given, corr

STAMPED = "ETH's feed is polled"


def first(day: int = 0, **hours: Reading | float) -> Days:
    """A session with what `first_mover` says at the end of some of its hours (h1, h2 …)."""
    days = Days()
    for minute in range(391):
        found = hours.get(f"h{minute // 60}", Reading(None, "IWM did not move"))
        move = -0.009 if minute // 60 == 2 else 0.002
        days.see(OPEN + day * DAY + minute * MINUTE, {CALLS.first: found, CALLS.y_move: move})
    return days


def test_who_moved_first_is_counted_by_the_hour_and_told_of_the_largest_move() -> None:
    days = first(h1=30.0, h2=-45.0, h3=-300.0, h4=0.0)
    assert days.line("First to move") == (
        "IWM 2, ETH 1, together 1, of 4 hours in which both moved; "
        "largest to 11:30 (IWM −0.90%): IWM by about 45 s"
    )


def test_of_one_hour_and_of_minutes_it_is_told_as_such() -> None:
    assert first(h3=600.0).line("First to move") == (
        "ETH 1, of the one hour in which both moved; "
        "largest to 12:30 (IWM +0.20%): ETH by about 10 min"
    )


def test_where_nobody_moved_first_it_says_why_unless_the_lead_says_so_already() -> None:
    assert first().line("First to move") == "not told of any hour: IWM did not move"
    days = Days()
    why = {
        CALLS.first: Reading(None, f"who moved first cannot be told: {STAMPED}"),
        CALLS.lead: Reading(None, f"no lead can be claimed: {STAMPED}"),
    }
    days.session(0, why)
    assert days.line("First to move") == ""
    assert days.line("Lead") == f"no lead can be claimed: {STAMPED}"


def test_a_lead_is_told_in_the_words_of_its_claim() -> None:
    days = Days()
    days.session(0, {CALLS.lead: Reading(-2.0, note="IWM leads by about 2 s on 19 of 20 days")})
    assert days.line("Lead") == "IWM leads by about 2 s on 19 of 20 days"


def test_events_of_the_day_and_of_the_next_week_are_named() -> None:
    fomc = Event("fomc", "FOMC decision", "Fed", (CLOSE - 2 * HOUR, CLOSE + 8 * DAY))
    ahead = tuple(CLOSE + day * DAY for day in range(1, 8))
    jobs = Event("jobs", "Jobs report", "BLS", ahead, frozenset(ahead[:1]))
    days = Days(events=(jobs, fomc))
    days.session()
    assert days.line("Events") == (
        "14:00 FOMC decision; next 7 days Tue 17 Mar 16:00 Jobs report (date tentative) · "
        "Wed 18 Mar 16:00 Jobs report · Thu 19 Mar 16:00 Jobs report · "
        "Fri 20 Mar 16:00 Jobs report · 3 more"
    )


def test_of_what_is_not_known_nothing_is_said() -> None:
    days = Days()
    days.session()
    abouts = {line.partition(":")[0] for line in days.told[0].message.splitlines()}
    assert abouts.isdisjoint({"Context", "Events", "Divergence 1h", "Regime 1h", "In session"})
    assert {"Bullish", "Bearish", "Neutral", "Alerts told", "Lead", "Link"} <= abouts


def test_without_a_correlation_the_reason_is_told() -> None:
    days = Days()
    days.session(0, {CALLS.corr: Reading(None, "constant")})
    assert days.told[0].title.endswith("correlation not known")
    assert days.line("Correlation").startswith("session n/a (constant)")
    assert days.told[0].values["corr"] is None


def test_regimes_that_were_not_known_all_day_say_so() -> None:
    days = Days()
    for minute in range(391):
        known = {call: call.metric == "risk_on" for call in CALLS.regimes} if minute > 300 else {}
        days.see(OPEN + minute * MINUTE, known)
    assert days.line("Regime 1h") == "risk-on 100% · known for 89 of 389 min"


@pytest.mark.parametrize("weekly", [False, True])
def test_a_full_report_fits_a_message_and_a_screen(weekly: bool) -> None:  # noqa: FBT001  # a parameter
    ahead = tuple(CLOSE + hour * HOUR for hour in range(1, 100))
    days = Days(weekly=weekly, events=(Event("jobs", "A report of a long name", "BLS", ahead),))
    given: Given = {
        CALLS.session_gap: Reading(1.0, note="of ETH's −2.7%: −0.3% with IWM; the move is its own"),
        CALLS.gap: 2.0,
        CALLS.closes: corr(0.4),
        CALLS.regimes[0]: True,
        CALLS.first: 30.0,
        CALLS.y_move: 0.01,
        **{call: Reading(0.05, note="somebody, 12 min old") for call in CALLS.slow},
        **dict.fromkeys(CALLS.volatility.values(), 0.2),
    }
    for day in range(5):
        days.session(day, given)
    report = days.told[-1]
    assert len(report.message.splitlines()) <= 20
    assert len(report.title) + len(report.message) < 2500
