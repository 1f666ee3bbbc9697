"""The door of the language: text in, checked and compiled values out, or every fault at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from alerts.language import closures
from alerts.language.checker import Checker
from alerts.language.definitions import Definition, expanded
from alerts.language.errors import LanguageError, TextFault
from alerts.language.formats import format_fault, shows_instants
from alerts.language.grammar import parse
from alerts.language.instants import THE_INSTANT, turned
from alerts.language.template import Hole, split
from alerts.language.terms import Term
from alerts.language.tree import Number
from alerts.language.units import LITERALS, WORDS, unit_remedy
from alerts.language.vocabulary import Vocabulary
from alerts.language.words import LEGS, NOW, PAIR
from alerts.rule import Evaluate, Expression, Message, Placeholder, Value
from streams.instrument import Pair
from streams.metric import CATALOGUE, Call, Unit
from streams.snapshot import Snapshot

NOTHING: Mapping[str, Definition] = MappingProxyType({})

_EXAMPLES = {Unit.DURATION: "90s, 2m, 1h or 1d", Unit.FRACTION: "0.5%"}


def compile_expression(
    text: str,
    pair: Pair,
    instruments: Collection[str],
    *,
    truth: bool = False,
    events: Collection[str] = (),
    lets: Mapping[str, Definition] = NOTHING,
    budget: float | None = None,
) -> Expression:
    """The expression for one pair; `truth` where it must be a yes or no, as in `when`.

    `events` and `lets` are what it may name beside the metrics; `budget` (alarms a session) is that
    of detectors without their own. Raises LanguageError with all faults, their offsets into `text`;
    with none where only a named value is faulty.
    """
    return _expression(
        text, *_checked(text, Vocabulary(pair, instruments, events, lets, budget), truth=truth)
    )


def compile_message(
    text: str,
    pair: Pair,
    instruments: Collection[str],
    *,
    events: Collection[str] = (),
    lets: Mapping[str, Definition] = NOTHING,
    budget: float | None = None,
) -> Message:
    """The message for one pair.

    `{expression}`, `{expression|format}`, `{pair}`, its legs `{x}` and `{y}`, `{now|time}`, and
    `{{` and `}}` for the braces. Raises LanguageError like `compile_expression`.
    """
    vocabulary = Vocabulary(pair, instruments, events, lets, budget)
    pieces, faults = split(text)
    parts: list[str | Placeholder] = []
    sound = True
    for piece in pieces:
        if isinstance(piece, str):
            parts.append(piece)
            continue
        try:
            parts.append(_filled(piece, vocabulary))
        except LanguageError as error:
            sound = False
            faults += [_moved(fault, piece.start) for fault in error.faults]
    if faults or not sound:
        raise LanguageError(faults)
    return Message(text=text, parts=_joined(parts))


def _filled(hole: Hole, vocabulary: Vocabulary) -> str | Placeholder:
    word = hole.text.strip()
    if not hole.format and word == PAIR:
        return vocabulary.pair.name
    if not hole.format and word in LEGS:
        return str(vocabulary.instrument(word))
    try:
        shown = THE_INSTANT if word == NOW else _shown(hole, vocabulary)
    except LanguageError as error:
        fault = format_fault(hole, None)
        raise LanguageError([*error.faults, *([fault] if fault else [])]) from None
    fault = format_fault(hole, shown.unit)
    if fault is not None:
        raise LanguageError([fault])
    return Placeholder(expression=shown, format=hole.format)


def _shown(hole: Hole, vocabulary: Vocabulary) -> Expression:
    term, calls = _checked(hole.text, vocabulary)
    expression = _expression(hole.text, term, calls)
    # Of `until(fomc)` and the like a clock shows the instant they reach.
    bare = term.key is not None
    return turned(expression) if bare and shows_instants(hole.format) else expression


def _checked(
    text: str, vocabulary: Vocabulary, *, truth: bool = False
) -> tuple[Term, tuple[Call, ...]]:
    checker = Checker(text, vocabulary)
    node = parse(text)
    whole = expanded(node, vocabulary.lets, text)
    term = checker.truth(whole) if truth else checker.term(whole)
    findings = checker.findings
    if term.value is not None and whole is node:
        findings.note(node, "this names no metric, so it never changes", "name one")
    if findings.faults or term.unit is None:
        raise LanguageError(findings.faults)
    return term, tuple(checker.calls)


def _expression(text: str, term: Term, calls: tuple[Call, ...]) -> Expression:
    return Expression(
        text=text.strip(),
        calls=calls,
        unit=term.unit or Unit.NUMBER,
        evaluate=_over(term.evaluate),
        signed=term.key is not None and CATALOGUE[calls[0].metric].signed,
    )


def _over(evaluate: closures.Evaluate) -> Evaluate:
    def of_snapshots(snapshot: Snapshot, before: Snapshot | None = None, /) -> Value:
        return evaluate(snapshot.readings, None if before is None else before.readings)

    return of_snapshots


def _moved(fault: TextFault, by: int) -> TextFault:
    return TextFault(fault.start + by, fault.end + by, fault.message, fault.remedy)


def _joined(parts: list[str | Placeholder]) -> tuple[str | Placeholder, ...]:
    """Neighbouring literals made one."""
    joined: list[str | Placeholder] = []
    for part in parts:
        if isinstance(part, str) and joined and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return tuple(joined)


def parse_quantity(text: str, unit: Unit) -> float:
    """One number of that unit: `2m` → 120.0 seconds, `0.5%` → 0.005; raises LanguageError."""
    node = parse(text)
    if isinstance(node, Number) and node.unit not in LITERALS:
        message = f"unknown unit '{node.unit}'"
        raise LanguageError([TextFault(node.unit_start, node.end, message, unit_remedy(node.unit))])
    if not isinstance(node, Number) or LITERALS[node.unit][0] != unit:
        message = f"'{text.strip()}' is not {WORDS[unit]}"
        remedy = f"write it as {_EXAMPLES[unit]}" if unit in _EXAMPLES else ""
        raise LanguageError([TextFault(node.start, node.end, message, remedy)])
    return node.value * LITERALS[node.unit][1]
