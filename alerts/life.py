"""Where a rule stands, as it outlives the process."""

from __future__ import annotations

import msgspec

from alerts.ailment import Ailment
from alerts.flaps import Flaps
from alerts.incident import Incident
from alerts.transition import State


class Life(msgspec.Struct, frozen=True):
    """A rule that is not at rest. Instants are ns of core time, `held` is ns.

    `when` is the condition's text: a clock that ran for another condition means nothing.
    """

    rule: str
    pair: str
    when: str
    state: State
    since: int
    held: int
    """How much of `for` or `clear_for` has passed; time in which nobody looked does not count."""
    incident: Incident | None = None
    """Of a rule that is firing or recovering."""
    flaps: Flaps = Flaps()
    ailment: Ailment | None = None
    """What ails comove, where it is no rule of a file."""
