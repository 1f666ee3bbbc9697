"""What keeps alerts from being told: silences, quiet times, other rules, snoozing, flapping.

What is muted lives on; if it still fires when that ends, it is told then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from alerts.course import Course
from alerts.incident import FOREVER, Incident
from alerts.moment import clock, weekday_clock
from alerts.silence import Matcher, QuietTime, Silence
from streams.instrument import NS
from streams.metric import duration_text

_Mutes = list[tuple[Matcher, str]]


class Silences:
    """Silences made on the spot, and quiet times."""

    def __init__(self, quiet: Iterable[QuietTime] = ()) -> None:
        self.quiet = tuple(quiet)
        self._made: dict[str, Silence] = {}

    @property
    def made(self) -> tuple[Silence, ...]:
        """Those made on the spot, oldest first."""
        return tuple(self._made.values())

    def add(self, silence: Silence) -> None:
        """From now on; one of the same id is replaced."""
        self._made[silence.id] = silence

    def remove(self, silence: str) -> Silence | None:
        """End one; None where there is none of that id."""
        return self._made.pop(silence, None)

    def at(self, now: int) -> tuple[_Mutes, int]:
        """What is muted at `now` (ns) and by what, and until when that is so; past ones go."""
        self._made = {id_: made for id_, made in self._made.items() if made.until > now}
        mutes = [(made.matcher, _made_by(made)) for made in self._made.values()]
        ends = [made.until for made in self._made.values()]
        for quiet in self.quiet:
            spell = quiet.during.at(now)
            ends.append(spell.until)
            if spell.quiet:
                mutes.append((quiet.matcher, _recurring(quiet, spell.until)))
        return mutes, min(ends, default=FOREVER)


def mute(courses: Sequence[Course], silences: Silences, now: int) -> tuple[bool, int]:
    """Note what mutes each rule; whether that changed for any, and until when it is so."""
    mutes, until = silences.at(now)
    changed = False
    for course in courses:
        muted, ends = _muted(course, mutes, now)
        until = min(until, ends)
        if muted != course.muted:
            course.muted, course.standing = muted, None
            changed = True
        _hold_back(course)
    return changed, until


def inhibit(courses: Sequence[Course]) -> None:
    """Let each rule know which others speak for it: those of its pair, or of any if it has none."""
    for course in courses:
        own: list[Course] = []
        for name in course.rule.inhibited_by:
            named = [other for other in courses if other.rule.id == name and other is not course]
            of_pair = [other for other in named if other.rule.pair == course.rule.pair]
            own += of_pair or named
        course.inhibitors = tuple(own)


def _muted(course: Course, mutes: _Mutes, now: int) -> tuple[str, int]:
    """By what, and until when at most that is so."""
    text = next((text for matcher, text in mutes if matcher.matches(course.rule)), "")
    text = text or next((_inhibited(each) for each in course.inhibitors if each.open), "")
    if course.incident is None:
        return text, FOREVER
    folded, quiet_at = _folded(course, course.incident, now)
    snoozed, wakes_at = _snoozed(course.incident, now)
    return text or folded or snoozed, min(quiet_at, wakes_at)


def _hold_back(course: Course) -> None:
    """Remember why an incident was not told: it will be said when it is."""
    incident = course.incident
    if course.muted and incident is not None and incident.told is None:
        course.tell(replace(incident, held_back=course.muted))


def _made_by(silence: Silence) -> str:
    why = f" ({silence.why})" if silence.why else ""
    return f"silenced by {silence.who} until {clock(silence.until, silence.made)}{why}"


def _recurring(quiet: QuietTime, until: int) -> str:
    end = "" if until == FOREVER else f" until {weekday_clock(until)}"
    return f"quiet time {quiet.id}{end}" + (f" ({quiet.why})" if quiet.why else "")


def _inhibited(by: Course) -> str:
    return f"inhibited by {by.rule.id}"


def _folded(course: Course, incident: Incident, now: int) -> tuple[str, int]:
    limit = course.rule.flapping
    if limit is None or not incident.folded:
        return "", FOREVER
    flaps = course.flaps.calm(limit, now)
    if not flaps.on:
        return "", FOREVER
    text = f"flapping, told again when it has been quiet for {duration_text(limit.within / NS)}"
    return text, flaps.ends(limit)


def _snoozed(incident: Incident, now: int) -> tuple[str, int]:
    snooze = incident.snooze
    if snooze is None or now >= snooze.until:
        return "", FOREVER
    return f"snoozed by {snooze.who} until {clock(snooze.until, snooze.made)}", snooze.until
