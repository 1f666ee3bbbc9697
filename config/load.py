"""The door: files in, checked values out, or one ConfigError with every fault of all of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from pydantic import BaseModel, ValidationError

from alerts.rule import Rule
from config.build import build_config, build_rules
from config.document import Document
from config.errors import ConfigError, Fault
from config.names import KEYED, NOTIFIERS, Names
from config.schema import ConfigKeys, RulesKeys
from config.sentences import faults_of
from config.settings import Config
from config.shipped import CONFIG, RULES, shipped
from streams.instrument import Pair

M = TypeVar("M", bound=BaseModel)


def load(path: Path) -> Config:
    """The configuration with its rules compiled; raises ConfigError with all faults of both."""
    document = read(path)
    names = _names(document, path.parent)
    keys, faults = _validated(document, ConfigKeys, names)
    faults += [*_repeats(document), *_keyless(document)]
    rules_path = path.parent / (_word(document.get("rules")) or RULES)
    rules: tuple[RulesKeys, Document] | None = None
    try:
        rules = _read_rules(rules_path, names)
    except ConfigError as error:
        faults += _at_their_name(error, rules_path, document)
    if faults or keys is None or rules is None:
        raise ConfigError(faults)
    config = build_config(keys, path, rules_path)
    return msgspec.structs.replace(config, rules=build_rules(*rules, config))


def load_rules(path: Path, config: Config) -> tuple[Rule, ...]:
    """Another rule file for the same configuration; raises ConfigError with all its faults."""
    return build_rules(*_read_rules(path, names_of(config)), config)


def check_rules(path: Path) -> int:
    """How many rules a file has, checked against the comove.yaml beside it, or the shipped one.

    Raises ConfigError with all faults of the rule file, and none of the configuration's.
    """
    keys, _ = _read_rules(path, _names_beside(path))
    return len(keys.rules)


def read(path: Path) -> Document:
    """The file as a document; raises ConfigError where it cannot be read as YAML."""
    try:
        return Document(str(path), path.read_bytes())
    except FileNotFoundError:
        remedy = "'comove init DIR' writes one to start from"
        raise ConfigError([_of_file(path, "there is no such file", remedy)]) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no file is called like this"
        message = f"cannot be read: {reason}"
        raise ConfigError([_of_file(path, message, "see to its owner and mode")]) from None


def is_rule_file(document: Document) -> bool:
    """Whether it holds rules, rather than naming the file that does."""
    return isinstance(document.get("rules"), list)


def names_of(config: Config) -> Names:
    """What rules may name."""
    return Names(
        folder=config.path.parent,
        instruments=tuple(instrument.name for instrument in config.instruments),
        pairs=config.pairs,
        notifiers=config.notifiers.names,
    )


def _of_file(path: Path, message: str, remedy: str) -> Fault:
    return Fault(file=str(path), line=None, column=None, message=message, remedy=remedy)


def _read_rules(path: Path, names: Names) -> tuple[RulesKeys, Document]:
    document = read(path)
    keys, faults = _validated(document, RulesKeys, names)
    faults += _repeated_ids(document)
    if faults or keys is None:
        raise ConfigError(faults)
    return keys, document


def _validated(document: Document, model: type[M], names: Names) -> tuple[M | None, list[Fault]]:
    try:
        return model.model_validate(document.root, context=names), list(document.faults)
    except ValidationError as error:
        return None, [*document.faults, *faults_of(error, model, document)]


def _at_their_name(error: ConfigError, rules_path: Path, document: Document) -> Iterable[Fault]:
    """A rule file that is not there is a fault of the line that names it."""
    for fault in error.faults:
        if fault.line is None and document.get("rules") is not None:
            message = f"{rules_path}: {fault.message}"
            yield document.fault_at(("rules",), message, fault.remedy)
        else:
            yield fault


def _names(document: Document, folder: Path) -> Names:
    """What a document names, faulty or not, so that the rest can be checked against it."""
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    notifiers = document.get("notifiers")
    return Names(
        folder=folder,
        instruments=tuple(_mapping(document.get("instruments"))),
        pairs=tuple(_pairs(document)),
        notifiers=tuple(n for n in NOTIFIERS if n in _mapping(notifiers)) or ("log",),
        credentials=Path(credentials) if credentials else None,
    )


def _names_beside(path: Path) -> Names:
    beside = path.with_name(CONFIG)
    try:
        return _names(read(beside), path.parent)
    except ConfigError:
        return _names(Document(CONFIG, shipped(CONFIG).encode()), path.parent)


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _pairs(document: Document) -> Iterator[Pair]:
    for pair in _items(document.get("pairs")):
        x, y = _mapping(pair).get("x"), _mapping(pair).get("y")
        if isinstance(x, str) and isinstance(y, str):
            yield Pair(x, y)


def _repeats(document: Document) -> Iterator[Fault]:
    """Pairs and feeds that stand twice."""
    pairs = [(("pairs", i), pair.name) for i, pair in enumerate(_pairs(document))]
    yield from _twice(document, pairs, "the pair {} stands twice", "keep one of them")
    remedy = "an instrument has feeds of its own"
    yield from _twice(document, _routes(document), "the feed {} stands twice", remedy)


def _routes(document: Document) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for name, keys in _mapping(document.get("instruments")).items():
        for index, route in enumerate(_items(_mapping(keys).get("feeds"))):
            yield ("instruments", name, "feeds", index), _word(route)


def _repeated_ids(document: Document) -> Iterator[Fault]:
    rules = _items(document.get("rules"))
    ids = [(("rules", i, "id"), _word(_mapping(rule).get("id"))) for i, rule in enumerate(rules)]
    yield from _twice(document, ids, "two rules are called {}", "give each an id of its own")


def _twice(
    document: Document,
    places: Iterable[tuple[tuple[str | int, ...], str]],
    message: str,
    remedy: str,
) -> Iterator[Fault]:
    first: dict[str, tuple[str | int, ...]] = {}
    for path, text in places:
        if text and text in first:
            line = document.line(first[text])
            said = message.format(f"'{text}'")
            yield document.fault_at(path, said, f"the first is in line {line}: {remedy}")
        first.setdefault(text, path)


def _keyless(document: Document) -> Iterator[Fault]:
    """Feeds of venues that need a key, where none is given."""
    for path, route in _routes(document):
        venue = route.partition(":")[0]
        if venue in KEYED and document.get("feeds", venue) is None:
            remedy = f"add '{venue}:' with its key under 'feeds:', or remove this feed"
            yield document.fault_at(path, f"{venue} needs a key", remedy)
