"""Recurring silences: their keys, and the quiet times made of them."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Any, Literal, Self, get_args
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from alerts.language import did_you_mean
from alerts.rule import Severity
from alerts.silence import ClockTime, Matcher, QuietTime, SessionTime, Weekday
from config import forms
from config.fields import Patience, Slug
from config.keys import Keys, OrEmpty
from config.references import PairNames, SilencedIds, listed
from config.refusals import refused

_CLOCK = r"([01]?[0-9]|2[0-3]):[0-5][0-9]"
"""How a time of day is written."""


def _minutes(value: Any) -> int:
    if not isinstance(value, str) or not re.fullmatch(_CLOCK, value):
        shown = f"'{value}'" if isinstance(value, str) else "this"
        raise refused(f"{shown} is not a time of day", "write it as 22:00, from 00:00 to 23:59")
    hours, _, minutes = value.partition(":")
    return int(hours) * 60 + int(minutes)


Minutes = Annotated[int, BeforeValidator(_minutes), forms.text(f"^{_CLOCK}$", "22:00")]
"""Minutes since midnight."""


_zones = cache(available_timezones)


def _zone(value: str) -> str:
    if value not in _zones():
        meant = did_you_mean(value, _zones())
        remedy = meant if meant.startswith("did") else "write it as Europe/Berlin"
        raise refused(f"unknown time zone '{value}'", remedy)
    return value


Zone = Annotated[str, AfterValidator(_zone)]


Severities = Annotated[
    tuple[Severity, ...],
    BeforeValidator(listed),
    forms.one_or_more({"enum": [severity.value for severity in Severity]}),
]
Days = Annotated[
    tuple[Weekday, ...],
    BeforeValidator(listed),
    Field(min_length=1),
    forms.one_or_more({"enum": list(get_args(Weekday))}, 1),
]


class MatchKeys(Keys):
    """Which alerts are meant: every given key must hold; without any, all."""

    rules: SilencedIds = ()
    """Ids of rules; of comove's own too, as comove/feed."""
    pairs: PairNames = ()
    """Names of pairs, as ETH-IWM."""
    severities: Severities = ()
    """Severities of the rules."""
    labels: dict[str, Annotated[str, forms.SCALAR]] = Field(default_factory=dict)
    """Labels that the rules must have."""


class DuringKeys(Keys):
    """By the clock (from, to, timezone, days) or by an exchange's sessions (calendar, …)."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": ["from", "to", "timezone"]}, {"required": ["calendar"]}]
        }
    )

    start: Annotated[Minutes | None, Field(alias="from")] = None
    """The time of day at which it begins, as 22:00."""
    to: Minutes | None = None
    """The time of day at which it ends; on the next day where that is not after 'from'."""
    timezone: Zone | None = None
    """Whose clock, as Europe/Berlin."""
    days: Days | None = None
    """The days on which it begins; without this line, every day."""
    calendar: Literal["NYSE"] | None = None
    """Whose sessions."""
    session: Literal["regular", "extended", "closed"] | None = None
    """Which of them; regular unless said."""
    first: Patience | None = None
    """Only so much from the session's beginning."""
    last: Patience | None = None
    """Only so much up to the session's end."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        clock = [self.start, self.to, self.timezone]
        by_clock = any(each is not None for each in (*clock, self.days))
        session = (self.session, self.first, self.last)
        if by_clock and (self.calendar is not None or any(each is not None for each in session)):
            raise refused("both a clock and a calendar", "write two silences")
        if by_clock and None in clock:
            raise refused("a clock needs three things", "write 'from', 'to' and 'timezone'")
        if not by_clock and self.calendar is None:
            remedy = "write 'from', 'to' and 'timezone', or 'calendar: NYSE'"
            raise refused("it is not said when", remedy)
        if self.first is not None and self.last is not None:
            raise refused("both 'first' and 'last'", "write two silences")
        return self

    @property
    def value(self) -> ClockTime | SessionTime:
        """As the engine takes it."""
        if self.start is not None and self.to is not None and self.timezone is not None:
            days = self.days or get_args(Weekday)
            return ClockTime(start=self.start, end=self.to, timezone=self.timezone, days=days)
        return SessionTime(
            calendar=self.calendar or "NYSE",
            session=self.session or "regular",
            first=self.first,
            last=self.last,
        )


class SilenceKeys(Keys):
    """A recurring silence: alerts are not told while it lasts, and told then if they still fire."""

    id: Slug
    """Its name."""
    match: Annotated[MatchKeys, OrEmpty] = MatchKeys()
    """Which alerts; without it, all."""
    during: DuringKeys
    """When."""
    why: Annotated[str, Field(max_length=200)] = ""
    """Shown beside what is silenced."""


def quiet_time(keys: SilenceKeys) -> QuietTime:
    """The quiet time that the keys describe."""
    match = keys.match
    matcher = Matcher(
        rules=match.rules,
        pairs=match.pairs,
        severities=tuple(each.value for each in match.severities),
        labels=match.labels,
    )
    return QuietTime(id=keys.id, matcher=matcher, during=keys.during.value, why=keys.why)
