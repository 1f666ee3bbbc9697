"""Dates out of an iCalendar file (RFC 5545), into a calendar of events with its comments kept."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from pydantic_core import PydanticCustomError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from alerts.language.zones import NEW_YORK
from config.document import Document
from config.event_file import calendar_events
from config.event_keys import event_name

_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError)
"""What the reader of calendar files raises on files that are none."""


class Wanted(msgspec.Struct, frozen=True):
    """Which entries are meant, and what the event is called in rules."""

    name: str
    match: str = ""
    """Part of their summary, in any case."""
    title: str = ""
    """How alerts call an event that is new."""


class Entry(msgspec.Struct, frozen=True):
    """One entry of the file; a bare time is by the event's own clock."""

    summary: str
    at: date | datetime
    tentative: bool = False


def entries_in(data: bytes, wanted: Wanted) -> Sequence[Entry]:
    """The entries that are wanted, those called off left out; ValueError says why there is none."""
    from icalendar import Calendar  # noqa: PLC0415  # loaded when used

    try:
        components = Calendar.from_ical(data).walk("VEVENT")
        found = [each for each in map(_entry, components) if _meant(each, wanted)]
    except _UNREADABLE as error:
        raise ValueError(f"this is no calendar file: {error}") from None
    entries = [each for each in found if each is not None]
    if not entries:
        said = f"is called '{wanted.match}'" if wanted.match else "is in it"
        raise ValueError(f"no entry {said}")
    return entries


def _meant(entry: Entry | None, wanted: Wanted) -> bool:
    return entry is not None and wanted.match.casefold() in entry.summary.casefold()


def _entry(component: Any) -> Entry | None:
    """None where it was called off."""
    summary = " ".join(str(component.get("SUMMARY", "")).split())
    status = str(component.get("STATUS", "")).upper()
    if status == "CANCELLED":
        return None
    if component.get("RRULE"):
        raise ValueError(f"'{summary}' repeats by a rule, and only single entries can be taken")
    return Entry(summary, component["DTSTART"].dt, tentative=status == "TENTATIVE")


def added(text: str, wanted: Wanted, entries: Sequence[Entry], source: str) -> tuple[str, int]:
    """The calendar's text with these dates in it, and how many are new; `source` named them.

    Raises ValueError where they cannot be put in, ConfigError where the text is no calendar.
    """
    try:
        event_name(wanted.name)
    except PydanticCustomError as error:
        raise ValueError(error.message()) from None
    yaml = _yaml()
    known = _known(text, wanted.name)
    calendar = yaml.load(text)
    event = calendar["events"].get(wanted.name)
    if event is None:
        event = calendar["events"][wanted.name] = _new(wanted, entries, source)
    zone = ZoneInfo(event.get("timezone", NEW_YORK))
    usual = time.fromisoformat(event["time"].zfill(5)) if "time" in event else None
    new = 0
    for entry in sorted(entries, key=lambda each: _local(each, zone, usual)):
        local = _local(entry, zone, usual)
        ts = round(local.replace(tzinfo=zone).timestamp())
        if ts not in known:
            known.add(ts)
            new += 1
            _append(event, "tentative" if entry.tentative else "confirmed", local, usual)
    out = io.StringIO()
    yaml.dump(calendar, out)
    made = "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())
    calendar_events(Document("", made.encode()))
    return made, new


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 100
    return yaml


def _known(text: str, name: str) -> set[int]:
    """The instants (s UTC) that the calendar has of an event."""
    events = calendar_events(Document("", text.encode()))
    return {ts // 1_000_000_000 for each in events if each.name == name for ts in each.instants}


def _new(wanted: Wanted, entries: Sequence[Entry], source: str) -> CommentedMap:
    """An event of these entries, as yet without dates; with one time of day where all have it."""
    zone = ZoneInfo(NEW_YORK)
    timed = [each for each in entries if isinstance(each.at, datetime)]
    times = {_local(each, zone, None).time() for each in timed}
    event = CommentedMap(title=wanted.title or entries[0].summary or wanted.name, source=source)
    if len(times) == 1 and not (usual := times.pop()).second:
        event["time"] = DoubleQuotedScalarString(f"{usual:%H:%M}")
    return event


def _local(entry: Entry, zone: ZoneInfo, usual: time | None) -> datetime:
    """By the event's clock, the zone left off."""
    if isinstance(entry.at, datetime):
        local = entry.at if entry.at.tzinfo is None else entry.at.astimezone(zone)
        return local.replace(tzinfo=None, microsecond=0)
    if usual is None:
        message = f"'{entry.summary}' is of a whole day"
        raise ValueError(f"{message}: write its event with 'time:' into the calendar first")
    return datetime.combine(entry.at, usual)


def _append(event: CommentedMap, kind: str, local: datetime, usual: time | None) -> None:
    dates = event.get(kind)
    if not isinstance(dates, list):
        dates = CommentedSeq([] if dates is None else [dates])
        dates.fa.set_flow_style()
        event[kind] = dates
    form = "%Y-%m-%d %H:%M:%S" if local.second else "%Y-%m-%d %H:%M"
    dates.append(local.date() if local.time() == usual else local.strftime(form))
