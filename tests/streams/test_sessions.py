from __future__ import annotations

import warnings
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

import exchange_calendars  # type: ignore[import-untyped]  # the library has no types
import pytest

from streams.holidays import EARLY_CLOSES, FIRST, HOLIDAYS, LAST
from streams.instrument import NS
from streams.sessions import Calendar, calendar

NEW_YORK = ZoneInfo("America/New_York")
NYSE = calendar("NYSE")
ALWAYS = calendar("24/7")


def ns(text: str, zone: ZoneInfo = NEW_YORK) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * NS


class Judge:
    """Opens, closes and lengths of every session of the table, by exchange_calendars."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            # The library uses what its own pandas deprecates.
            warnings.simplefilter("ignore")
            xnys = exchange_calendars.get_calendar("XNYS", start=str(FIRST), end=str(LAST))
        self.opens = [int(stamp.timestamp()) * NS for stamp in xnys.schedule["open"]]
        self.closes = [int(stamp.timestamp()) * NS for stamp in xnys.schedule["close"]]
        lengths = [(c - o) / NS for o, c in zip(self.opens, self.closes, strict=True)]
        self.passed = [0.0, *accumulate(lengths)]


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge()


def test_regular_sessions_are_those_of_exchange_calendars(judge: Judge) -> None:
    found = []
    ts = ns(f"{FIRST}T00:00:00")
    while ts < ns(f"{LAST}T23:59:59"):
        session = NYSE.session(ts)
        assert session.start_ns <= ts < session.end_ns
        if session.kind == "regular":
            found.append((session.start_ns, session.end_ns))
        ts = session.end_ns

    assert found == list(zip(judge.opens, judge.closes, strict=True))


def test_trading_seconds_add_up_to_those_of_exchange_calendars(judge: Judge) -> None:
    assert [NYSE.trading_seconds(ts) for ts in judge.opens] == judge.passed[:-1]
    assert [NYSE.trading_seconds(ts) for ts in judge.closes] == judge.passed[1:]


def test_prior_close_is_the_close_of_the_session_before(judge: Judge) -> None:
    assert [NYSE.prior_close(ts) for ts in judge.opens[1:]] == judge.closes[:-1]


def test_the_table_holds_weekdays_in_order() -> None:
    for table in (HOLIDAYS, EARLY_CLOSES):
        days = [date.fromisoformat(f"{y}-{d}") for y, ds in table.items() for d in ds.split()]
        assert days == sorted(set(days))
        assert all(day.weekday() < 5 for day in days)


@pytest.mark.parametrize(
    ("at", "kind", "start", "end"),
    [
        ("2026-03-17T03:59:59", "closed", "2026-03-16T20:00", "2026-03-17T04:00"),
        ("2026-03-17T04:00:00", "extended", "2026-03-17T04:00", "2026-03-17T09:30"),
        ("2026-03-17T09:30:00", "regular", "2026-03-17T09:30", "2026-03-17T16:00"),
        ("2026-03-17T16:00:00", "extended", "2026-03-17T16:00", "2026-03-17T20:00"),
        ("2026-03-17T20:00:00", "closed", "2026-03-17T20:00", "2026-03-18T04:00"),
        # A weekend, and one that the clocks go forward and back in.
        ("2026-03-14T12:00:00", "closed", "2026-03-13T20:00", "2026-03-16T04:00"),
        ("2026-03-08T02:30:00", "closed", "2026-03-06T20:00", "2026-03-09T04:00"),
        ("2026-11-01T01:30:00", "closed", "2026-10-30T20:00", "2026-11-02T04:00"),
        # Early closes, before a weekend and before a holiday.
        ("2026-11-27T12:59:59", "regular", "2026-11-27T09:30", "2026-11-27T13:00"),
        ("2026-11-27T13:00:00", "extended", "2026-11-27T13:00", "2026-11-27T17:00"),
        ("2026-11-27T17:00:00", "closed", "2026-11-27T17:00", "2026-11-30T04:00"),
        ("2026-12-24T14:00:00", "extended", "2026-12-24T13:00", "2026-12-24T17:00"),
        ("2026-12-25T10:00:00", "closed", "2026-12-24T17:00", "2026-12-28T04:00"),
        # Beyond the table every weekday counts.
        ("2031-12-25T10:00:00", "regular", "2031-12-25T09:30", "2031-12-25T16:00"),
    ],
)
def test_session_at(at: str, kind: str, start: str, end: str) -> None:
    session = NYSE.session(ns(at))
    assert (session.kind, session.start_ns, session.end_ns) == (kind, ns(start), ns(end))


def test_regular_hours_move_with_the_clocks_of_new_york() -> None:
    opens = [
        datetime.fromtimestamp(NYSE.session(ns(f"{day}T12:00")).start_ns / NS, UTC).hour
        for day in ("2026-03-06", "2026-03-09", "2026-10-30", "2026-11-02")
    ]
    assert opens == [14, 13, 13, 14]


@pytest.mark.parametrize(
    ("at", "close"),
    [
        ("2026-03-17T08:00", "2026-03-16T16:00"),
        ("2026-03-17T12:00", "2026-03-16T16:00"),
        ("2026-03-17T16:00", "2026-03-16T16:00"),
        ("2026-03-17T19:59", "2026-03-16T16:00"),
        ("2026-03-17T20:00", "2026-03-17T16:00"),
        ("2026-03-16T12:00", "2026-03-13T16:00"),
        ("2026-03-15T12:00", "2026-03-13T16:00"),
        ("2026-11-30T12:00", "2026-11-27T13:00"),
    ],
)
def test_prior_close_at(at: str, close: str) -> None:
    assert NYSE.prior_close(ns(at)) == ns(close)


def test_trading_time_stands_still_outside_regular_hours() -> None:
    friday = NYSE.trading_seconds(ns("2026-03-13T16:00"))

    assert NYSE.trading_seconds(ns("2026-03-14T12:00")) == friday
    assert NYSE.trading_seconds(ns("2026-03-16T09:30")) == friday
    assert NYSE.trading_seconds(ns("2026-03-16T09:30") + NS // 2) == friday + 0.5
    assert NYSE.trading_seconds(ns("2026-03-17T09:31")) == friday + 23_400 + 60


def test_answers_do_not_depend_on_what_was_asked_before() -> None:
    instants = [ns("2026-03-13T12:00") + hour * 3600 * NS for hour in range(96)]
    forward = [(NYSE.session(ts), NYSE.trading_seconds(ts)) for ts in instants]
    backward = [(NYSE.session(ts), NYSE.trading_seconds(ts)) for ts in reversed(instants)]

    assert forward == backward[::-1]


def test_trading_time_goes_on_beyond_the_table() -> None:
    assert NYSE.horizon_ns == ns(f"{LAST + timedelta(days=1)}T00:00")
    later = [ns(f"2029-01-0{day}T16:00") for day in (1, 2, 3)]
    seconds = [NYSE.trading_seconds(ts) for ts in later]
    assert [b - a for a, b in pairwise(seconds)] == [23_400.0, 23_400.0]


def test_round_the_clock_is_always_regular() -> None:
    utc = ZoneInfo("UTC")
    noon = ns("2026-03-15T12:00", utc)

    assert ALWAYS.session(noon).kind == "regular"
    assert ALWAYS.session(noon) == ALWAYS.session(ns("1990-01-01T00:00", utc))
    assert ALWAYS.trading_seconds(noon + NS) - ALWAYS.trading_seconds(noon) == 1.0
    assert ALWAYS.trading_seconds(ns("2017-01-01T00:00", utc)) == 0.0
    assert ALWAYS.prior_close(noon) == ns("2026-03-15T00:00", utc)
    assert ALWAYS.horizon_ns is None


def test_calendars_are_known_by_name() -> None:
    for name in ("NYSE", "24/7"):
        found: Calendar = calendar(name)
        assert found.name == name
        assert calendar(name) is found
    with pytest.raises(ValueError, match=r"no calendar 'NASDAQ'; there are NYSE, 24/7"):
        calendar("NASDAQ")
