"""Events known beforehand: how long since the latest, how long until the next."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from streams.metric import NS
from streams.snapshot import Reading

NO_CALENDAR = "no event calendar"


class Event(msgspec.Struct, frozen=True):
    """What is known beforehand, by the name that rules use; `instants` (ns UTC) rise."""

    name: str
    title: str
    source: str
    """Who says when."""
    instants: tuple[int, ...]
    tentative: frozenset[int] = frozenset()
    """Those instants that may yet move."""


def instants_of(events: Iterable[Event]) -> Mapping[str, Sequence[int]]:
    """The instants of each event, by its name."""
    return {event.name: event.instants for event in events}


def event_reader(metric: str, instants: Sequence[int] | None) -> Callable[[int], Reading]:
    """`since` or `until` for events at rising ns UTC; None where nothing is known of them."""
    if not instants:
        return lambda _: Reading(None, NO_CALENDAR)
    answer = {"since": since, "until": until}[metric]
    return lambda now: answer(instants, now)


def since(instants: Sequence[int], now: int) -> Reading:
    """Seconds since the latest event at or before `now`."""
    place = bisect_right(instants, now)
    if place == 0:
        return Reading(None, f"calendar begins {day(instants[0])}")
    return Reading((now - instants[place - 1]) / NS)


def until(instants: Sequence[int], now: int) -> Reading:
    """Seconds until the next event after `now`."""
    place = bisect_right(instants, now)
    if place == len(instants):
        return Reading(None, f"calendar ends {day(instants[-1])}")
    return Reading((instants[place] - now) / NS)


def day(ts: int) -> str:
    """The date in UTC: `2026-03-18`."""
    return datetime.fromtimestamp(ts // NS, UTC).strftime("%Y-%m-%d")
