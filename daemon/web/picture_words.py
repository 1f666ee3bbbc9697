"""What pictures show, in words: figures that need no colours and no eyes."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.context import short
from alerts.moment import clock
from daemon.lag_text import lag_text, veto_text
from streams.detectors import Evidence
from streams.instrument import Pair
from streams.lead import Profile
from streams.snapshot import Reading


def evidence_text(found: Evidence | None, reading: Reading, now: int) -> str:
    """`statistic 3.1 of 9.4, above 0 since about 14:10 New York`, or why there is none.

    `reading` is what the detector says at `now` (ns): where it says nothing, its reason stands
    before what was added up until then.
    """
    why = reading.reason if reading.value is None else ""
    if found is None:
        return why or reading.note or "not watched"
    return f"{why}: {_sum(found, now)}" if why else _sum(found, now)


def _sum(found: Evidence, now: int) -> str:
    figures = f"{found.total:.1f} of {found.threshold:.1f}"
    since = "" if found.since is None else f" since about {clock(found.since, now)}"
    if found.broken:
        return f"broken{since}; statistic of the link's return {figures}"
    rest = f", above 0{since}" if since else ": nothing speaks for a break"
    return f"statistic {figures}{rest}"


def lead_words(profile: Profile, pair: Pair, day: str) -> Iterator[str]:
    """Who leads or why no lead can be claimed; then what the profile of the `day` has."""
    yield profile.claim
    if profile.points:
        yield f"{day}: {_peak(profile)}; {veto_text(profile)}"
        leader = pair.x if profile.speaks > 0 else pair.y if profile.speaks < 0 else "neither"
        yield f"{day} speaks for {leader}{_ratio(profile, pair)}"
    elif profile.reason:
        yield f"no profile yet: {profile.reason}"


def _peak(profile: Profile) -> str:
    at = dict(profile.points)
    largest = f"largest {short(at[profile.peak])} at {lag_text(profile.peak)}"
    return f"{largest}, {short(at[0.0])} at 0" if profile.peak else largest


def _ratio(profile: Profile, pair: Pair) -> str:
    if profile.llr is None:
        return ""
    return f"; lead-lag ratio {profile.llr:.2f} (above 1: {pair.x} first)"
