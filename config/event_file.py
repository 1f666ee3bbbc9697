"""A calendar of events: read, checked, and made into instants."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from config.document import Document
from config.errors import ConfigError, Fault
from config.event_keys import CalendarKeys, EventKeys, Moment
from config.names import Names
from config.shipped import EVENTS, shipped, shipped_path
from config.validation import validated
from streams.instrument import NS
from streams.schedule import Event

KINDS = ("confirmed", "tentative")

_NOTHING = Names(folder=Path(), instruments=(), pairs=(), notifiers=())
"""A calendar names nothing outside itself."""


class Calendar(msgspec.Struct, frozen=True):
    """The events; with faults, those that come with comove, and the names of the file's own."""

    path: Path
    events: tuple[Event, ...]
    names: tuple[str, ...]
    faults: tuple[Fault, ...] = ()


@cache
def shipped_calendar() -> Calendar:
    """The one that comes with comove."""
    events = calendar_events(Document(EVENTS, shipped(EVENTS).encode()))
    return Calendar(shipped_path(EVENTS), events, tuple(event.name for event in events))


def calendar_events(document: Document) -> tuple[Event, ...]:
    """The events of a file, by name; raises ConfigError with all its faults."""
    keys, faults = validated(document, CalendarKeys, _NOTHING)
    if keys is None:
        raise ConfigError(faults)
    events = []
    for name, each in keys.events.items():
        times, strange = _instants(document, name, each)
        faults += strange
        events.append(_event(name, each, times))
    if faults:
        raise ConfigError(faults)
    return tuple(events)


def event_names(document: Document) -> tuple[str, ...]:
    """What a calendar names, faulty or not."""
    events = document.get("events")
    return tuple(events) if isinstance(events, dict) else ()


def _event(name: str, keys: EventKeys, times: Mapping[int, str]) -> Event:
    return Event(
        name=name,
        title=keys.title,
        source=keys.source,
        instants=tuple(sorted(times)),
        tentative=frozenset(ts for ts, kind in times.items() if kind == "tentative"),
    )


def _instants(
    document: Document, name: str, keys: EventKeys
) -> tuple[Mapping[int, str], list[Fault]]:
    """The instants with their kinds, and what is wrong with dates."""
    times: dict[int, str] = {}
    faults: list[Fault] = []
    for path, kind, moment in _moments(name, keys):
        try:
            ts = instant(moment, keys)
        except ValueError as error:
            faults.append(document.fault_at(path, *error.args))
            continue
        if ts in times:
            remedy = "keep it once, as confirmed or as tentative"
            faults.append(document.fault_at(path, "this date stands twice", remedy))
        times.setdefault(ts, kind)
    return times, faults


def _moments(name: str, keys: EventKeys) -> Iterator[tuple[tuple[str | int, ...], str, Moment]]:
    for kind in KINDS:
        given: tuple[Moment, ...] = getattr(keys, kind)
        for index, moment in enumerate(given):
            yield ("events", name, kind, index), kind, moment


def instant(moment: Moment, keys: EventKeys) -> int:
    """In ns UTC; of an hour that comes twice, the first. ValueError(message, remedy)."""
    at = moment.at
    if at is None and keys.time is not None:
        at = time(*divmod(keys.time, 60))
    if at is None:
        raise ValueError(
            "this date has no time of day", "write '2026-03-18 14:00', or 'time:' once"
        )
    local = datetime.combine(moment.day, at, ZoneInfo(keys.timezone))
    utc = local.astimezone(UTC)
    if utc.astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValueError("the clock jumps over this hour", "write the hour as it is shown then")
    return round(utc.timestamp()) * NS


def read_calendar(path: Path, document: Document) -> Calendar:
    """The calendar in a document that stands at a path; its faults are in it."""
    try:
        events = calendar_events(document)
    except ConfigError as error:
        return Calendar(path, shipped_calendar().events, event_names(document), error.faults)
    return Calendar(path, events, tuple(event.name for event in events))
