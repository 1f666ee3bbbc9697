"""Slow series out of files, each figure from the instant on at which it was known.

A day's figure of FRED is known on the next business day: VIX at 09:45 in New York, policy rates and
yields, which the Federal Reserve publishes after 16:15, at 16:45; the target range from the day
itself on, when it is in force. Business days are those on which both New York's exchange and its
banks are open (before 2017 only weekends are known). Fear & greed of a day is published as it
begins in UTC; it counts from 00:15 on. A replay sees nothing earlier.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from streams.context.fred import close_of
from streams.context.series import read_series
from streams.context.source import PERCENT, UnreadableError, figure
from streams.history.prices import PriceFileError
from streams.holidays import HOLIDAYS
from streams.instrument import NS
from streams.metric import CATALOGUE, Unit
from streams.tick import ContextPoint, Item

_NEW_YORK = ZoneInfo("America/New_York")
_EPOCH = date(1970, 1, 1)

_OPENING, _EVENING = time(9, 45), time(16, 45)


def next_business_day(day: date) -> date:
    """The next after a day on which exchange and banks are open."""
    following = day + timedelta(days=1)
    while _closed(following):
        following += timedelta(days=1)
    return following


def _closed(day: date) -> bool:
    weekday = day.weekday()
    columbus = day.month == 10 and weekday == 0 and 8 <= day.day <= 14
    veterans = (day.month, day.day) == (11, 11) or (day.month, day.day, weekday) == (11, 12, 0)
    exchange = f"{day:%m-%d}" in HOLIDAYS.get(day.year, "")
    return weekday >= 5 or exchange or columbus or veterans


def _new_york(day: date, at: time) -> int:
    return int(datetime.combine(day, at, _NEW_YORK).timestamp()) * NS


def _next_morning(day: date) -> int:
    return _new_york(next_business_day(day), _OPENING)


def _next_evening(day: date) -> int:
    return _new_york(next_business_day(day), _EVENING)


def _same_morning(day: date) -> int:
    return _new_york(day, _OPENING)


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp()) * NS


class _Habit(msgspec.Struct, frozen=True):
    """The instant that a day's figure is of, and the one at which it is known."""

    of: Callable[[date], int]
    known: Callable[[date], int]


_HABITS: Mapping[str, _Habit] = {
    "vix": _Habit(close_of, _next_morning),
    "fed_funds": _Habit(close_of, _next_evening),
    "us2y": _Habit(close_of, _next_evening),
    "fed_target_low": _Habit(_same_morning, _same_morning),
    "fed_target_high": _Habit(_same_morning, _same_morning),
    "fear_greed": _Habit(_midnight, lambda day: _midnight(day) + 900 * NS),
}
NAMES = tuple(_HABITS)
"""The series of which there are files."""


def read_points(path: Path, name: str) -> list[ContextPoint]:
    """The figures of a file, one of `NAMES`, in the order in which they became known.

    PriceFileError says what is wrong with the file.
    """
    series, habit = read_series(path, name), _HABITS[name]
    size = PERCENT if CATALOGUE[name].unit is Unit.FRACTION else 1.0
    points = []
    for number, value in zip(series.days.tolist(), series.values.tolist(), strict=True):
        day = _EPOCH + timedelta(days=number)
        try:
            told = figure(name, repr(value), size)
        except UnreadableError as error:
            raise PriceFileError(path, f"{day}: {error}") from None
        points.append(ContextPoint(name, told, habit.of(day), habit.known(day), "file"))
    return points


def among(items: Iterable[Item], points: Sequence[ContextPoint]) -> Iterator[Item]:
    """The items with the points that become known between the first and the last of them.

    Of what was known before the first, the newest of each series comes right before it.
    """
    rest = sorted(points, key=lambda point: (point.ts_recv, point.ts_event))
    place = -1
    for item in items:
        if place < 0:
            place = bisect_right(rest, item.ts_recv, key=lambda point: point.ts_recv)
            newest = {point.name: point for point in rest[:place]}
            for point in newest.values():
                yield msgspec.structs.replace(point, ts_recv=item.ts_recv)
        while place < len(rest) and rest[place].ts_recv <= item.ts_recv:
            yield rest[place]
            place += 1
        yield item
