"""What the stamps of two files allow to be said."""

from __future__ import annotations

import msgspec

from daemon.study.quality import FileFacts

_SNAPSHOTS = 0.9


class Stamps(msgspec.Struct, frozen=True):
    """What is known of the stamps of both files."""

    x: FileFacts
    y: FileFacts
    finest: int
    """The largest lead (ns) that wrong stamps would give: a bar; of ticks, what staleness gives."""
    apart: int = 0
    """By how much daily closes differ (ns)."""

    @property
    def ticks(self) -> bool:
        """Whether both files are of ticks."""
        return not self.x.bar and not self.y.bar


def suspect_of(leader: FileFacts, follower: FileFacts) -> tuple[FileFacts | None, str]:
    """The file whose bars are doubtful, if just one is."""
    doubts = [(file, _doubt(file)) for file in (follower, leader)]
    found = [(file, why) for file, why in doubts if why]
    if len(found) == 1:
        return found[0]
    fits = [file for file in (leader, follower) if file.stamps_fit]
    if len(fits) == 1:
        other = follower if fits[0] is leader else leader
        return other, f"the stamps of {fits[0].name} fit its market's hours"
    return None, ""


def _doubt(file: FileFacts) -> str:
    if file.flat_share is not None and file.flat_share > _SNAPSHOTS:
        return "its bars have open = high = low = close, so they are snapshots and no bars"
    if file.stamps_fit is False:
        return "its first and last bars of the day do not fit its market's hours"
    return ""
