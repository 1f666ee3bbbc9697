"""The door: files in, checked values out, or one ConfigError with every fault of all of them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from alerts.rule import Rule
from config.advice.advice import warnings
from config.build import build_config
from config.document import Document
from config.errors import ConfigError, Fault
from config.event_file import Calendar, read_calendar, shipped_calendar
from config.names import KEYED, NOTIFIERS, Names
from config.repeats import twice
from config.rule_file import RuleFile, rule_file
from config.schema import ConfigKeys
from config.settings import Config
from config.shipped import CONFIG, RULES, shipped_path
from config.source import LARGEST
from config.validation import validated
from streams.instrument import Pair


def load(path: Path) -> Config:
    """The configuration with its rules compiled; raises ConfigError with all faults of both."""
    return _loaded(path)[0]


def inspect(path: Path, now: int | None = None) -> tuple[Config, tuple[Fault, ...]]:
    """The same with the warnings about its rules; `now` (ns UTC) tells what is over."""
    config, rules = _loaded(path)
    return config, warnings(rules, config, now)


def _loaded(path: Path) -> tuple[Config, RuleFile]:
    document = read(path)
    calendar = _calendar(document)
    names = _names(document, path.parent, calendar)
    keys, faults = validated(document, ConfigKeys, names)
    faults += [*calendar.faults, *_repeats(document), *_keyless(document)]
    rules_path = path.parent / (_word(document.get("rules")) or RULES)
    rules: RuleFile | None = None
    try:
        rules = rule_file(read(rules_path), names)
    except ConfigError as error:
        faults += _at_their_name(error, "rules", rules_path, document)
    if faults or keys is None or rules is None:
        raise ConfigError(faults)
    config = replace(
        build_config(keys, path, rules_path), events=calendar.events, events_path=calendar.path
    )
    return replace(config, rules=rules.rules(config), quiet=rules.quiet()), rules


def load_rules(path: Path, config: Config) -> tuple[Rule, ...]:
    """Another rule file for the same configuration; raises ConfigError with all its faults."""
    return rule_file(read(path), names_of(config)).rules(config)


def inspect_rules(path: Path, now: int | None = None) -> tuple[int, tuple[Fault, ...]]:
    """How many rules a file has, and the warnings about them.

    It is checked against the comove.yaml beside it, or the shipped one. Raises ConfigError with all
    faults of the rule file, and none of the configuration's; where that has any, nothing is warned.
    """
    document = _config_beside(path)
    calendar = _calendar(document)
    names = _names(document, path.parent, calendar)
    file = rule_file(read(path), names)
    keys, _ = validated(document, ConfigKeys, names)
    if keys is None:
        return len(file.keys.rules), ()
    config = replace(build_config(keys, Path(document.file), path), events=calendar.events)
    return len(file.keys.rules), warnings(file, config, now)


def read(path: Path) -> Document:
    """The file as a document; raises ConfigError where it cannot be read as YAML."""
    try:
        with path.open("rb") as file:
            return Document(str(path), file.read(LARGEST + 1))
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


def is_test_file(document: Document) -> bool:
    """Whether it holds tests of rules."""
    return isinstance(document.get("tests"), list)


def is_calendar(document: Document) -> bool:
    """Whether it holds events, rather than naming the file that does."""
    return isinstance(document.get("events"), dict)


def names_of(config: Config) -> Names:
    """What rules may name."""
    return Names(
        folder=config.path.parent,
        instruments=tuple(instrument.name for instrument in config.instruments),
        pairs=config.pairs,
        notifiers=config.notifiers.names,
        events=tuple(event.name for event in config.events),
    )


def _of_file(path: Path, message: str, remedy: str) -> Fault:
    return Fault(file=str(path), line=None, column=None, message=message, remedy=remedy)


def _at_their_name(error: ConfigError, key: str, path: Path, document: Document) -> Iterable[Fault]:
    """A file that is not there is a fault of the line that names it."""
    for fault in error.faults:
        if fault.line is None and document.get(key) is not None:
            yield document.fault_at((key,), f"{path}: {fault.message}", fault.remedy)
        else:
            yield fault


def _calendar(document: Document) -> Calendar:
    """That which a configuration names, else the one that comes with comove."""
    named = _word(document.get("events"))
    if not named:
        return shipped_calendar()
    path = Path(document.file).parent / named
    try:
        return read_calendar(path, read(path))
    except ConfigError as error:
        faults = tuple(_at_their_name(error, "events", path, document))
        return replace(shipped_calendar(), path=path, faults=faults)


def _names(document: Document, folder: Path, calendar: Calendar) -> Names:
    """What a document names, faulty or not, so that the rest can be checked against it."""
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    notifiers = document.get("notifiers")
    return Names(
        folder=folder,
        instruments=tuple(_mapping(document.get("instruments"))),
        pairs=tuple(_pairs(document)),
        notifiers=tuple(n for n in NOTIFIERS if n in _mapping(notifiers)) or ("log",),
        events=calendar.names,
        credentials=Path(credentials) if credentials else None,
    )


def _config_beside(path: Path) -> Document:
    try:
        return read(path.with_name(CONFIG))
    except ConfigError:
        return read(shipped_path(CONFIG))


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _pairs(document: Document) -> Iterator[Pair]:
    for pair in document.groups("pairs"):
        x, y = _word(pair.get("x")), _word(pair.get("y"))
        if x and y:
            controls = (_word(name) for name in _items(pair.get("controls")))
            yield Pair(x, y, tuple(name for name in controls if name))


def _repeats(document: Document) -> Iterator[Fault]:
    """Pairs and feeds that stand twice."""
    pairs = [(("pairs", i), pair.name) for i, pair in enumerate(_pairs(document))]
    yield from twice(document, pairs, "the pair {} stands twice", "keep one of them")
    remedy = "an instrument has feeds of its own"
    yield from twice(document, _routes(document), "the feed {} stands twice", remedy)


def _routes(document: Document) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for name, keys in _mapping(document.get("instruments")).items():
        for index, route in enumerate(_items(_mapping(keys).get("feeds"))):
            yield ("instruments", name, "feeds", index), _word(route)


def _keyless(document: Document) -> Iterator[Fault]:
    """Feeds of venues that need a key, where none is given."""
    for path, route in _routes(document):
        venue = route.partition(":")[0]
        if venue in KEYED and document.get("feeds", venue) is None:
            remedy = f"add '{venue}:' with its key under 'feeds:', or remove this feed"
            yield document.fault_at(path, f"{venue} needs a key", remedy)
