"""What an alert looks like to a person, whatever the channel."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from alerts.rule import Severity
from alerts.transition import State, Transition

NS = 1_000_000_000

NEW_YORK = ZoneInfo("America/New_York")

_SIGNS = {Severity.CRITICAL: "🔴", Severity.WARNING: "🟠", Severity.INFO: "🔵"}


def sign(transition: Transition) -> str:
    """One character to see from afar: how severe, or that it is over."""
    return "✅" if transition.state is State.RESOLVED else _SIGNS[transition.severity]


def standing(transition: Transition) -> str:
    """`firing`, `still firing after 4 h`, `resolved after 47 min`."""
    state = f"still {transition.state}" if transition.repeat else str(transition.state)
    if transition.since is None or not (transition.repeat or transition.state is State.RESOLVED):
        return state
    return f"{state} after {elapsed(transition.ts - transition.since)}"


def elapsed(ns: int) -> str:
    """A duration in one or two units: `45 s`, `47 min`, `4 h 12 min`, `2 d 3 h`."""
    seconds = max(0, ns) // NS
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days:
        return _two(days, "d", hours % 24, "h")
    if hours:
        return _two(hours, "h", minutes % 60, "min")
    return f"{minutes} min" if minutes else f"{seconds} s"


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large} {large_unit}" + (f" {small} {small_unit}" if small else "")


def instant(ts: int) -> str:
    """`Wed 19 Mar 10:31:05 New York (14:31:05 UTC)`."""
    utc = datetime.fromtimestamp(ts // NS, UTC)
    return f"{utc.astimezone(NEW_YORK):%a %d %b %H:%M:%S} New York ({utc:%H:%M:%S} UTC)"
