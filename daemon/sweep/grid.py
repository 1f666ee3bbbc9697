"""The grid: axes of values, and the rule file as each cell of it would have it.

An axis is named for what it varies, whichever of these comes first:

| name | varies |
|---|---|
| `threshold` | `{threshold}` in `--when` or `--clear` |
| `for`, `clear_for` | that key of the rule |
| a name under `let:` | that value |
| `4`, `60m`, `-2%` | that figure wherever it stands in the rule's `when` and `clear` |
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import msgspec

from alerts.language import did_you_mean
from alerts.rule import Rule
from config.document import Document
from config.errors import ConfigError
from config.load import names_of, read
from config.rule_file import rule_file
from config.settings import Config

MOST_CELLS = 2_000
MOST_DRAWN = 3
"""Axes of a heat map: across, down, and side by side."""

_KEYS = ("for", "clear_for")
_CONDITIONS = ("when", "clear")


class GridError(Exception):
    """A grid that cannot be made; the text says why."""


class Axis(msgspec.Struct, frozen=True):
    """What is varied, and the values as they are written."""

    name: str
    values: tuple[str, ...]

    @property
    def label(self) -> str:
        """`threshold`, or `in place of 60m` where it varies a figure of the rule."""
        return f"in place of {self.name}" if self._figure else self.name

    def at(self, value: str) -> str:
        """`threshold 3`, or `30m in place of 60m`."""
        return f"{value} {self.label}" if self._figure else f"{self.label} {value}"

    @property
    def _figure(self) -> bool:
        return bool(self.name) and not self.name[0].isalpha()


Cell = tuple[tuple[str, str], ...]
"""Axis and value, in the order of the axes."""


def parse_axis(text: str) -> Axis:
    """`threshold=3,3.5,4`; GridError where it is not in that form."""
    name, equals, listed = text.partition("=")
    values = tuple(dict.fromkeys(value.strip() for value in listed.split(",") if value.strip()))
    if not (name.strip() and equals and values):
        raise GridError(f"--grid {text}: write for instance threshold=3,3.5,4")
    return Axis(name.strip(), values)


def cells(axes: Sequence[Axis]) -> list[Cell]:
    """Every combination; GridError where an axis comes twice or there are too many."""
    names = [axis.name for axis in axes]
    if len(set(names)) < len(names):
        raise GridError("two axes of the grid have the same name")
    count = 1
    for axis in axes:
        count *= len(axis.values)
    if count > MOST_CELLS:
        raise GridError(f"{count:,} cells; a grid has {MOST_CELLS:,} at most")
    return [
        tuple(zip(names, values, strict=True))
        for values in product(*(axis.values for axis in axes))
    ]


class Draft:
    """A rule file of which one rule is varied."""

    def __init__(
        self, path: Path, rule: str, *, when: str | None = None, clear: str | None = None
    ) -> None:
        """Raise GridError where there is no such rule, ConfigError where there is no such file."""
        self._root = read(path).root
        self.rule = rule
        self._place = self._find(rule, when)
        given = {"when": when, "clear": clear}
        self._of(self._root).update({key: text for key, text in given.items() if text})

    def _find(self, rule: str, when: str | None) -> int:
        listed = self._root.get("rules")
        rules = listed if isinstance(listed, list) else []
        ids = [str(group.get("id")) if isinstance(group, dict) else "" for group in rules]
        if rule in ids:
            return ids.index(rule)
        if when is None:
            remedy = did_you_mean(rule, ids)
            raise GridError(f"there is no rule '{rule}': {remedy}, or write its --when")
        new = {"id": rule, "title": rule, "when": when, "session": "regular"}
        self._root["rules"] = [*rules, new]
        return len(rules)

    def _of(self, root: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = root["rules"][self._place]
        return found

    def vary(self, cell: Cell) -> bytes:
        """The file for a cell, as JSON, which is YAML; GridError where an axis varies nothing."""
        root = copy.deepcopy(self._root)
        rule = self._of(root)
        figures: dict[str, str] = {}
        for name, value in cell:
            hole = f"{{{name}}}"
            if any(hole in str(rule.get(key)) for key in _CONDITIONS):
                _replace(rule, {hole: value}, re.escape(hole))
            elif name in _KEYS:
                rule[name] = value
            elif name in (root.get("let") or {}):
                root["let"][name] = value
            else:
                figures[name] = value
        self._figures(rule, figures)
        return msgspec.json.encode(root)

    def _figures(self, rule: dict[str, Any], figures: Mapping[str, str]) -> None:
        written = " ".join(str(rule.get(key) or "") for key in _CONDITIONS)
        for name in figures:
            if not re.search(_figure(name), written):
                raise GridError(
                    f"--grid {name}=…: '{name}' stands neither in the rule's when and clear nor "
                    f"under let; {self.rule} reads: {written}"
                )
        if figures:
            _replace(rule, figures, "|".join(_figure(name) for name in figures))


def _figure(name: str) -> str:
    """The name where it is not part of a longer word or figure."""
    return rf"(?<![\w.]){re.escape(name)}(?![\w%]|\.\d)"


def _replace(rule: dict[str, Any], values: Mapping[str, str], pattern: str) -> None:
    """All at once, so that no value is taken for a name."""
    for key in _CONDITIONS:
        if isinstance(rule.get(key), str):
            rule[key] = re.sub(pattern, lambda found: values[found[0]], rule[key])


def build(file: bytes, rule: str, config: Config) -> Rule:
    """The varied rule for the configuration's first pair; GridError says what is wrong with it."""
    try:
        built = rule_file(Document("the varied rule", file), names_of(config)).rules(config)
    except ConfigError as error:
        raise GridError("; ".join(_sentences(error))) from None
    pair = config.pairs[0].name
    own = next((r for r in built if r.id == rule and r.pair.name == pair), None)
    if own is None:
        raise GridError(f"the rule '{rule}' is not for {pair}")
    return msgspec.structs.replace(own, message=None)


def _sentences(error: ConfigError) -> Iterator[str]:
    for fault in error.faults:
        yield f"{fault.message} ({fault.remedy})" if fault.remedy else fault.message


def described(cell: Cell) -> str:
    """`threshold=3 for=2m`."""
    return " ".join(f"{name}={value}" for name, value in cell)


def varying(axes: Iterable[Axis]) -> list[Axis]:
    """Those with more than one value."""
    return [axis for axis in axes if len(axis.values) > 1]
