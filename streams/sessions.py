"""When a market trades: regular, extended or closed, and how much regular time has passed.

All instants are int nanoseconds UTC. Answers hold for the table of `streams.holidays`; outside it
every weekday counts as a full session.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

import msgspec

from streams.holidays import EARLY_CLOSES, FIRST, HOLIDAYS, LAST
from streams.instrument import NS

Kind = Literal["regular", "extended", "closed"]


class Session(msgspec.Struct, frozen=True, gc=False):
    """The stretch of one kind from `start_ns` up to, and without, `end_ns`."""

    kind: Kind
    start_ns: int
    end_ns: int


class Calendar(Protocol):
    """The hours of a market; get one by name from `calendar`."""

    @property
    def name(self) -> str:
        """The name configuration knows it by."""

    @property
    def horizon_ns(self) -> int | None:
        """The end of what is known of holidays; None where there are none to know."""

    def session(self, ts_ns: int) -> Session:
        """The session that holds `ts_ns`."""

    def trading_seconds(self, ts_ns: int) -> float:
        """Regular seconds from the start of 2017 to `ts_ns`: stands still outside regular hours."""

    def prior_close(self, ts_ns: int) -> int:
        """The end of the last regular session that ended before the current session began."""


def calendar(name: str) -> Calendar:
    """The calendar of that name, one object a name; ValueError lists the names there are."""
    if name not in _CALENDARS:
        raise ValueError(f"no calendar {name!r}; there are {', '.join(_CALENDARS)}")
    return _made(name)


@cache
def _made(name: str) -> Calendar:
    return _CALENDARS[name]()


class AlwaysOpen:
    """24/7: always regular; its day closes at 00:00 UTC."""

    name = "24/7"
    horizon_ns: int | None = None

    _SESSION = Session(kind="regular", start_ns=-(2**63), end_ns=2**63 - 1)
    _EPOCH = int(datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC).timestamp()) * NS
    _DAY = 86_400 * NS

    def session(self, ts_ns: int) -> Session:  # noqa: ARG002  # one answer whenever it is asked
        """The one session there is."""
        return self._SESSION

    def trading_seconds(self, ts_ns: int) -> float:
        """Seconds since the start of 2017."""
        return (ts_ns - self._EPOCH) / NS

    def prior_close(self, ts_ns: int) -> int:
        """The last 00:00 UTC at or before `ts_ns`."""
        return ts_ns - ts_ns % self._DAY


_NEW_YORK = ZoneInfo("America/New_York")
_REGULAR_SECONDS = 23_400
_CUT_SECONDS = 10_800
"""By how much an early close shortens a session."""


def _days(table: dict[int, str]) -> list[int]:
    """The ordinals of the table's dates, rising."""
    return [
        date.fromisoformat(f"{year}-{day}").toordinal()
        for year, days in sorted(table.items())
        for day in days.split()
    ]


_CLOSED_DAYS = _days(HOLIDAYS)
_SHORT_DAYS = _days(EARLY_CLOSES)


def _holds(days: list[int], ordinal: int) -> bool:
    i = bisect_left(days, ordinal)
    return i < len(days) and days[i] == ordinal


def _trades(ordinal: int) -> bool:
    # Ordinal 1 is a Monday.
    return (ordinal - 1) % 7 < 5 and not _holds(_CLOSED_DAYS, ordinal)


def _weekdays_before(ordinal: int) -> int:
    weeks, days = divmod(ordinal - 1, 7)
    return 5 * weeks + min(days, 5)


def _seconds_before(ordinal: int) -> int:
    """Regular seconds on the days from the table's first to the one before `ordinal`."""
    weekdays = _weekdays_before(ordinal) - _weekdays_before(FIRST.toordinal())
    full = weekdays - bisect_left(_CLOSED_DAYS, ordinal)
    return full * _REGULAR_SECONDS - bisect_left(_SHORT_DAYS, ordinal) * _CUT_SECONDS


def _instant(ordinal: int, hour: int, minute: int = 0) -> int:
    local = datetime.combine(date.fromordinal(ordinal), time(hour, minute), _NEW_YORK)
    return int(local.timestamp()) * NS


def _local_day(ts_ns: int) -> int:
    return datetime.fromtimestamp(ts_ns // NS, _NEW_YORK).toordinal()


def _trading_day(ordinal: int, step: int) -> int:
    """The first day with a session from `ordinal` on, going by `step` of 1 or -1."""
    while not _trades(ordinal):
        ordinal += step
    return ordinal


@lru_cache(maxsize=16)
def _edges(ordinal: int) -> tuple[int, int, int, int]:
    """The instants at which a trading day's early, regular, late hours begin, and all end."""
    short = _holds(_SHORT_DAYS, ordinal)
    return (
        _instant(ordinal, 4),
        _instant(ordinal, 9, 30),
        _instant(ordinal, 13 if short else 16),
        _instant(ordinal, 17 if short else 20),
    )


def _close_before(start_ns: int) -> int:
    day = _trading_day(_local_day(start_ns), -1)
    if _edges(day)[2] >= start_ns:
        day = _trading_day(day - 1, -1)
    return _edges(day)[2]


class NewYorkStockExchange:
    """NYSE hours in New York: 04:00 extended, 09:30 regular, 16:00 extended, 20:00 closed.

    On early closes the regular session ends at 13:00 and the extended one at 17:00. What some
    venues trade overnight counts as closed.
    """

    name = "NYSE"
    horizon_ns: int | None = _instant((LAST + timedelta(days=1)).toordinal(), 0)

    def __init__(self) -> None:
        self._session = Session(kind="closed", start_ns=0, end_ns=0)
        self._seconds = 0
        """Regular seconds before `_session`."""
        self._prior = 0
        """The prior close of `_session`, 0 until asked for."""

    def session(self, ts_ns: int) -> Session:
        """The session that holds `ts_ns`; quick while that stays the same one."""
        held = self._session
        if held.start_ns <= ts_ns < held.end_ns:
            return held
        self._session, self._seconds = self._find(ts_ns)
        self._prior = 0
        return self._session

    def trading_seconds(self, ts_ns: int) -> float:
        """Regular seconds from the start of 2017 to `ts_ns`."""
        held = self.session(ts_ns)
        if held.kind == "regular":
            return self._seconds + (ts_ns - held.start_ns) / NS
        return float(self._seconds)

    def prior_close(self, ts_ns: int) -> int:
        """The last regular close before the current session began.

        So a trading day's prior close stays yesterday's through its own late hours, and its own
        close takes over when those end.
        """
        session = self.session(ts_ns)
        if not self._prior:
            self._prior = _close_before(session.start_ns)
        return self._prior

    @staticmethod
    def _find(ts_ns: int) -> tuple[Session, int]:
        today = _local_day(ts_ns)
        last = _trading_day(today, -1)
        if ts_ns < _edges(last)[0]:
            last = _trading_day(last - 1, -1)
        before, opened, closed, after = _edges(last)
        done = _seconds_before(last + 1)
        if ts_ns < opened:
            return Session("extended", before, opened), _seconds_before(last)
        if ts_ns < closed:
            return Session("regular", opened, closed), _seconds_before(last)
        if ts_ns < after:
            return Session("extended", closed, after), done
        following = _trading_day(last + 1, 1)
        return Session("closed", after, _edges(following)[0]), done


_CALENDARS: dict[str, type[AlwaysOpen | NewYorkStockExchange]] = {
    "NYSE": NewYorkStockExchange,
    "24/7": AlwaysOpen,
}
