"""An outcome as people and machines read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from rich.text import Text

from alerts.render import metric_text
from alerts.transition import State, Transition
from daemon.rule_tests.outcome import Failure, Outcome
from daemon.texts import new_york
from streams.instrument import NS

_STYLES = {
    State.PENDING: "yellow",
    State.FIRING: "bold red",
    State.RECOVERING: "yellow",
    State.RESOLVED: "green",
    State.INACTIVE: "dim",
}
_WRONG = {"state": "another state", "message": "another message", "fires": "it fires"}
_NEAR = 6
"""Changes of state shown around a failure."""
_BEFORE, _BEHIND = 24, 40
"""Characters shown round the first that differs."""


def lines(outcome: Outcome, path: Path, *, verbose: bool) -> Iterator[Text]:
    """The test's name, and below it what failed, what is doubtful and, if asked, what happened."""
    mark = ("✔ ", "green") if outcome.passed else ("✘ ", "bold red")
    place = f"  {path}:{outcome.case.line}"
    yield Text.assemble(mark, (outcome.case.name, "bold"), (place, "dim"))
    for failure in outcome.failures:
        yield from _failure(failure, outcome, path)
    for warning in outcome.warnings:
        yield Text.assemble(("  ! ", "yellow"), warning)
    if verbose:
        yield from timeline(outcome.transitions, outcome.start, messages=True)


def _failure(failure: Failure, outcome: Outcome, path: Path) -> Iterator[Text]:
    when = "" if failure.at is None else f" at {_clock(failure.at, outcome.start)}"
    yield Text.assemble(
        (f"  {path}:{failure.line}: ", "bold"), failure.rule, when, f": {_WRONG[failure.what]}"
    )
    if failure.what == "message":
        yield from _messages(failure)
        return
    since = "" if failure.since is None else f" since {_clock(failure.since, outcome.start)}"
    yield Text.assemble(("    expected  ", "dim"), (failure.expected, "green"))
    yield Text.assemble(("    got       ", "dim"), (failure.got, "red"), since)
    if failure.read:
        yield Text.assemble(("    then      ", "dim"), failure.read)
    changes = [t for t in outcome.transitions if t.rule == failure.rule]
    if not changes:
        yield Text("    it never left inactive", "dim")
    yield from timeline(_near(changes, failure.at), outcome.start)


def _messages(failure: Failure) -> Iterator[Text]:
    """Both in full, then both round the first character that differs, with a caret there."""
    yield Text.assemble(("    expected  ", "dim"), (failure.expected, "green"))
    yield Text.assemble(("    got       ", "dim"), (failure.got, "red"))
    if failure.expected.startswith("… "):
        return
    pairs = enumerate(zip(failure.expected, failure.got, strict=False))
    shortest = min(len(failure.expected), len(failure.got))
    same = next((place for place, (one, other) in pairs if one != other), shortest)
    first = max(0, same - _BEFORE)
    lead = "…" if first else ""
    for head, text in (("    here      ", failure.expected), ("              ", failure.got)):
        yield Text(f"{head}{lead}{text[first : same + _BEHIND]}", "dim")
    yield Text(" " * (14 + len(lead) + same - first) + "^", "bold red")


def _near(changes: Sequence[Transition], at: int | None) -> Sequence[Transition]:
    """Those around an instant."""
    before = sum(at is None or t.ts <= at for t in changes)
    first = max(0, before - _NEAR // 2)
    return changes[first : first + _NEAR]


def timeline(
    transitions: Sequence[Transition], start: int, *, messages: bool = False
) -> Iterator[Text]:
    """A line a change of state: when, which rule, what it read."""
    width = max((len(t.rule) for t in transitions), default=0)
    times = max((len(_clock(t.ts, start)) for t in transitions), default=0)
    for t in transitions:
        state = "still firing" if t.repeat else t.state.value
        read = ", ".join(
            f"{key} {metric_text(value, key.partition('(')[0])}" for key, value in t.values.items()
        )
        yield Text.assemble(
            (f"    {_clock(t.ts, start):<{times}}  ", "dim"),
            f"{t.rule:<{width}}  ",
            (f"{state:<10}", _STYLES[t.state]),
            (f"  {read}", "dim"),
        )
        if messages and t.notify:
            yield Text(f"      {t.message}")


def _clock(ts: int, start: int) -> str:
    """`10:04:00 (4m)`, with the date where it is another day."""
    form = "%H:%M:%S" if new_york(ts, "%j") == new_york(start, "%j") else "%Y-%m-%d %H:%M:%S"
    return f"{new_york(ts, form)} ({_since(ts - start)})"


def _since(ns: int) -> str:
    """`4m`, `1m30s`, `2h`."""
    seconds = ns / NS
    if ns % NS or seconds < 0:
        return f"{seconds:g}s"
    hours, rest = divmod(int(seconds), 3600)
    minutes, rest = divmod(rest, 60)
    parts = ((hours, "h"), (minutes, "m"), (rest, "s"))
    return "".join(f"{count}{unit}" for count, unit in parts if count) or "0s"


def as_json(outcome: Outcome, path: Path) -> str:
    """One line: the test, whether it passed, what failed, and all that happened."""
    return msgspec.json.encode(
        {
            "name": outcome.case.name,
            "file": str(path),
            "line": outcome.case.line,
            "passed": outcome.passed,
            "failures": outcome.failures,
            "warnings": outcome.warnings,
            "transitions": [
                {"ts": t.ts, "rule": t.rule, "state": t.state, "message": t.message}
                for t in outcome.transitions
            ],
        }
    ).decode()
