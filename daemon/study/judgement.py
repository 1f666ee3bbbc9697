"""The verdicts on a lead-lag profile, each with its sentence."""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np

from daemon.study.peak import Peak, spill
from daemon.study.profile import Profile
from daemon.study.quality import FileFacts
from daemon.study.stamps import Stamps, suspect_of
from daemon.study.texts import figure, lag_text, p_text, value_text
from streams.instrument import NS
from streams.metric import duration_text

Verdict = Literal[
    "too short",
    "no link",
    "no lead",
    "stamping offset",
    "clock offset",
    "clocks differ",
    "x first",
    "y first",
]

SURE = 0.01
"""The p-value below which a side is said to outweigh the other."""


class Judgement(msgspec.Struct, frozen=True):
    """A verdict in a word and in a sentence, and the name of the file whose stamps are doubted."""

    verdict: Verdict
    reason: str
    suspect: str = ""


def clock_offset(off: FileFacts) -> Judgement:
    """A file's clock is hours off."""
    text = (
        f"{off.name}'s clock is not the one assumed: it fits only when moved by "
        f"{off.clock_hours:+d} h. Nothing is said about leads; see --tz."
    )
    return Judgement("clock offset", text, off.name)


def clocks_differ(stamps: Stamps, peak: Peak) -> Judgement:
    """Daily closes are not taken at the same instant."""
    text = (
        f"{stamps.x.name} and {stamps.y.name} close at different instants, about "
        f"{stamps.apart / NS / 3600:.0f} h apart: part of each day's common move falls on "
        f"neighbouring days, which looks like a lead and is none. Nothing is said about leads; "
        f"at lag 0 the correlation is {value_text(peak.zero)}, understated for the same reason."
    )
    return Judgement("clocks differ", text)


def first(profile: Profile, stamps: Stamps, peak: Peak, p_value: float) -> Judgement:
    """One file comes first by more than wrong stamps give."""
    ratio = profile.llr(stamps.finest)
    x_first = ratio is None or ratio > 1.0
    names = (stamps.x.name, stamps.y.name)
    leader, follower = names if x_first else names[::-1]
    lag = lag_text(peak.lag)
    where = f"most at {lag}" if peak.lag else "though most at once"
    text = (
        f"{leader} comes first in these files, {where} ({value_text(peak.reading)}, lag 0 "
        f"{value_text(peak.zero)}), beyond what {_off(stamps)} would show (p {p_text(p_value)}). "
        f"A file that delays every price by a constant looks the same, so this describes the "
        f"files: it is no proof that {leader} leads {follower}."
    )
    return Judgement("x first" if x_first else "y first", text)


def _off(stamps: Stamps) -> str:
    return "stale or rounded stamps" if stamps.ticks else "bars stamped one off"


def offset(stamps: Stamps, peak: Peak) -> Judgement:
    """The peak lies one bar off."""
    leader, follower = (stamps.x, stamps.y) if peak.lag > 0 else (stamps.y, stamps.x)
    lag = lag_text(peak.lag)
    suspect, why = suspect_of(leader, follower)
    side = "late" if suspect is follower else "early"
    accused = (
        f"{suspect.name} is stamped {lag} {side}: {why}"
        if suspect
        else f"{follower.name} is stamped {lag} late or {leader.name} as much early"
    )
    there, zero = value_text(peak.reading), value_text(peak.zero)
    text = (
        f"Not a lead. {leader.name} seems to come first by {lag} ({there} against {zero} at "
        f"lag 0), which is just what a file stamped one bar off gives. Likely {accused}. "
        f"Moved by {lag}, the correlation at lag 0 is {there}."
    )
    return Judgement("stamping offset", text, suspect.name if suspect else "")


def part_of_a_bar(profile: Profile, stamps: Stamps) -> Judgement:
    """The peak is at lag 0, and one neighbour is larger than the other."""
    excess, zero = spill(profile), abs(float(profile.values[profile.side]))
    leader, follower = (stamps.x, stamps.y) if excess > 0.0 else (stamps.y, stamps.x)
    bar = float(profile.lags[profile.side + 1]) / NS
    seconds = bar * abs(excess) / (abs(excess) + zero)
    suspect, why = suspect_of(leader, follower)
    accused = f" Likely it is {suspect.name}: {why}." if suspect else ""
    text = (
        f"Not a lead. The correlation is largest at lag 0 ({figure(zero)}), but spills over by a "
        f"bar, by {figure(abs(excess))} more to where {leader.name} comes first: "
        f"what a file stamped about {seconds:.0f} s off gives, or a lead of less than a bar, "
        f"which bars of {duration_text(bar)} cannot tell from it.{accused}"
    )
    return Judgement("stamping offset", text, suspect.name if suspect else "")


def no_lead(profile: Profile, peak: Peak, p_value: float | None) -> Judgement:
    """Nothing told apart from lag 0."""
    return Judgement("no lead", f"{_largest(peak)}{_sides(profile, peak, p_value)}")


def no_lead_carried(
    profile: Profile, stamps: Stamps, peak: Peak, p_value: float | None
) -> Judgement:
    """Of ticks: nothing at lags that the stamps can carry."""
    finest = duration_text(stamps.finest / NS)
    text = f"These stamps carry no lead of {finest} or less: stale or rounded ones give as much."
    return Judgement("no lead", f"{_largest(peak)}{_sides(profile, peak, p_value)} {text}")


def _largest(peak: Peak) -> str:
    if not peak.lag:
        return f"The correlation is largest at lag 0 ({value_text(peak.zero)})"
    told = "against" if peak.clear else "not told apart from"
    sign = "-" if peak.lag < 0 else ""
    return (
        f"The correlation is largest at {sign}{lag_text(peak.lag)} ({value_text(peak.reading)}), "
        f"{told} {value_text(peak.zero)} at lag 0"
    )


def _sides(profile: Profile, peak: Peak, p_value: float | None) -> str:
    if p_value is None:
        return "."
    if p_value >= SURE:
        return f", and neither side outweighs the other (p {p_text(p_value)})."
    rest = float(np.abs(np.delete(profile.values, [profile.side, peak.place])).max())
    return (
        f". One side outweighs the other (p {p_text(p_value)}), but with no more than "
        f"{figure(rest)} at any lag: too little to call it a lead."
    )
