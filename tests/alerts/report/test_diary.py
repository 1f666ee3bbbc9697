from __future__ import annotations

import pytest

from alerts.transition import State
from streams.snapshot import Reading
from tests.alerts.report.days import (
    APART,
    CALLS,
    CLOSE,
    DAY,
    MINUTE,
    OPEN,
    Days,
    change,
    corr,
)


def test_returns_are_since_the_close_before_that_was_seen() -> None:
    days = Days()
    days.session()
    days.prices |= {"ETH": 2100.0, "IWM": 245.0, "SPY": 603.0}
    days.session(1)
    assert days.line("Moves") == (
        "ETH +5.0% · IWM −2.0% · SPY +0.50% · BTC 0.00%, since the close before"
    )
    assert days.line("Strength") == "IWM −2.5 points on SPY · ETH +5.0 points on BTC"
    assert days.told[-1].values["return.ETH"] == pytest.approx(0.05)
    assert days.told[-1].values["strength.IWM.SPY"] == pytest.approx(-0.025)


def test_on_the_first_day_they_are_as_the_market_tells_them() -> None:
    days = Days()
    days.session(
        1,
        {
            **{CALLS.since_close[name]: 0.01 for name in ("ETH", "BTC")},
            **{CALLS.since_close[name]: -0.02 for name in ("IWM", "SPY")},
        },
    )
    assert days.line("Moves").startswith("ETH +1.0% · IWM −2.0% · SPY −2.0% · BTC +1.0%, since the")


def test_after_a_weekend_that_was_not_seen_a_return_by_the_clock_is_not_since_the_close() -> None:
    days = Days()
    days.session(0, {CALLS.since_close["ETH"]: 0.01, CALLS.since_close["IWM"]: 0.01})
    assert days.line("Moves").endswith("since 09:31")


def test_prices_of_two_venues_are_not_held_against_each_other() -> None:
    days = Days()
    days.session()
    days.venues["ETH"] = "other"
    days.prices["ETH"] = 2100.0
    days.session(1)
    assert days.line("Moves").startswith("ETH 0.00% · IWM 0.00%")
    assert days.line("Moves").endswith("since 09:31")


def test_a_price_that_was_lost_long_before_the_close_is_none_of_the_close() -> None:
    days = Days()
    for minute in range(391):
        days.prices["SPY"] = 600.0 if minute < 300 else 0.0
        days.see(OPEN + minute * MINUTE)
    assert "SPY" not in days.line("Moves")
    assert days.told[-1].values["close.SPY"] is None


def test_the_usual_is_the_median_of_the_sessions_before_once_there_are_three() -> None:
    days = Days(weekly=False)
    for day, value in enumerate((0.3, 0.5, 0.6, 0.4)):
        days.session(day, {CALLS.corr: corr(value)})
    assert "usual not known yet (2 sessions known)" in days.line("Correlation", 2)
    assert "usual .50 (.30 to .60) in 3 sessions" in days.line("Correlation", 3)


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.45, "as usual (.50)"), (0.65, "closer than usual (.50)"), (0.3, "looser than usual (.50)")],
)
def test_a_session_is_unusual_where_its_interval_does_not_hold_the_usual(
    value: float, said: str
) -> None:
    days = Days(weekly=False)
    for day in range(3):
        days.session(day)
    days.session(3, {CALLS.corr: corr(value)})
    assert days.told[-1].title.endswith(said)


def test_daily_closes_are_taken_as_they_are_known_after_the_close() -> None:
    days = Days()
    for minute in range(391):
        after = minute == 390
        found = corr(0.7) if after else Reading(None, "warming up 19/20 closes")
        days.see(OPEN + minute * MINUTE, {CALLS.closes: found, CALLS.corr: corr(0.5)})
    assert "20 daily returns .70 (.60 to .80)" in days.line("Correlation")


def test_what_was_known_last_stands_where_the_close_itself_says_nothing() -> None:
    days = Days()
    for minute in range(390):
        days.see(OPEN + minute * MINUTE)
    days.see(CLOSE, {CALLS.corr: Reading(None, "closed")})
    assert days.line("Correlation").startswith("session .50 (.40 to .60)")


