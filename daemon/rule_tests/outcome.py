"""What was expected against what came."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from alerts.context import readings_text
from alerts.rule import Rule
from alerts.transition import State, Transition
from daemon.rule_tests.case import Case, Expectation
from daemon.rule_tests.playing import Played
from streams.snapshot import Snapshot


class Failure(msgspec.Struct, frozen=True):
    """One expectation that was not met. `what` is `state`, `message` or `fires`."""

    line: int
    rule: str
    at: int | None
    """Ns UTC; None where the whole of the test is meant."""
    what: str
    expected: str
    got: str
    since: int | None = None
    """When what came instead began."""
    read: str = ""
    """What the rule decides by, as it stood."""


class Outcome(msgspec.Struct, frozen=True):
    """A case with what came of it."""

    case: Case
    start: int
    failures: tuple[Failure, ...]
    warnings: tuple[str, ...]
    transitions: tuple[Transition, ...]

    @property
    def passed(self) -> bool:
        """Whether all was as expected."""
        return not self.failures


def judged(case: Case, played: Played, rules: Sequence[Rule]) -> Outcome:
    """Hold a case against what it led to."""
    failures = [f for e in case.expected for f in _of(e, case, played, rules)]
    failures += _fired(case, played)
    return Outcome(
        case=case,
        start=played.start,
        failures=tuple(failures),
        warnings=played.warnings,
        transitions=played.transitions,
    )


def _of(
    expected: Expectation, case: Case, played: Played, rules: Sequence[Rule]
) -> Iterator[Failure]:
    at = expected.instant(played.start)
    last = _last(played.transitions, expected.rule, at)
    state = last.state if last is not None else State.INACTIVE

    def failure(what: str, wanted: str, got: str) -> Failure:
        return Failure(
            line=expected.line,
            rule=expected.rule,
            at=at,
            what=what,
            expected=wanted,
            got=got,
            since=last.ts if last is not None else None,
            read=_read(expected.rule, case, rules, played.seen.get(at)),
        )

    if not _meets(state, expected.state):
        yield failure("state", expected.state, state)
        return
    message = last.message if last is not None else ""
    if expected.message is not None and message != expected.message:
        yield failure("message", expected.message, message)
    if expected.contains is not None and expected.contains not in message:
        yield failure("message", f"… {expected.contains} …", message)


def _last(transitions: Sequence[Transition], rule: str, at: int) -> Transition | None:
    """The change that led to where the rule stands then."""
    changes = (t for t in reversed(transitions) if t.rule == rule and not t.repeat)
    return next((t for t in changes if t.ts <= at), None)


def _meets(state: State, expected: State) -> bool:
    """What is resolved is inactive too."""
    return state is expected or (state is State.RESOLVED and expected is State.INACTIVE)


def _read(rule: str, case: Case, rules: Sequence[Rule], snapshot: Snapshot | None) -> str:
    known = next((r for r in rules if r.id == rule and r.pair.name == case.pair.name), None)
    if known is None or snapshot is None:
        return ""
    return readings_text(known, snapshot)


def _fired(case: Case, played: Played) -> Iterator[Failure]:
    for rule in case.never:
        firing = (t for t in played.transitions if t.rule == rule and t.state is State.FIRING)
        first = next(firing, None)
        if first is not None:
            yield Failure(
                line=case.line,
                rule=rule,
                at=first.ts,
                what="fires",
                expected="never firing",
                got="firing",
                since=first.ts,
            )
