"""What an alert looks like to a person, whatever the channel."""

from __future__ import annotations

from alerts.moment import elapsed, instant
from alerts.rule import Severity
from alerts.transition import State, Transition

__all__ = ["SIGNS", "elapsed", "instant", "sign", "standing"]

SIGNS = {Severity.CRITICAL: "🔴", Severity.WARNING: "🟠", Severity.INFO: "🔵"}


def sign(transition: Transition) -> str:
    """One character to see from afar: how severe, that it is over, or a report."""
    if transition.is_report:
        return "📊"
    return "✅" if transition.state is State.RESOLVED else SIGNS[transition.severity]


def standing(transition: Transition) -> str:
    """`firing`, `still firing after 4 h`, `resolved after 47 min`; of a report that it is one."""
    if transition.is_report:
        return "report"
    state = f"still {transition.state}" if transition.repeat else str(transition.state)
    if transition.since is None or not (transition.repeat or transition.state is State.RESOLVED):
        return state
    return f"{state} after {elapsed(transition.ts - transition.since)}"
