"""What is wrong with a file of rule tests that its keys alone do not show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from alerts.language import LanguageError, TextFault, compile_expression, did_you_mean
from alerts.language.grammar import parse
from alerts.language.tree import Invocation
from alerts.rule import Expression, Rule
from config.document import Document
from config.errors import Fault
from config.load import names_of
from config.settings import Config
from daemon.rule_tests.notation import parse_series
from streams.instrument import Pair
from streams.metric import CATALOGUE

Steps = tuple[str | int, ...]
"""Keys and indices from the root."""

_NOT_RULES = frozenset({"at", "message", "contains"})


def unfit(document: Document, config: Config, rules: Sequence[Rule]) -> Iterator[Fault]:
    """Each place where a test does not fit its rules, its metrics or its files."""
    ids = {rule.id for rule in rules}
    for index, test in enumerate(_items(document.get("tests"))):
        at: Steps = ("tests", index)
        yield from _unknown_rules(document, at, test, ids)
        yield from _series_faults(document, at, _mapping(_mapping(test).get("series")), config)
        yield from _file_faults(document, at, _mapping(_mapping(test).get("prices")))


def _unknown_rules(document: Document, at: Steps, test: Any, ids: set[str]) -> Iterator[Fault]:
    for index, item in enumerate(_items(_mapping(test).get("expect"))):
        for key in _mapping(item):
            if key not in _NOT_RULES and key not in ids:
                place = (*at, "expect", index, key)
                yield document.fault_at(
                    place, f"there is no rule '{key}'", did_you_mean(key, ids), key=True
                )
    never = _mapping(test).get("never")
    for index, word in enumerate([never] if isinstance(never, str) else _items(never)):
        if isinstance(word, str) and word not in ids:
            place = (*at, "never") if isinstance(never, str) else (*at, "never", index)
            yield document.fault_at(place, f"there is no rule '{word}'", did_you_mean(word, ids))


def _series_faults(
    document: Document, at: Steps, series: Mapping[str, Any], config: Config
) -> Iterator[Fault]:
    for written, values in series.items():
        place = (*at, "series", written)
        try:
            metric = measured(written, config.pairs[0], config)
        except LanguageError as error:
            for fault in error.faults:
                yield document.fault_at(place, fault.message, fault.remedy, key=True)
            continue
        try:
            parse_series(values if isinstance(values, str) else "", metric.unit)
        except LanguageError as error:
            for fault in error.faults:
                span = (fault.start, fault.end)
                yield document.fault_within(place, span, fault.message, fault.remedy)


def _file_faults(document: Document, at: Steps, prices: Mapping[str, Any]) -> Iterator[Fault]:
    folder = Path(document.file).parent
    for name, file in prices.items():
        if isinstance(file, str) and not (folder / file).is_file():
            message = f"{folder / file}: there is no such file"
            remedy = "name it relative to this file"
            yield document.fault_at((*at, "prices", name), message, remedy)


def measured(text: str, pair: Pair, config: Config) -> Expression:
    """The one metric that a text names; raises LanguageError where it is more than that."""
    expression = compile_expression(text, pair, names_of(config).instruments)
    node = parse(text)
    name = node.name if isinstance(node, Invocation) else getattr(node, "text", "")
    if name not in CATALOGUE:
        remedy = "name a metric as the rule does, such as divergence(60m)"
        raise LanguageError([TextFault(0, len(text), f"'{text}' is more than one metric", remedy)])
    return expression


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
