"""One firing of a rule, and what people know of it and have done about it."""

from __future__ import annotations

import msgspec

from alerts.rule import Rule

FOREVER = 2**63 - 1
"""After all instants."""


class Snooze(msgspec.Struct, frozen=True):
    """Not to be heard of until an instant (ns); `made` is when it was asked for."""

    until: int
    who: str
    made: int


class Incident(msgspec.Struct, frozen=True):
    """From a rule's firing to its resolution; `since` is when it fired (ns of core time).

    A resolution is told to those whom the firing was told.
    """

    id: str
    since: int
    told: int | None = None
    """When it was last told; None as long as it was not."""
    notify: tuple[str, ...] = ()
    """Whom; nobody as long as it was not told."""
    acknowledged: str = ""
    """By whom; nobody is reminded any more."""
    snooze: Snooze | None = None
    group: str = ""
    """The incident that rings for it."""
    held_back: str = ""
    """Why it was not told when it fired."""
    folded: bool = False
    """Whether it is one too many of a rule that flaps."""

    def due(self, rule: Rule) -> int:
        """From when on it is to be told (again), if it still fires and nothing mutes it."""
        if self.acknowledged or not rule.notify:
            return FOREVER
        if self.snooze is not None:
            return self.snooze.until
        if self.told is None:
            return self.since
        return FOREVER if rule.repeat_interval is None else self.told + rule.repeat_interval
