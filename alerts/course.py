"""The life of one rule, whoever is told of it.

    inactive ──when──▶ pending ──`for`──▶ firing ──clear──▶ recovering ──`clear_for`──▶ resolved

Unknown neither fires nor resolves: it stops the clocks without setting them back. A resolved rule
is inactive again.
"""

from __future__ import annotations

from types import EllipsisType

from msgspec.structs import replace

from alerts.doubt import differ, unknown
from alerts.flaps import Flaps
from alerts.incident import FOREVER, Incident
from alerts.life import Life
from alerts.rule import Rule, Severity, Value
from alerts.standing import Standing
from alerts.transition import State
from streams.instrument import NS
from streams.snapshot import Snapshot

RANK = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.INFO: 2}
_UNSEEN = "not looked at yet"


class Course:
    """One rule's state; `place` is its place in the file."""

    __slots__ = (
        "ask",
        "calm",
        "due",
        "entered",
        "flaps",
        "held",
        "incident",
        "inhibitors",
        "keys",
        "left",
        "muted",
        "place",
        "rank",
        "reason",
        "rule",
        "since",
        "standing",
        "state",
        "sure",
        "suspended",
        "true_at",
    )

    def __init__(self, rule: Rule, place: int) -> None:
        self.rule = rule
        self.place = place
        self.rank = RANK[rule.severity]
        self.state = State.INACTIVE
        self.since = 0
        self.left = 0
        """The `since` of the state before this one."""
        self.held = 0
        """How long what it waits for has been known to hold."""
        self.true_at: int | None = None
        """The last evaluation, if it held then."""
        self.sure = False
        """Whether it was seen to be still firing."""
        self.incident: Incident | None = None
        self.due = FOREVER
        """From when on the incident is to be told."""
        self.flaps = Flaps()
        self.reason = _UNSEEN
        """Why its state is not known; empty where it is."""
        self.suspended = ""
        """Why it is not looked at; empty where it is."""
        self.muted = ""
        self.inhibitors: tuple[Course, ...] = ()
        self.entered: State | None = None
        """The state it has entered, of which nothing was made yet."""
        self.standing: Standing | None = None
        """How it stands, once that has been asked for."""
        self.calm: bool | EllipsisType = ...
        """The answer that changes nothing, if there is one."""
        self._listen()

    @property
    def open(self) -> bool:
        """Whether it is firing or recovering."""
        return self.state is State.FIRING or self.state is State.RECOVERING

    def take(self, value: Value, now: int) -> None:
        """The answer to `ask` at `now`, which may bring it to another state."""
        if self.reason:
            self.reason, self.standing = "", None
        if self.incident is None:
            self._wait(now, holds=bool(value))
        else:
            over = bool(value) if self.rule.clear is not None else not value
            self._burn(self.incident, now, over=over)
        self.calm = False if self.state is State.INACTIVE and not self.open else ...

    def puzzle(self, snapshot: Snapshot, before: Snapshot | None) -> bool:
        """There was no answer; whether more than figures has changed in why."""
        self.stop()
        earlier, self.reason = self.reason, unknown(self.keys, snapshot, before)
        if self.reason == earlier:
            return False
        self.calm, self.standing = ..., None
        return differ(self.reason, earlier)

    def stop(self) -> None:
        """Nothing is known from now on: its clocks stand still."""
        self.true_at = None
        self.sure = False

    def tell(self, incident: Incident | None) -> None:
        """What people know of it has changed; None: all is over."""
        self.incident = incident
        self.due = FOREVER if incident is None else incident.due(self.rule)
        self.standing = None
        self._listen()

    def stand(self) -> Standing:
        """How it stands now."""
        if self.standing is None:
            rule, incident = self.rule, self.incident
            self.standing = Standing(
                rule=rule.id,
                pair=rule.pair.name,
                state=self.state,
                severity=rule.severity,
                title=rule.title,
                since=self.since,
                doubt="suspended" if self.suspended else "unknown" if self.reason else "",
                reason=self.suspended or self.reason,
                muted=self.muted,
                incident="" if incident is None else incident.id,
                acknowledged="" if incident is None else incident.acknowledged,
                source=rule.source,
            )
        return self.standing

    def kept(self, now: int) -> Life | None:
        """What must outlive the process; None of a rule at rest."""
        flaps = self.flaps.calm(self.rule.flapping, now)
        if self.state is State.INACTIVE and flaps == Flaps():
            return None
        return Life(
            rule=self.rule.id,
            pair=self.rule.pair.name,
            when=self.rule.when.text,
            state=self.state,
            since=self.since,
            held=self.held,
            incident=self.incident,
            flaps=flaps,
        )

    def restore(self, kept: Life) -> None:
        """Go on from there; one that waited for another condition begins anew."""
        self.flaps = kept.flaps
        if kept.state is not State.PENDING or kept.when == self.rule.when.text:
            self.state, self.since, self.held = kept.state, kept.since, kept.held
            self.tell(kept.incident and _addressed(kept.incident, self.rule))

    def _wait(self, now: int, *, holds: bool) -> None:
        if not holds:
            self.true_at = None
            if self.state is State.PENDING:
                self._enter(State.INACTIVE, now)
            return
        if self.state is State.INACTIVE:
            self._enter(State.PENDING, now)
        self._count(now)
        if self.held >= self.rule.hold:
            self._fire(now)

    def _fire(self, now: int) -> None:
        rule = self.rule
        # Evaluations off the grid of seconds happen: the incident's name must still be its own.
        second, rest = divmod(now, NS)
        instant = f"{second}.{rest:09d}" if rest else f"{second}"
        folded = self.flaps.calm(rule.flapping, now).folding
        if rule.flapping is not None:
            self.flaps = self.flaps.fire(rule.flapping, now)
        self._enter(State.FIRING, now)
        self.sure = True
        self.tell(Incident(f"{rule.id}/{rule.pair.name}/{instant}", now, folded=folded))

    def _burn(self, incident: Incident, now: int, *, over: bool) -> None:
        self.sure = not over
        if not over:
            if self.state is State.RECOVERING:
                self._enter(State.FIRING, now)
                self.since = incident.since
            return
        if self.state is State.FIRING:
            self._enter(State.RECOVERING, now)
        self._count(now)
        if self.held >= self.rule.clear_hold:
            self._enter(State.INACTIVE, now)
            self.entered = State.RESOLVED

    def _enter(self, state: State, now: int) -> None:
        self.left, self.since = self.since, now
        self.state = self.entered = state
        self.held, self.true_at = 0, None
        self.standing = None

    def _count(self, now: int) -> None:
        if self.true_at is not None:
            self.held += now - self.true_at
        self.true_at = now

    def _listen(self) -> None:
        """Ask what matters in this state."""
        clear = self.rule.clear
        asked = clear if self.open and clear is not None else self.rule.when
        self.ask = asked.evaluate
        self.keys = tuple(call.key for call in asked.calls)


def _addressed(incident: Incident, rule: Rule) -> Incident:
    """Files of comove 0.1 do not say who was told."""
    if incident.told is None or incident.notify:
        return incident
    return replace(incident, notify=rule.notify)
