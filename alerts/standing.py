"""How a rule stands now: its state, or why nothing can be said of it."""

from __future__ import annotations

from typing import Literal

import msgspec

from alerts.rule import Severity
from alerts.transition import State

Doubt = Literal["", "unknown", "suspended"]


class Standing(msgspec.Struct, frozen=True):
    """One rule over one pair. `since` is ns of core time, 0 before the first change.

    `doubt` is set where the state is not being looked at: `unknown` where what the rule reads has
    no value, `suspended` outside its session. `reason` says why, or what mutes it.
    """

    rule: str
    pair: str
    state: State
    severity: Severity
    title: str
    since: int
    doubt: Doubt = ""
    reason: str = ""
    muted: str = ""
    """By what: `silenced by ann until 16:00`, `inhibited by feed-stale`, `snoozed`."""
    incident: str = ""
    acknowledged: str = ""
    source: str = ""
