"""Which comes first, and whether the files' stamps can carry such a claim."""

from __future__ import annotations

import msgspec
import numpy as np

from daemon.study.judgement import (
    SURE,
    Judgement,
    Verdict,
    clock_offset,
    clocks_differ,
    first,
    no_lead,
    no_lead_carried,
    offset,
    part_of_a_bar,
)
from daemon.study.peak import Peak, peak_of, spill
from daemon.study.profile import Profile
from daemon.study.stamps import Stamps
from daemon.study.texts import lag_text
from streams.snapshot import Reading

_NOWHERE: frozenset[Verdict] = frozenset({"too short", "no link", "clock offset"})
_SPILL = 0.05
"""Correlation beside lag 0 that is worth a word."""


class LeadLag(msgspec.Struct, frozen=True):
    """The profile's peak, and what it means.

    `lag` (ns) is where the correlation is largest: positive where x comes first, None where none
    stands out. `llr` and `p_value` (of both sides being alike) are those of the whole profile, of
    ticks without the lags that stamps cannot carry. `reason` is the verdict in a sentence.
    """

    lag: int | None
    at_peak: Reading
    at_zero: Reading
    llr: float | None
    p_value: float | None
    verdict: Verdict
    reason: str
    profile: Profile
    suspect: str = ""
    """The name of the file that the stamps are doubted of."""


def judge(profile: Profile, stamps: Stamps) -> LeadLag:
    """The verdict on a profile."""
    peak = peak_of(profile)
    blank = stamps.finest if stamps.ticks else 0
    p_value = profile.asymmetry(blank)
    judgement = _verdict(profile, stamps, peak, p_value)
    return LeadLag(
        lag=None if judgement.verdict in _NOWHERE else peak.lag,
        at_peak=peak.reading,
        at_zero=peak.zero,
        llr=profile.llr(blank),
        p_value=p_value,
        verdict=judgement.verdict,
        reason=judgement.reason,
        profile=profile,
        suspect=judgement.suspect,
    )


def _verdict(profile: Profile, stamps: Stamps, peak: Peak, p_value: float | None) -> Judgement:
    groundless = _groundless(profile, stamps, peak)
    if groundless is not None:
        return groundless
    beyond = profile.asymmetry(stamps.finest)
    if beyond is not None and beyond < SURE and _leads(profile, stamps, peak):
        return first(profile, stamps, peak, beyond)
    if stamps.ticks:
        return no_lead_carried(profile, stamps, peak, beyond)
    if peak.clear and abs(peak.lag) <= stamps.finest:
        return offset(stamps, peak)
    beside = profile.asymmetry(upto=stamps.finest)
    if beside is not None and beside < SURE and abs(spill(profile)) > _SPILL:
        return part_of_a_bar(profile, stamps)
    return no_lead(profile, peak, p_value)


def _groundless(profile: Profile, stamps: Stamps, peak: Peak) -> Judgement | None:
    """Why nothing can be said of leads at all, if so."""
    off = next((file for file in (stamps.x, stamps.y) if file.clock_hours), None)
    if off is not None:
        return clock_offset(off)
    if peak.reading.value is None:
        return Judgement("too short", f"Too little to tell: {peak.reading.reason}.")
    if not peak.linked:
        lags, most = len(profile.lags), lag_text(int(profile.lags[-1]))
        return Judgement("no link", f"None of {lags} lags up to {most} is told apart from chance.")
    if stamps.apart and not peak.clear:
        return clocks_differ(stamps, peak)
    return None


def _leads(profile: Profile, stamps: Stamps, peak: Peak) -> bool:
    """Whether one side shows correlation, and not little, where wrong stamps show none."""
    if abs(peak.lag) > stamps.finest:
        return peak.clear
    # One bar is what a wrong stamp gives; a file of irregular snapshots smears it over the next.
    far = np.abs(profile.values[np.abs(profile.lags) > stamps.finest])
    return not stamps.ticks and float(far.max()) > 0.5 * abs(profile.values[peak.place])
