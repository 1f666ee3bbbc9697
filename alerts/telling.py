"""What is told of a rule: every change of its state made into a Transition.

A resolution is told to those whom the firing was told, and to nobody else.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from alerts.context import context_lines, readings_text, rule_calls
from alerts.course import Course
from alerts.flaps import Flaps
from alerts.incident import Incident
from alerts.moment import elapsed, instant
from alerts.render import render
from alerts.rule import Rule, Value
from alerts.transition import State, Transition
from streams.instrument import NS
from streams.metric import duration_text
from streams.snapshot import Snapshot

TOGETHER = 30 * NS
"""Of incidents of a pair that begin within this, one rings for all."""


class Teller:
    """Tells of one snapshot; ask it for the most severe first."""

    def __init__(self, courses: Sequence[Course], snapshot: Snapshot, now: int) -> None:
        self._courses = courses
        self._snapshot = snapshot
        self._now = now

    def tell(self, course: Course) -> Transition | None:
        """What is to be said of a rule that has entered a state, or whose incident is due."""
        entered, course.entered = course.entered, None
        incident = course.incident
        if incident is None:
            return None if entered is None else self._aside(course, entered)
        match entered:
            case State.RESOLVED:
                return self._over(course, incident)
            case State.RECOVERING:
                return self._of(course, incident, State.RECOVERING)
            case _:
                return self._firing(course, incident, entered)

    def _aside(self, course: Course, entered: State) -> Transition:
        """Begins to wait, or waits no more."""
        since = course.left if entered is State.INACTIVE else course.since
        return transition(course.rule, entered, self._snapshot, self._now, since=since)

    def _over(self, course: Course, incident: Incident) -> Transition:
        course.tell(None)
        return self._of(course, incident, State.RESOLVED, notify=incident.notify)

    def _firing(
        self, course: Course, incident: Incident, entered: State | None
    ) -> Transition | None:
        if self._now >= course.due and not course.muted:
            return self._ring(course, incident)
        if entered is None:
            return None
        return self._of(course, incident, State.FIRING, repeat=incident.since != self._now)

    def _ring(self, course: Course, incident: Incident) -> Transition:
        if incident.told is not None:
            course.tell(replace(incident, told=self._now, snooze=None))
            return self._of(course, incident, State.FIRING, repeat=True, notify=incident.notify)
        notify = course.rule.notify
        group = self._group(course, incident)
        told = replace(incident, told=self._now, notify=notify, group=group, snooze=None)
        course.tell(told)
        remarks, course.flaps = _flapping(course.rule, course.flaps, told, self._now)
        return self._of(course, told, State.FIRING, notify=notify, remarks=remarks)

    def _group(self, course: Course, incident: Incident) -> str:
        """The incident that rings for this one; nothing rings for what is more severe."""
        for other in self._courses:
            if (
                other.state is State.FIRING
                and other.incident is not None
                and other.incident.told is not None
                and not other.incident.group
                and other.rule.pair == course.rule.pair
                and other.rank <= course.rank
                and abs(incident.since - other.incident.since) <= TOGETHER
            ):
                return other.incident.id
        return ""

    def _of(
        self,
        course: Course,
        incident: Incident,
        state: State,
        *,
        repeat: bool = False,
        notify: tuple[str, ...] = (),
        remarks: tuple[str, ...] = (),
    ) -> Transition:
        made = of_incident(course.rule, incident, state, self._snapshot, self._now)
        message = made.message
        if state is State.FIRING and notify and not repeat and incident.since != self._now:
            message = f"{message}\n{_late(incident, self._now)}"
        context = (*remarks, *made.context)
        return replace(made, message=message, context=context, repeat=repeat, notify=notify)


def removed(rule: Rule, incident: Incident, snapshot: Snapshot | None, now: int) -> Transition:
    """The end of an incident whose rule is no more."""
    made = of_incident(rule, incident, State.RESOLVED, snapshot, now)
    return replace(made, message="The rule was removed.", notify=incident.notify)


def of_incident(
    rule: Rule, incident: Incident, state: State, snapshot: Snapshot | None, now: int
) -> Transition:
    """A transition of an incident, told to nobody yet; without a snapshot, with the title only."""
    made = transition(rule, state, snapshot, now, since=incident.since)
    return replace(
        made,
        incident=incident.id,
        context=() if snapshot is None or rule.own else context_lines(rule, snapshot),
        acknowledged=incident.acknowledged,
        group=incident.group,
    )


def transition(
    rule: Rule, state: State, snapshot: Snapshot | None, now: int, *, since: int
) -> Transition:
    """A rule's change of state, without an incident."""
    return Transition(
        ts=now,
        rule=rule.id,
        pair=rule.pair.name,
        state=state,
        severity=rule.severity,
        incident="",
        title=rule.title,
        message=_message(rule, state, snapshot),
        values={} if snapshot is None else _values(rule, snapshot),
        since=since,
        labels=rule.labels,
        source=rule.source,
    )


def _message(rule: Rule, state: State, snapshot: Snapshot | None) -> str:
    if rule.own:
        return rule.message.text if rule.message else rule.title
    if snapshot is None:
        return rule.title
    if state is State.RESOLVED:
        return f"Over. {readings_text(rule, snapshot)}"
    if state is State.RECOVERING:
        return f"Recovering. {readings_text(rule, snapshot)}"
    return render(rule.message, snapshot) if rule.message else rule.title


def _values(rule: Rule, snapshot: Snapshot) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for call in rule_calls(rule):
        reading = snapshot.readings.get(call.key)
        values[call.key] = reading.value if reading else None
    return values


def _late(incident: Incident, now: int) -> str:
    since = f"Firing since {instant(incident.since)}, for {elapsed(now - incident.since)}"
    return f"{since}; not told until now: {incident.held_back}." if incident.held_back else since


def _flapping(
    rule: Rule, flaps: Flaps, incident: Incident, now: int
) -> tuple[tuple[str, ...], Flaps]:
    """What to say of it, and that it was said."""
    limit = rule.flapping
    flaps = flaps.calm(limit, now)
    if limit is not None and flaps.on and not flaps.said:
        window = duration_text(limit.within / NS)
        line = (
            f"flapping: fired {limit.times} times in {window}; "
            f"told again when it has been quiet for {window}"
        )
        return (line,), replace(flaps, said=True)
    others = flaps.folded - incident.folded
    if flaps.on or not flaps.folded:
        return (), flaps
    count = "1 more firing was" if others == 1 else f"{others} more firings were"
    line = f"it flapped before: {count} not told"
    return ((line,) if others else ()), replace(flaps, folded=0)
