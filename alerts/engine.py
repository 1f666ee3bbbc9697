"""The life of an alert: snapshots in, transitions out. Pure; time is an argument.

    inactive ──when──▶ pending ──held for `for`──▶ firing ──clear──▶ resolved (inactive)

Unknown neither fires nor resolves: an unknown `when` stops the `for` clock without setting it back,
an unknown `clear` leaves a firing alert firing. Outside a rule's session everything is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from alerts.context import context_lines, readings_text, rule_calls
from alerts.life import Life
from alerts.render import render
from alerts.rule import Rule, Value
from alerts.transition import State, Transition
from streams.snapshot import Snapshot

ALWAYS = "any"


class _Life:
    """One rule's state."""

    __slots__ = ("held", "incident", "rule", "since", "state", "told", "true_at")

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.state = State.INACTIVE
        self.since = 0
        self.held = 0
        """How long `when` has been known to hold."""
        self.true_at: int | None = None
        """The last evaluation, if `when` held then."""
        self.told = 0
        self.incident = ""


class Engine:
    """Applies rules to snapshots.

    >>> Engine([]).update(Snapshot(ts=0, readings={}, sessions={}), 0)
    []
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._lives = [_Life(rule) for rule in rules]

    @property
    def rules(self) -> Sequence[Rule]:
        """The rules, in the order of their file."""
        return [life.rule for life in self._lives]

    def states(self) -> list[tuple[Rule, State, int]]:
        """Each rule, its state and since when (ns; 0 before the first change)."""
        return [(life.rule, life.state, life.since) for life in self._lives]

    def lives(self) -> list[Life]:
        """What must outlive the process: where each pending or firing rule stands."""
        return [_kept(life) for life in self._lives if life.state is not State.INACTIVE]

    def restore(self, lives: Iterable[Life]) -> list[Life]:
        """Go on from there; those that firing rules left behind which are no more are returned.

        `for` clocks stand still until the first evaluation. A pending rule whose condition was
        rewritten begins anew.
        """
        known = {(life.rule.id, life.rule.pair.name): life for life in self._lives}
        orphans: list[Life] = []
        for kept in lives:
            life = known.get((kept.rule, kept.pair))
            if life is not None:
                _restore(life, kept)
            elif kept.state is State.FIRING:
                orphans.append(kept)
        return orphans

    def update(self, snapshot: Snapshot, now: int) -> list[Transition]:
        """Evaluate every rule at `now` (ns of core time)."""
        changes: list[Transition] = []
        for life in self._lives:
            change = _step(life, snapshot, now)
            if change is not None:
                changes.append(change)
        return changes


def _kept(life: _Life) -> Life:
    return Life(
        rule=life.rule.id,
        pair=life.rule.pair.name,
        when=life.rule.when.text,
        state=life.state,
        since=life.since,
        held=life.held,
        told=life.told,
        incident=life.incident,
    )


def _restore(life: _Life, kept: Life) -> None:
    if kept.state is State.PENDING and kept.when != life.rule.when.text:
        return
    life.state, life.since, life.held = kept.state, kept.since, kept.held
    life.told, life.incident, life.true_at = kept.told, kept.incident, None


def _step(life: _Life, snapshot: Snapshot, now: int) -> Transition | None:
    rule = life.rule
    if not _in_session(rule, snapshot):
        life.true_at = None
        return None
    if life.state is State.FIRING:
        return _firing(life, snapshot, now)
    return _waiting(life, rule.when.evaluate(snapshot), snapshot, now)


def _in_session(rule: Rule, snapshot: Snapshot) -> bool:
    if rule.session is None or rule.session == ALWAYS:
        return True
    kinds = {snapshot.sessions.get(name, "regular") for name in (rule.pair.x, rule.pair.y)}
    now = next((kind for kind in ("closed", "extended") if kind in kinds), "regular")
    return rule.session == now


def _waiting(life: _Life, holds: Value, snapshot: Snapshot, now: int) -> Transition | None:
    if holds is None:
        life.true_at = None
        return None
    if not holds:
        return _fall_back(life, snapshot, now)
    began = life.state is State.INACTIVE
    if began:
        life.state, life.since, life.held = State.PENDING, now, 0
    elif life.true_at is not None:
        life.held += now - life.true_at
    life.true_at = now
    if life.held >= life.rule.hold:
        return _fire(life, snapshot, now)
    return _transition(life, State.PENDING, snapshot, now) if began else None


def _fall_back(life: _Life, snapshot: Snapshot, now: int) -> Transition | None:
    life.true_at = None
    if life.state is State.INACTIVE:
        return None
    change = _transition(life, State.INACTIVE, snapshot, now)
    life.state, life.since = State.INACTIVE, now
    return change


def _fire(life: _Life, snapshot: Snapshot, now: int) -> Transition:
    life.state, life.since, life.told = State.FIRING, now, now
    life.incident = f"{life.rule.id}/{life.rule.pair.name}/{now // 1_000_000_000}"
    return _transition(life, State.FIRING, snapshot, now)


def _firing(life: _Life, snapshot: Snapshot, now: int) -> Transition | None:
    rule = life.rule
    over = _over(rule, snapshot)
    if over:
        change = _transition(life, State.RESOLVED, snapshot, now)
        life.state, life.since, life.true_at = State.INACTIVE, now, None
        return change
    again = rule.repeat_interval
    if over is not None and again is not None and now - life.told >= again:
        life.told = now
        return _transition(life, State.FIRING, snapshot, now, repeat=True)
    return None


def _over(rule: Rule, snapshot: Snapshot) -> bool | None:
    if rule.clear is not None:
        cleared = rule.clear.evaluate(snapshot)
        return None if cleared is None else bool(cleared)
    holds = rule.when.evaluate(snapshot)
    return None if holds is None else not holds


def _transition(
    life: _Life, state: State, snapshot: Snapshot, now: int, *, repeat: bool = False
) -> Transition:
    rule = life.rule
    told = state in {State.FIRING, State.RESOLVED}
    return Transition(
        ts=now,
        rule=rule.id,
        pair=rule.pair.name,
        state=state,
        severity=rule.severity,
        incident=life.incident if told else "",
        title=rule.title,
        message=_message(rule, state, snapshot),
        values=_values(rule, snapshot),
        context=context_lines(rule, snapshot) if told else (),
        since=life.since,
        notify=rule.notify if told else (),
        repeat=repeat,
    )


def _message(rule: Rule, state: State, snapshot: Snapshot) -> str:
    if state is State.RESOLVED:
        return f"Over. {readings_text(rule, snapshot)}"
    return render(rule.message, snapshot) if rule.message else rule.title


def _values(rule: Rule, snapshot: Snapshot) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for call in rule_calls(rule):
        reading = snapshot.readings.get(call.key)
        values[call.key] = reading.value if reading else None
    return values
