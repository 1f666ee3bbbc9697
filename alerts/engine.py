"""The door to the alerts: snapshots in, transitions out. Pure; time is an argument.

What a rule lives through stands in `course`, what mutes it in `muting`, what is told in `telling`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from alerts.course import Course
from alerts.hours import by_session
from alerts.incident import Snooze
from alerts.life import Life
from alerts.muting import Silences, inhibit, mute
from alerts.rule import Rule
from alerts.silence import QuietTime, Silence
from alerts.standing import Standing
from alerts.telling import Teller, of_incident, removed
from alerts.transition import State, Transition
from alerts.ward import Ward
from streams.snapshot import Snapshot

_TURNS = {State.FIRING, State.RESOLVED}
"""What lets other rules speak, or forbids them to."""


class Engine:
    """Applies rules to snapshots.

    `revision` rises whenever a standing changes otherwise than in its figures. `ward` is where what
    ails comove itself is looked at; its alerts take commands and silences like the others.

    >>> Engine([]).update(Snapshot(ts=0, readings={}, sessions={}), 0)
    []
    """

    def __init__(self, rules: Iterable[Rule], quiet: Iterable[QuietTime] = ()) -> None:
        self.revision = 0
        self._silences = Silences(quiet)
        self.ward = Ward(self._silences)
        self._snapshot: Snapshot | None = None
        self._now = 0
        self._arrange(rules)

    def _arrange(self, rules: Iterable[Rule]) -> None:
        self._courses = [Course(rule, place) for place, rule in enumerate(rules)]
        self._hours = by_session(self._courses)
        self._muted_until = 0
        inhibit(self._courses)

    @property
    def rules(self) -> Sequence[Rule]:
        """The rules, in the order of their file."""
        return [course.rule for course in self._courses]

    @property
    def silences(self) -> Sequence[Silence]:
        """Those made on the spot, oldest first."""
        return self._silences.made

    def standings(self) -> Sequence[Standing]:
        """How each rule stands, in the order of their file."""
        return [course.stand() for course in self._courses]

    def lives(self) -> list[Life]:
        """What must outlive the process: where each rule stands that is not at rest."""
        kept = (course.kept(self._now) for course in self._courses)
        return [*(life for life in kept if life is not None), *self.ward.lives(self._now)]

    def restore(self, lives: Iterable[Life], silences: Iterable[Silence] = ()) -> list[Life]:
        """Go on from there; those that firing rules left behind which are no more are returned.

        Clocks stand still until the first evaluation. A pending rule whose condition was
        rewritten begins anew.
        """
        for silence in silences:
            self._silences.add(silence)
        known = {_key(course.rule): course for course in self._courses}
        orphans: list[Life] = []
        for kept in lives:
            course = known.get((kept.rule, kept.pair))
            if kept.ailment is not None:
                self.ward.restore(kept)
            elif course is not None:
                course.restore(kept)
            elif kept.incident is not None:
                orphans.append(kept)
        return orphans

    def update(self, snapshot: Snapshot, now: int) -> list[Transition]:
        """Evaluate every rule at `now` (ns of core time); the most severe change comes first."""
        self._snapshot, self._now = snapshot, now
        stirred: list[Course] = []
        changed = False
        for hours in self._hours:
            changed |= hours.look(snapshot, now, stirred)
        if now >= self._muted_until or any(course.entered in _TURNS for course in stirred):
            changed |= self._mute()
        stirred.sort(key=lambda course: (course.rank, course.place))
        teller = Teller(self._courses, snapshot, now)
        told = [said for course in stirred if (said := teller.tell(course)) is not None]
        self.revision += changed or bool(told)
        return told

    def acknowledge(self, incident: str, who: str, now: int) -> Transition | None:
        """Somebody has taken note: nobody is reminded any more. None if there is no such incident.

        The transition edits what was told of it.
        """
        course = _at((*self._courses, *self.ward.courses), incident)
        if course is None or course.incident is None:
            return None
        noted = replace(course.incident, acknowledged=who, snooze=None)
        course.tell(noted)
        self._mute_anew()
        made = of_incident(
            course.rule, noted, State.FIRING, self._snapshot, max(now, self._now + 1)
        )
        return replace(made, notify=noted.notify)

    def snooze(self, incident: str, snooze: Snooze) -> bool:
        """Let nothing be heard of an incident for a while; it takes an acknowledgement's place."""
        course = _at((*self._courses, *self.ward.courses), incident)
        if course is None or course.incident is None:
            return False
        course.tell(replace(course.incident, acknowledged="", snooze=snooze))
        self._mute_anew()
        return True

    def silence(self, silence: Silence) -> None:
        """From now on."""
        self._silences.add(silence)
        self._mute_anew()

    def unsilence(self, silence: str) -> Silence | None:
        """End a silence; None where there is none of that id."""
        ended = self._silences.remove(silence)
        self._mute_anew()
        return ended

    def swap(self, rules: Iterable[Rule], quiet: Iterable[QuietTime]) -> list[Transition]:
        """Go on with another rule file: what is of the same id and pair stays as it is.

        A pending rule whose condition was rewritten begins anew; incidents of rules that are no
        more end.
        """
        earlier = {_key(rule): rule for rule in self.rules}
        lives = [life for life in self.lives() if life.ailment is None]
        self._silences.quiet = tuple(quiet)
        self._arrange(rules)
        ended = [
            removed(earlier[gone.rule, gone.pair], gone.incident, self._snapshot, self._now)
            for gone in self.restore(lives)
            if gone.incident is not None
        ]
        self._snapshot = None  # it need not have what the new rules read
        self._mute_anew()
        return ended

    def _mute(self) -> bool:
        courses = (*self._courses, *self.ward.courses)
        changed, self._muted_until = mute(courses, self._silences, self._now)
        return changed

    def _mute_anew(self) -> None:
        self._mute()
        self.revision += 1


def _at(courses: Sequence[Course], incident: str) -> Course | None:
    """The rule whose incident has that id."""
    return next((c for c in courses if c.incident and c.incident.id == incident), None)


def _key(rule: Rule) -> tuple[str, str]:
    return rule.id, rule.pair.name
