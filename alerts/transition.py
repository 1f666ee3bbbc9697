"""What the engine decides: a rule's change of state, and the alert that tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from alerts.rule import Severity

REPORT = "report/"
"""What the rules of reports begin with; no rule of a file has such an id."""
DAILY, WEEKLY = f"{REPORT}daily", f"{REPORT}weekly"


class State(StrEnum):
    """The life of an alert."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    RECOVERING = "recovering"
    """Over, but not yet for as long as `clear_for` asks."""
    RESOLVED = "resolved"


class Transition(msgspec.Struct, frozen=True):
    """A rule's change of state at `ts` (ns of core time).

    `incident` names one firing (rule, pair and start), the same in its repeats and its resolution.
    `values` are the readings behind it by `Call.key`; `since` is when the incident began;
    `repeat` marks a reminder of an alert that is still firing.
    """

    ts: int
    rule: str
    pair: str
    state: State
    severity: Severity
    incident: str
    title: str
    message: str
    values: Mapping[str, float | bool | None]
    context: tuple[str, ...] = ()
    """Lines that every alert carries: the correlation with its interval, the controls, the data."""
    since: int | None = None
    notify: tuple[str, ...] = ()
    repeat: bool = False
    acknowledged: str = ""
    """Who has taken note; with it a firing alert is told again by editing, not anew."""
    group: str = ""
    """The incident of the same pair that fired just before and stands for this one too: it has
    rung, so that this one need not."""
    labels: Mapping[str, str] = {}
    source: str = ""
    """`rules.yaml:12`."""

    @property
    def is_report(self) -> bool:
        """Whether it tells of a day or a week, and not of a change: it begins and ends nothing."""
        return self.rule.startswith(REPORT)
