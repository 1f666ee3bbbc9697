"""The keys of a calendar of events."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Annotated, Any

import msgspec
from pydantic import AfterValidator, BeforeValidator, Field

from alerts.language import RESERVED
from alerts.language.zones import NEW_YORK
from config import forms
from config.keys import Keys
from config.references import listed
from config.refusals import refused
from config.silences import Minutes, Zone

_NAME = r"[A-Za-z_][A-Za-z0-9_]{0,31}"
_MOMENT = r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?))?"


class Moment(msgspec.Struct, frozen=True):
    """A day, and the time of day where it is not the event's usual one."""

    day: date
    at: time | None = None


def _moment(value: Any) -> Moment:
    found = re.fullmatch(_MOMENT, value.strip()) if isinstance(value, str) else None
    if found is None:
        raise refused("this is not a date", "write it as 2026-03-18, or 2026-03-18 14:00")
    try:
        return Moment(
            date.fromisoformat(found[1]), time.fromisoformat(found[2]) if found[2] else None
        )
    except ValueError:
        raise refused(f"there is no '{value.strip()}'", "see to its day and its hour") from None


def event_name(value: str) -> str:
    """The name, if it is fit for expressions."""
    if not re.fullmatch(_NAME, value):
        raise refused(f"'{value}' cannot be an event's name", "use letters, digits and '_'")
    if value in RESERVED:
        raise refused(f"'{value}' is a word of the rule language", "choose another name")
    return value


def _one_line(value: str) -> str:
    return " ".join(value.split())


EventName = Annotated[str, AfterValidator(event_name), forms.text(f"^{_NAME}$")]
"""Fit for expressions."""
Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_one_line)]
Moments = Annotated[
    tuple[Annotated[Moment, BeforeValidator(_moment)], ...],
    BeforeValidator(listed),
    forms.one_or_more({"type": "string", "pattern": f"^{_MOMENT}$"}),
]


class EventKeys(Keys):
    """An event that comes again and again."""

    title: Line
    """How alerts call it: FOMC decision."""
    source: Line
    """Who says when it is."""
    timezone: Zone = NEW_YORK
    """Whose clock its dates are by."""
    time: Minutes | None = None
    """The time of day of dates that have none of their own."""
    confirmed: Moments = ()
    """When it was, and when it will certainly be."""
    tentative: Moments = ()
    """When it will be, unless that is moved."""


class CalendarKeys(Keys):
    """A calendar: what is known beforehand, for since, until and within in rules."""

    events: Annotated[dict[EventName, EventKeys], Field(min_length=1)]
    """By the name that rules use."""
