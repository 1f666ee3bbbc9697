"""What keeps alerts from being told: silences made on the spot, and recurring ones.

A silenced alert still lives: what fires meanwhile and still does when the silence ends is told
then.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

import msgspec

from alerts.rule import Rule
from streams.instrument import NS
from streams.sessions import calendar

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

FOREVER = 2**63 - 1


class Matcher(msgspec.Struct, frozen=True):
    """Which alerts: every given field must hold; one without fields matches all."""

    rules: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    labels: Mapping[str, str] = {}

    @property
    def text(self) -> str:
        """`rule feed-stale, pair ETH-IWM`, or `everything`."""
        named = (("rule", self.rules), ("pair", self.pairs), ("severity", self.severities))
        parts = [f"{name} {' or '.join(values)}" for name, values in named if values]
        parts += [f"label {key}={value}" for key, value in self.labels.items()]
        return ", ".join(parts) or "everything"

    def matches(self, rule: Rule) -> bool:
        """Whether a rule's alerts are meant."""
        return (
            (not self.rules or rule.id in self.rules)
            and (not self.pairs or rule.pair.name in self.pairs)
            and (not self.severities or rule.severity in self.severities)
            and all(rule.labels.get(key) == value for key, value in self.labels.items())
        )


class Silence(msgspec.Struct, frozen=True):
    """One made on the spot, until an instant (ns)."""

    id: str
    matcher: Matcher
    until: int
    who: str
    why: str = ""
    made: int = 0


class Spell(msgspec.Struct, frozen=True):
    """Whether it is quiet, and up to when (ns) that may be relied on."""

    quiet: bool
    until: int


class ClockTime(msgspec.Struct, frozen=True):
    """From `start` to `end` (minutes since midnight) in a time zone.

    Past midnight where the end is not after the start. `days` are those on which it starts.
    """

    start: int
    end: int
    timezone: str
    days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

    def at(self, ts: int) -> Spell:
        """How it is at `ts` (ns)."""
        zone = ZoneInfo(self.timezone)
        today = datetime.fromtimestamp(ts // NS, zone).date()
        near = (today + timedelta(ahead) for ahead in range(-1, 9))
        spans = [self._span(day, zone) for day in near if _WEEKDAYS[day.weekday()] in self.days]
        edges = (edge for span in spans for edge in span if edge > ts)
        return Spell(any(start <= ts < end for start, end in spans), min(edges, default=FOREVER))

    def _span(self, day: date, zone: ZoneInfo) -> tuple[int, int]:
        """The one that starts on that day.

        An hour that comes twice is quiet both times; one that is left out ends an hour later.
        """
        last = day + timedelta(self.end <= self.start)
        ends = (_instant(last, self.end, zone, fold=fold) for fold in (0, 1))
        return _instant(day, self.start, zone, fold=0), max(ends)


class SessionTime(msgspec.Struct, frozen=True):
    """A part of a calendar's session: all of it, or its first or last so many ns."""

    calendar: str
    session: Literal["regular", "extended", "closed"] = "regular"
    first: int | None = None
    last: int | None = None

    def at(self, ts: int) -> Spell:
        """How it is at `ts` (ns)."""
        session = calendar(self.calendar).session(ts)
        start, end = session.start_ns, session.end_ns
        if session.kind != self.session:
            return Spell(quiet=False, until=end)
        if self.first is None and self.last is None:
            return Spell(quiet=True, until=end)
        opened = start if self.first is None else start + self.first
        closing = end if self.last is None else end - self.last
        edges = (edge for edge in (opened, closing, end) if edge > ts)
        return Spell(ts < opened or ts >= closing, min(edges))


class QuietTime(msgspec.Struct, frozen=True):
    """A recurring silence, from the rule file."""

    id: str
    matcher: Matcher
    during: ClockTime | SessionTime
    why: str = ""


_WEEKDAYS = get_args(Weekday)


def _instant(day: date, minutes: int, zone: ZoneInfo, *, fold: int) -> int:
    of_day = time(minutes // 60, minutes % 60, fold=fold)
    return int(datetime.combine(day, of_day, zone).timestamp()) * NS
