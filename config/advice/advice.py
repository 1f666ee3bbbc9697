"""Warnings about a rule file without faults: nothing that might be meant, only what cannot be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from alerts.language import Vocabulary, unused
from alerts.rule import Rule
from config.advice.audience import audience
from config.advice.course import course
from config.advice.hint import Hint
from config.advice.hours import hours
from config.advice.outlook import outlook
from config.advice.supply import supply
from config.errors import Fault
from config.names import Names
from config.rule_file import RuleFile
from config.settings import Config


def warnings(file: RuleFile, config: Config, now: int | None = None) -> tuple[Fault, ...]:
    """What the rules certainly do not mean, in the order of the file.

    With `now` (ns UTC) also the events that they name and that nothing more is known of.
    """
    found = [*_rules(file, config, now), *_silences(file, config), *_lets(file)]
    return tuple(
        msgspec.structs.replace(fault, severity="warning")
        for fault in sorted(dict.fromkeys(found), key=lambda each: (each.line, each.column))
    )


def _rules(file: RuleFile, config: Config, now: int | None) -> Iterator[Fault]:
    rules: dict[str, list[Rule]] = {}
    for rule in file.rules(config):
        rules.setdefault(rule.id, []).append(rule)
    for index, keys in enumerate(file.keys.rules):
        for hint in _of_all_pairs(rules.get(keys.id, ()), file.names, config, now):
            yield _fault(file, ("rules", index, hint.key), hint)


def _of_all_pairs(
    rules: Sequence[Rule], names: Names, config: Config, now: int | None
) -> Iterator[Hint]:
    """The hints of one rule over its pairs; the pair is named where they are not of all."""
    found: dict[Hint, list[str]] = {}
    for rule in rules:
        for hint in _hints(rule, names, config, now):
            found.setdefault(hint, []).append(rule.pair.name)
    for hint, pairs in found.items():
        if len(pairs) == len(rules):
            yield hint
        else:
            message = f"{hint.message} (for the pair {', '.join(pairs)})"
            yield msgspec.structs.replace(hint, message=message)


def _hints(rule: Rule, names: Names, config: Config, now: int | None) -> Iterator[Hint]:
    instruments = {instrument.name: instrument for instrument in config.instruments}
    vocabulary = Vocabulary(rule.pair, names.instruments, names.events, names.lets, names.budget)
    yield from dict.fromkeys(course(rule, vocabulary))
    yield from dict.fromkeys(supply(rule, vocabulary, instruments, config.fed))
    yield from hours(rule, instruments)
    yield from audience(rule, config.notifiers)
    if now is not None:
        yield from dict.fromkeys(outlook(rule, now))


def _fault(file: RuleFile, place: tuple[str | int, ...], hint: Hint) -> Fault:
    if hint.span is None:
        return file.document.fault_at(place, hint.message, hint.remedy)
    # Conditions are compiled without the blanks round them.
    text = file.document.get(*place)
    lead = 0 if hint.key == "message" else len(text) - len(text.lstrip())
    span = hint.span[0] + lead, hint.span[1] + lead
    return file.document.fault_within(place, span, hint.message, hint.remedy)


def _silences(file: RuleFile, config: Config) -> Iterator[Fault]:
    """Those that are for no rule at all."""
    rules = file.rules(config)
    for index, quiet in enumerate(file.quiet()):
        if not any(quiet.matcher.matches(rule) for rule in rules):
            place = ("silences", index, "match")
            message = f"no rule is like this, so '{quiet.id}' silences nothing"
            yield file.document.fault_at(place, message, "name fewer things, or others")


def _lets(file: RuleFile) -> Iterator[Fault]:
    """Named values that nothing names."""
    keys = file.keys
    expressions = [text for rule in keys.rules for text in (rule.when, rule.clear) if text]
    messages = [rule.message for rule in keys.rules if rule.message]
    for name in unused(keys.let, expressions, messages):
        message = f"nothing uses '{name}'"
        yield file.document.fault_at(("let", name), message, "remove it", key=True)
