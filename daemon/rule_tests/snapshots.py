"""Series as the snapshots that an engine reads, in the sessions of the real calendars."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from config.settings import Config
from daemon.rule_tests.case import Series
from streams.sessions import calendar
from streams.snapshot import Reading, Snapshot

_NOT_GIVEN = Reading(None, "not given")


def snapshots(
    series: Series, instants: range, keys: Iterable[str], config: Config
) -> Iterator[Snapshot]:
    """At each instant (ns) the values that hold then; of `keys`, what is not given is unknown."""
    blank = dict.fromkeys(sorted(keys), _NOT_GIVEN)
    given = {call.key: values for call, values in series.readings.items()}
    hours = _hours(config)
    place, readings = -1, blank
    for ts in instants:
        now = (ts - instants.start) // series.every
        if now != place:
            place = now
            held = {key: values[min(now, len(values) - 1)] for key, values in given.items()}
            readings = blank | held
        yield Snapshot(ts=ts, readings=readings, sessions=hours(ts))


def _hours(config: Config) -> Callable[[int], Mapping[str, str]]:
    calendars = {i.name: calendar(i.calendar) for i in config.instruments}
    until, sessions = 0, dict[str, str]()

    def at(ts: int) -> Mapping[str, str]:
        nonlocal until, sessions
        if ts >= until:
            found = {name: hours.session(ts) for name, hours in calendars.items()}
            until = min(session.end_ns for session in found.values())
            sessions = {name: session.kind for name, session in found.items()}
        return sessions

    return at
