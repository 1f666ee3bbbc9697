"""The door of the language: text in, checked and compiled values out, or every fault at once."""

from __future__ import annotations

from collections.abc import Callable, Collection

from alerts.language.checker import Checker
from alerts.language.closures import Evaluate
from alerts.language.errors import LanguageError, TextFault
from alerts.language.formats import format_fault
from alerts.language.grammar import parse
from alerts.language.template import Hole, split
from alerts.language.tree import Number
from alerts.language.units import LITERALS, WORDS, unit_remedy
from alerts.rule import Expression, Message, Placeholder, Value
from streams.instrument import Pair
from streams.metric import Unit
from streams.snapshot import Snapshot

_EXAMPLES = {Unit.DURATION: "90s, 2m, 1h or 1d", Unit.FRACTION: "0.5%"}


def compile_expression(
    text: str, pair: Pair, instruments: Collection[str], *, truth: bool = False
) -> Expression:
    """The expression for one pair; `truth` where it must be a yes or no, as in `when`.

    Raises LanguageError with all faults, their offsets into `text`.
    """
    checker = Checker(text, pair, instruments)
    node = parse(text)
    term = checker.truth(node) if truth else checker.term(node)
    findings = checker.findings
    if not findings.faults and not checker.calls:
        findings.note(node, "this names no metric, so it never changes", "name one")
    if findings.faults or term.unit is None:
        raise LanguageError(findings.faults)
    return Expression(
        text=text.strip(),
        calls=tuple(checker.calls),
        unit=term.unit,
        evaluate=_over(term.evaluate),
    )


def _over(evaluate: Evaluate) -> Callable[[Snapshot], Value]:
    def of_snapshot(snapshot: Snapshot) -> Value:
        return evaluate(snapshot.readings)

    return of_snapshot


def compile_message(text: str, pair: Pair, instruments: Collection[str]) -> Message:
    """The message for one pair: `{expression}`, `{expression|format}`, `{pair}`, `{{` and `}}`.

    Raises LanguageError with all faults, their offsets into `text`.
    """
    pieces, faults = split(text)
    parts: list[str | Placeholder] = []
    for piece in pieces:
        if isinstance(piece, str):
            parts.append(piece)
        elif piece.text.strip() == "pair" and not piece.format:
            parts.append(pair.name)
        else:
            try:
                parts.append(_placeholder(piece, pair, instruments))
            except LanguageError as error:
                faults += [_moved(fault, piece.start) for fault in error.faults]
    if faults:
        raise LanguageError(faults)
    return Message(text=text, parts=_joined(parts))


def _placeholder(hole: Hole, pair: Pair, instruments: Collection[str]) -> Placeholder:
    expression = compile_expression(hole.text, pair, instruments)
    fault = format_fault(hole, expression.unit)
    if fault is not None:
        raise LanguageError([fault])
    return Placeholder(expression=expression, format=hole.format)


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
