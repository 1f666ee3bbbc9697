"""Every metric at one instant: a value, or None with its reason."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from streams.tick import FeedState


class Reading(msgspec.Struct, frozen=True, gc=False):
    """One metric's value, or None and the reason why there is none.

    `n` is the number of observations behind it (effective where weighted), `low` and `high` its
    95 % interval, `note` what a person should know beside it ("prior", "since about 14:10").
    """

    value: float | bool | None
    reason: str = ""
    n: float | None = None
    low: float | None = None
    high: float | None = None
    note: str = ""


NOT_ASKED = Reading(None, "not asked for")


class FeedStatus(msgspec.Struct, frozen=True, gc=False):
    """One feed of one instrument; `active` where its ticks are the ones used, `age` in seconds.

    A feed that is lost stays `active` until another takes its place.
    """

    instrument: str
    venue: str
    state: str
    active: bool
    age: float | None
    reason: str = ""

    @property
    def used(self) -> bool:
        """Whether prices come from it now: it is active, and live."""
        return self.active and self.state == FeedState.LIVE


class Snapshot(msgspec.Struct, frozen=True):
    """The readings at `ts` (ns) by `Call.key`, and the feeds in order of preference."""

    ts: int
    readings: Mapping[str, Reading]
    sessions: Mapping[str, str]
    """Instrument → 'regular', 'extended' or 'closed'."""
    feeds: tuple[FeedStatus, ...] = ()

    def reading(self, key: str) -> Reading:
        """What is known of a call by its key; of one that nobody asked for, just that."""
        return self.readings.get(key) or NOT_ASKED
