"""Where a rule stands, as it outlives the process."""

from __future__ import annotations

import msgspec

from alerts.transition import State


class Life(msgspec.Struct, frozen=True):
    """A rule that is pending or firing. Instants are ns of core time, `held` is ns.

    `when` is the condition's text: a clock that ran for another condition means nothing.
    """

    rule: str
    pair: str
    when: str
    state: State
    since: int
    held: int
    """How much of `for` has passed; time in which nobody looked does not count."""
    told: int
    """When it was last told of."""
    incident: str
