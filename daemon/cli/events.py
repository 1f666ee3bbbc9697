"""`comove events`: the calendar, what comes next, and dates out of a calendar file."""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from rich.table import Table
from rich.text import Text

from alerts.moment import elapsed
from config.errors import ConfigError
from config.event_import import Wanted, added, entries_in
from config.settings import Config
from config.shipped import EVENTS, shipped_path
from daemon.cli.check import EX_CONFIG, show
from daemon.cli.source import load_or_explain
from daemon.clock import wall_clock
from daemon.texts import new_york
from daemon.view import terminal
from streams.schedule import Event, day

EX_DATA = 65


class Coming(msgspec.Struct, frozen=True):
    """One date of one event, for machines; `ts` in ns UTC."""

    ts: int
    at: str
    event: str
    title: str
    status: str
    source: str


def events(config: Path | None, *, count: int, as_json: bool, now: int | None = None) -> int:
    """Show the next dates of the calendar; 0, or 78 where the configuration has faults."""
    found = load_or_explain(config)
    if found is None:
        return EX_CONFIG
    now = wall_clock() if now is None else now
    coming = _coming(found.events, now)[:count]
    if as_json:
        sys.stdout.writelines(f"{msgspec.json.encode(each).decode()}\n" for each in coming)
        return 0
    console = terminal()
    console.print(_table(coming, now) if coming else Text("nothing is to come", "yellow"))
    console.print(Text(f"known to: {', '.join(_ends(found.events))}", "dim"), soft_wrap=True)
    console.print(Text(f"calendar: {found.events_path}", "dim"), soft_wrap=True)
    return 0


def _coming(calendar: Sequence[Event], now: int) -> list[Coming]:
    dates = (
        Coming(
            ts=ts,
            at=new_york(ts, "%Y-%m-%dT%H:%M:%S%z"),
            event=event.name,
            title=event.title,
            status="tentative" if ts in event.tentative else "confirmed",
            source=event.source,
        )
        for event in calendar
        for ts in event.instants[bisect_left(event.instants, now) :]
    )
    return sorted(dates, key=lambda each: (each.ts, each.event))


def _table(coming: Sequence[Coming], now: int) -> Table:
    table = Table("New York", "in", "event", "", "status", box=None, padding=(0, 2, 0, 0))
    for each in coming:
        table.add_row(
            new_york(each.ts, "%a %d %b %Y %H:%M"),
            elapsed(each.ts - now),
            each.event,
            each.title,
            Text(each.status, "yellow" if each.status == "tentative" else "green"),
        )
    return table


def _ends(calendar: Sequence[Event]) -> Iterator[str]:
    for event in calendar:
        yield f"{event.name} {day(event.instants[-1])}" if event.instants else f"{event.name} –"


def take(file: Path, config: Path | None, wanted: Wanted) -> int:
    """Add the dates of an iCalendar file to the configuration's own calendar; the exit code."""
    found = load_or_explain(config)
    if found is None:
        return EX_CONFIG
    target = _own_calendar(found)
    if target is None:
        sys.stderr.write(
            "the calendar that comes with comove stays as it is: 'comove init DIR' writes one to "
            f"start from; name it in {found.path} as 'events: {EVENTS}'\n"
        )
        return 1
    try:
        entries = entries_in(file.read_bytes(), wanted)
        text, new = added(target.read_text("utf-8"), wanted, entries, file.name)
        _replace(target, text)
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else str(error)
        sys.stderr.write(f"{file}: {said}\n")
        return EX_DATA
    except ConfigError as error:
        show(error.faults, sys.stderr)
        return EX_CONFIG
    known = len(entries) - new
    rest = f", {known} stood there already" if known else ""
    dates = "1 date" if new == 1 else f"{new} dates"
    sys.stdout.write(f"{target}: {dates} of {wanted.name} added{rest}\n")
    return 0


def _own_calendar(config: Config) -> Path | None:
    path = config.events_path
    if path is None or path.resolve() == shipped_path(EVENTS).resolve():
        return None
    return path


def _replace(target: Path, text: str) -> None:
    """Write it whole or not at all."""
    beside = target.with_name(f".{target.name}.new")
    try:
        beside.write_text(text, "utf-8")
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
