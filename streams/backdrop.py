"""The backdrop: what was said last of each slow series, as long as that says something."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

from streams.book import Book
from streams.metric import CATALOGUE, NS, Call
from streams.snapshot import Reading
from streams.tick import ContextPoint

_MINUTE = 60 * NS
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR

LIVE = "VIX"
"""The instrument whose price, while it has one, is the `vix`."""


class Backdrop:
    """Keeps the newest point of each series."""

    def __init__(self) -> None:
        self._points: dict[str, ContextPoint] = {}

    def accept(self, point: ContextPoint) -> None:
        """Take a point, unless a later one of its series is known."""
        known = self._points.get(point.name)
        if known is None or point.ts_event >= known.ts_event:
            self._points[point.name] = point

    def age(self, name: str, now: int) -> float | None:
        """Seconds since the instant that the series' last point is of; None where there is none."""
        point = self._points.get(name)
        return None if point is None else (now - point.ts_event) / NS

    def reader(self, name: str, *, fed: bool) -> Callable[[int], Reading]:
        """What answers a call of the series; `fed` is whether it has a source at all."""
        if not fed:
            return lambda _: Reading(None, f"no source for {name} configured")
        patience = CATALOGUE[name].patience or 0.0

        def read(now: int) -> Reading:
            point = self._points.get(name)
            if point is None:
                return Reading(None, "nothing from its source yet")
            if now - point.ts_event > patience * NS:
                return Reading(None, f"too old: {point.source}, {_age(now - point.ts_event)} old")
            return Reading(point.value, note=_note(point, now, daily=patience * NS >= _DAY))

        return read


def live_or_last(book: Book, last: Callable[[int], Reading]) -> Callable[[int], Reading]:
    """The instrument's price while it has one, else what was said last."""
    price = book.reader(Call("price", (LIVE,)))

    def read(now: int) -> Reading:
        live = price(now)
        if live.value is None:
            return last(now)
        trading = book.calendar.session(now).kind == "regular"
        return Reading(live.value, note="live" if trading else "last price")

    return read


def _note(point: ContextPoint, now: int, *, daily: bool) -> str:
    """`close of Fri, FRED`; `Kalshi, 12 min old`."""
    if not daily:
        return f"{point.source}, {_age(now - point.ts_event)} old"
    return f"{'close of ' if point.name == 'vix' else ''}{_weekday(point.ts_event)}, {point.source}"


@lru_cache(maxsize=32)
def _weekday(ts: int) -> str:
    """By UTC, which has the day of New York's afternoon, and of a figure of UTC's midnight."""
    return datetime.fromtimestamp(ts // NS, UTC).strftime("%a")


def _age(ns: int) -> str:
    """In whole units, so that it changes seldom."""
    if ns < 2 * _HOUR:
        return f"{max(ns, 0) // _MINUTE} min"
    return f"{ns // _HOUR} h" if ns < 2 * _DAY else f"{ns // _DAY} d"