def test_divergence_alerts_are_told_with_what_became_of_them() -> None:
    days = Days()
    days.reporter.note(change(OPEN + 35 * MINUTE, incident="a"))
    days.reporter.note(change(OPEN + 66 * MINUTE, State.RESOLVED, incident="a", value=-1.0))
    days.reporter.note(change(OPEN + 300 * MINUTE, incident="b", value=4.2))
    days.reporter.note(change(OPEN + 310 * MINUTE, incident="b", value=5.0, repeat=True))
    for minute in range(391):
        gap = {35: -4.4, 305: 4.9}.get(minute, 0.5)
        days.see(OPEN + minute * MINUTE, {CALLS.gap: gap})
    assert days.line("Divergence 1h") == (
        "between −4.4 σ at 10:05 and +4.9 σ at 14:35; 2 alerts: 10:05 −4.4 σ, over after 31 min "
        "· 14:30 +4.2 σ, not over at the close"
    )
    assert days.told[0].values["divergences"] == 2.0


def test_alerts_are_counted_once_an_incident_and_only_if_somebody_was_told() -> None:
    days = Days()
    for each in (
        change(OPEN, incident="a", value=None),
        change(OPEN + 1, incident="a", value=None, repeat=True),
        change(OPEN + 2, incident="a", value=None, acknowledged="ann"),
        change(OPEN + 3, incident="b", rule="muted", value=None, told=False),
        change(OPEN + 4, incident="c", value=None),
        change(OPEN + 5, incident="", rule="pending", value=None),
    ):
        days.reporter.note(each)
    days.session()
    assert days.line("Alerts told") == "behind 2"
    days.reporter.note(change(OPEN + DAY, incident="a", value=None, repeat=True))
    days.reporter.note(change(OPEN + DAY, incident="a", value=None, acknowledged="ann"))
    days.session(1)
    assert days.line("Alerts told") == "none"


def test_a_broken_link_is_told_with_its_beginning_through_the_days() -> None:
    days = Days(weekly=False)
    for minute in range(391):
        days.see(OPEN + minute * MINUTE, {APART: minute >= 200})
    assert days.line("Link") == "broken since Mon 16 Mar 12:50; 190 min of the session"
    days.session(1, {APART: True})
    assert days.line("Link") == "broken since Mon 16 Mar 12:50; 389 min of the session"
    days.session(2, {APART: False})
    assert days.line("Link") == "no break found"
    days.session(3, {APART: Reading(None, "link too weak to watch")})
    assert days.line("Link") == "not watched: link too weak to watch"
    days.session(4)
    assert days.line("Link") == "not watched: no rule asks for breakdown"


def test_a_link_that_was_restored_is_told_with_how_long_it_was_broken() -> None:
    days = Days()
    for minute in range(391):
        days.see(OPEN + minute * MINUTE, {APART: 100 <= minute < 160})
    assert days.line("Link") == "restored; was broken for 60 min of the session"


def test_the_change_of_a_slow_series_is_since_the_report_before() -> None:
    (vix,) = (call for call in CALLS.slow if call.metric == "vix")
    days = Days()
    days.session(0, {vix: Reading(20.0, note="FRED")})
    days.session(1, {vix: Reading(22.5, note="FRED")})
    assert days.line("Context", 0) == "VIX 20.00 (FRED)"
    assert days.line("Context", 1) == "VIX 22.50 (+2.5, FRED)"
    assert days.told[-1].values["vix_change"] == 2.5


def test_looks_five_minutes_apart_stand_for_the_minutes_between() -> None:
    days = Days()
    for minute in range(0, 391, 5):
        days.see(OPEN + minute * MINUTE, {CALLS.regimes[0]: True})
    assert days.line("Seen") == ""
    assert days.told[0].values["minutes"] == 385.0
    assert days.line("Regime 1h") == "quiet 100%"


def test_a_price_of_the_session_before_makes_no_report_of_this_one() -> None:
    days = Days()
    days.age = 86_400.0
    days.session()
    assert days.told == []
