"""What ails comove itself lives like a rule's alert: same clocks, mutes, commands, same memory.

What comes back again and again is over later each time: after its `calm`, twice as long at each
recurrence, an hour at most. A day without it is a fresh start.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from alerts.ailment import Ailment, Key
from alerts.course import RANK, Course
from alerts.life import Life
from alerts.muting import Silences, inhibit, mute
from alerts.rule import Expression, Flapping, Message, Rule, Value
from alerts.standing import Standing
from alerts.telling import Teller
from alerts.transition import State, Transition
from streams.instrument import NS
from streams.metric import Unit
from streams.snapshot import Snapshot

_LONGEST_CALM = 3600 * NS
_REMEMBERED = Flapping(times=100, within=86_400 * NS)
"""Firings of a day: with the calm that doubles there are never so many that they count as flapping,
so none is folded."""
_SINCE_RESTART = "Over since the restart."


class _Case:
    """One trouble and its course; `seen` since this process began."""

    __slots__ = ("ailment", "course", "seen")

    def __init__(self, ailment: Ailment, place: int) -> None:
        self.ailment = ailment
        self.course = Course(_rule(ailment), place)
        self.seen = False
        inhibit((self.course,))

    def look(self, found: Ailment | None, now: int) -> None:
        """How it is at `now`; None where nothing is wrong."""
        if found is not None:
            self._see(found)
        self._lengthen(now)
        covered = found is not None and found.covered and not self.course.open
        self.course.take(found is not None and not covered, now)

    def _see(self, found: Ailment) -> None:
        self.seen = True
        incident = self.course.incident
        if incident is None or incident.told is None:
            self._become(found)
        elif found.news > self.ailment.news:
            self._become(found)
            self.course.tell(replace(incident, acknowledged="", snooze=None))
            self.course.due = found.news  # once more

    def _become(self, ailment: Ailment) -> None:
        self.ailment = ailment
        self.course.rule = _rule(ailment)
        self.course.rank = RANK[ailment.severity]
        self.course.tell(self.course.incident)

    def _lengthen(self, now: int) -> None:
        """The calm, by how often it has come."""
        times = len(self.course.flaps.calm(_REMEMBERED, now).fired)
        calm = min(self.ailment.calm << max(times - 1, 0), _LONGEST_CALM)
        if calm != self.course.rule.clear_hold:
            self.course.rule = replace(self.course.rule, clear_hold=calm)

    @property
    def stirred(self) -> bool:
        """Whether there may be something to say of it."""
        return self.course.entered is not None or self.course.sure

    def dressed(self, said: Transition) -> Transition:
        """With the words of the end."""
        if said.state is not State.RESOLVED:
            return said
        return replace(said, message=self.ailment.over if self.seen else _SINCE_RESTART)


class Ward:
    """All that ails comove; `silences` are those of the engine."""

    def __init__(self, silences: Silences) -> None:
        self._silences = silences
        self._cases: dict[Key, _Case] = {}
        self._places = 0

    @property
    def courses(self) -> Sequence[Course]:
        """Of what ails, and of what did a short while ago."""
        return [case.course for case in self._cases.values()]

    @property
    def rules(self) -> Sequence[Rule]:
        """The same as rules."""
        return [course.rule for course in self.courses]

    @property
    def told(self) -> frozenset[Key]:
        """What somebody knows of and is not over."""
        return frozenset(
            key
            for key, case in self._cases.items()
            if case.course.incident is not None and case.course.incident.told is not None
        )

    def look(self, found: Iterable[Ailment], now: int) -> list[Transition]:
        """All that ails at `now` (ns); answers what is new and lasts, and what is over."""
        ailing = {each.key: each for each in found}
        for ailment in ailing.values():
            self._admit(ailment)
        for key, case in self._cases.items():
            case.look(ailing.get(key), now)
        mute(self.courses, self._silences, now)
        told = list(self._tell(now))
        self._cases = {key: case for key, case in self._cases.items() if case.course.kept(now)}
        return told

    def incidents(self) -> Iterator[Standing]:
        """How each stands that is not over."""
        return (course.stand() for course in self.courses if course.open)

    def lives(self, now: int) -> Iterator[Life]:
        """What must outlive the process."""
        for case in self._cases.values():
            life = case.course.kept(now)
            if life is not None:
                yield replace(life, ailment=case.ailment)

    def restore(self, kept: Life) -> None:
        """Go on from there, if it is one of ours."""
        if kept.ailment is not None:
            self._admit(kept.ailment).course.restore(kept)

    def _admit(self, ailment: Ailment) -> _Case:
        if ailment.key not in self._cases:
            self._cases[ailment.key] = _Case(ailment, self._places)
            self._places += 1
        return self._cases[ailment.key]

    def _tell(self, now: int) -> Iterator[Transition]:
        stirred = [case for case in self._cases.values() if case.stirred]
        stirred.sort(key=lambda case: (case.course.rank, case.course.place))
        teller = Teller(self.courses, Snapshot(ts=now, readings={}, sessions={}), now)
        for case in stirred:
            said = teller.tell(case.course)
            if said is not None and said.incident:
                yield case.dressed(said)


def _rule(ailment: Ailment) -> Rule:
    return Rule(
        id=ailment.rule,
        title=ailment.title,
        pair=ailment.about,
        when=Expression(ailment.condition, (), Unit.TRUTH, _unasked),
        hold=ailment.hold,
        clear_hold=ailment.calm,
        severity=ailment.severity,
        notify=ailment.notify,
        repeat_interval=None,
        message=Message(ailment.message, (ailment.message,)),
        flapping=_REMEMBERED,
        own=True,
    )


def _unasked(_: Snapshot, __: Snapshot | None = None, /) -> Value:
    """What ails is not in snapshots: `Ward.look` is told."""
    return None
