"""A rule file: read, checked, and made into rules and quiet times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from alerts.rule import Flapping, Rule
from alerts.silence import QuietTime
from config.budget import share
from config.document import Document
from config.errors import ConfigError, Fault
from config.expressions import condition, message
from config.fields import NEVER
from config.inhibition import circles, inherited
from config.lets import with_lets
from config.names import Names
from config.references import ALL
from config.repeats import twice
from config.rule_keys import DefaultsKeys, RuleKeys, RulesKeys
from config.settings import Config
from config.silences import quiet_time
from config.validation import validated
from streams.instrument import Pair


class RuleFile(msgspec.Struct, frozen=True):
    """A rule file without a fault, with what its rules may name."""

    document: Document
    keys: RulesKeys
    names: Names

    def rules(self, config: Config) -> tuple[Rule, ...]:
        """A rule for each pair of a configuration that it is for."""
        names = replace(self.names, notifiers=config.notifiers.names)
        return tuple(
            replace(
                _rule(keys, self.keys.defaults, pair, names, self._source(index)),
                events=config.events,
            )
            for index, keys in enumerate(self.keys.rules)
            for pair in config.pairs
            if keys.pairs is None or pair.name in keys.pairs
        )

    def quiet(self) -> tuple[QuietTime, ...]:
        """The recurring silences."""
        return tuple(quiet_time(keys) for keys in self.keys.silences)

    def _source(self, index: int) -> str:
        return f"{Path(self.document.file).name}:{self.document.line(('rules', index, 'id'))}"


def rule_file(document: Document, names: Names) -> RuleFile:
    """The file, checked; raises ConfigError with all its faults."""
    names = replace(names, rules=tuple(id_ for _, id_ in _ids(document, "rules") if id_))
    names, faults = with_lets(document, names)
    budget, unshared = share(document, names)
    faults += unshared
    keys, found = validated(document, RulesKeys, names)
    faults += [*found, *_repeated_ids(document), *circles(document)]
    if faults or keys is None:
        raise ConfigError(faults)
    return RuleFile(document, keys, replace(names, budget=budget))


def _ids(document: Document, key: str) -> list[tuple[tuple[str | int, ...], str]]:
    """Where each id of a list stands, and the id; an empty one where there is none."""
    ids = (group.get("id") for group in document.groups(key))
    return [((key, i, "id"), id_ if isinstance(id_, str) else "") for i, id_ in enumerate(ids)]


def _repeated_ids(document: Document) -> Iterator[Fault]:
    remedy = "give each an id of its own"
    for key in ("rules", "silences"):
        yield from twice(document, _ids(document, key), f"two {key} are called {{}}", remedy)


def _rule(keys: RuleKeys, defaults: DefaultsKeys, pair: Pair, names: Names, source: str) -> Rule:
    session = keys.session or defaults.session
    repeat = defaults.repeat_interval if keys.repeat_interval is None else keys.repeat_interval
    flapping = keys.flapping or defaults.flapping
    return Rule(
        id=keys.id,
        title=keys.title,
        pair=pair,
        when=condition(keys.when, pair, names),
        clear=None if keys.clear is None else condition(keys.clear, pair, names),
        hold=keys.hold,
        clear_hold=defaults.clear_for if keys.clear_for is None else keys.clear_for,
        session=None if session == "any" else session,
        severity=keys.severity or defaults.severity,
        notify=_notify(keys.notify or defaults.notify, names),
        repeat_interval=None if repeat == NEVER else repeat,
        message=None if keys.message is None else message(keys.message, pair, names),
        source=source,
        labels=defaults.labels | keys.labels,
        flapping=flapping if isinstance(flapping, Flapping) else None,
        inhibited_by=inherited(keys.id, defaults.inhibited_by)
        if keys.inhibited_by is None
        else keys.inhibited_by,
    )


def _notify(given: Sequence[str], names: Names) -> tuple[str, ...]:
    return names.notifiers if ALL in given else tuple(given)
