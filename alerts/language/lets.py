"""`let`: values named once, to be used by name in a file's rules and messages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

import msgspec

from alerts.language.checker import Checker
from alerts.language.definitions import UNSOUND, Definition, defined, expanded, named
from alerts.language.errors import LanguageError, TextFault
from alerts.language.grammar import parse
from alerts.language.template import Hole, split
from alerts.language.tree import Name, Node, Number, Operation
from alerts.language.vocabulary import Vocabulary
from alerts.language.words import kind_of
from streams.metric import PERIODS

_OTHER = "choose another name"


class Lets(msgspec.Struct, frozen=True):
    """What each name stands for, and the faults by name: of the names, and of their texts."""

    definitions: Mapping[str, Definition]
    name_faults: Mapping[str, TextFault]
    text_faults: Mapping[str, Sequence[TextFault]]


def define(texts: Mapping[str, str | None], vocabulary: Vocabulary) -> Lets:
    """The named values of a file, each built on those above it; None: what is told elsewhere.

    A faulty one is told here; what uses it says nothing more.
    """
    names = {name: fault for name in texts if (fault := _name_fault(name, vocabulary))}
    free = {name: text for name, text in texts.items() if name not in names}
    written = {name: text for name, text in free.items() if text is not None}
    trees, faults = _parsed(written)
    definitions = dict.fromkeys(free, UNSOUND)
    for name, node in trees.items():
        found = _misplaced(name, node, [*free], trees)
        known = msgspec.structs.replace(vocabulary, lets=definitions)
        found += _faults(written[name], node, known)
        if found:
            faults[name] = found
        else:
            definitions[name] = defined(expanded(node, definitions, written[name]))
    return Lets(definitions, names, faults)


def unused(
    texts: Mapping[str, str], expressions: Iterable[str], messages: Iterable[str]
) -> list[str]:
    """The names that neither expressions nor messages use, nor what these use."""
    trees, _ = _parsed(texts)
    lets = dict.fromkeys(texts, UNSOUND)
    written = [*expressions]
    for message in messages:
        written += [piece.text for piece in split(message)[0] if isinstance(piece, Hole)]
    waiting = [*_sound(written)]
    left = dict(lets)
    while waiting:
        used = [use.text for use in named(waiting.pop(), lets) if left.pop(use.text, None)]
        waiting += [trees[name] for name in used if name in trees]
    return [*left]


def _name_fault(name: str, vocabulary: Vocabulary) -> TextFault | None:
    kind = kind_of(name)
    if not kind and name in vocabulary.instruments:
        kind = "an instrument"
    if not kind and name in vocabulary.events:
        kind = "an event"
    if kind:
        return TextFault(0, len(name), f"'{name}' is {kind}", _OTHER)
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,31}", name):
        message = f"'{name}' cannot be a name here"
        return TextFault(0, len(name), message, "use letters, digits and '_', 32 at most")
    return None


def _parsed(texts: Mapping[str, str]) -> tuple[dict[str, Node], dict[str, Sequence[TextFault]]]:
    trees: dict[str, Node] = {}
    faults: dict[str, Sequence[TextFault]] = {}
    for name, text in texts.items():
        try:
            trees[name] = parse(text)
        except LanguageError as error:
            faults[name] = error.faults
    return trees, faults


def _sound(texts: Iterable[str]) -> Iterator[Node]:
    for text in texts:
        with suppress(LanguageError):
            yield parse(text)


def _misplaced(
    name: str, node: Node, names: Sequence[str], trees: Mapping[str, Node]
) -> list[TextFault]:
    """Uses of what is defined only below, or by way of the value itself."""
    above = names[: names.index(name)]
    lets = dict.fromkeys(names, UNSOUND)
    return [
        _misplacement(name, use, trees, lets) for use in named(node, lets) if use.text not in above
    ]


def _misplacement(
    name: str, use: Name, trees: Mapping[str, Node], lets: Mapping[str, Definition]
) -> TextFault:
    if name in _reached(use.text, trees, lets):
        message = f"'{name}' is defined by itself"
        return TextFault(use.start, use.end, message, "write a value that needs no name")
    message = f"'{use.text}' is defined further down"
    return TextFault(use.start, use.end, message, f"move '{use.text}' above '{name}'")


def _reached(name: str, trees: Mapping[str, Node], lets: Mapping[str, Definition]) -> set[str]:
    """The name, and all that it is defined by."""
    reached: set[str] = set()
    waiting = [name]
    while waiting:
        at = waiting.pop()
        if at not in reached:
            reached.add(at)
            waiting += [use.text for use in named(trees[at], lets)] if at in trees else []
    return reached


def _faults(text: str, node: Node, vocabulary: Vocabulary) -> list[TextFault]:
    if _is_rate(node):
        return []
    checker = Checker(text, vocabulary)
    try:
        checker.term(expanded(node, vocabulary.lets, text))
    except LanguageError as error:
        return list(error.faults)
    return checker.findings.faults


def _is_rate(node: Node) -> bool:
    """`1/month`, for a metric's brackets."""
    match node:
        case Operation(operator="/", operands=(Number(unit=""), Name(text=period))):
            return period in PERIODS
        case _:
            return False
