"""A YAML file read into plain values, with the place of each.

Every scalar stays the text that was written (`16:00`, `on` and `1e3` included): what it means is
for the schema. A null is None.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from config.errors import ConfigError, Fault
from config.parsing import TOO_DEEP, compose
from config.source import Source

Place = Sequence[str | int]
"""Keys and indices from the root."""

_STANDARD = "tag:yaml.org,2002:"
_PLAIN_TAGS = {"map", "seq", "str", "null", "bool", "int", "float", "timestamp", "merge", "value"}


class Document:
    """One file: its values in `root`, the places of them, and what was wrong on reading."""

    def __init__(self, file: str, data: bytes) -> None:
        """Raise ConfigError where there is nothing to go on with."""
        self.file = file
        self._source = Source(file, data)
        self._node = compose(self._source)
        values = _Values(self._source)
        self.root = values.of_root(self._node)
        self.faults = values.faults

    def get(self, *path: str | int) -> Any:
        """The value at the path, or None."""
        value: Any = self.root
        for step in path:
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value

    def groups(self, *path: str | int) -> list[dict[str, Any]]:
        """The items of the list at the path; what is no group of keys counts as an empty one."""
        value = self.get(*path)
        items = value if isinstance(value, list) else []
        return [item if isinstance(item, dict) else {} for item in items]

    def fault_at(self, path: Place, message: str, remedy: str, *, key: bool = False) -> Fault:
        """A fault of the value at a path, or of its key; of what is nearest if there is none."""
        start, end = self._span(path, key=key)
        return self._source.fault(start, end, message, remedy)

    def fault_within(self, path: Place, span: tuple[int, int], message: str, remedy: str) -> Fault:
        """A fault between two offsets of the text that stands at a path."""
        _, node = self._find(path)
        if not isinstance(node, ScalarNode) or not node.value:
            return self.fault_at(path, message, remedy)
        offsets = _offsets(self._source.text, node)
        start = offsets[min(span[0], len(offsets) - 1)]
        last = offsets[min(max(span[1] - 1, span[0]), len(offsets) - 1)]
        return self._source.fault(start, last + 1, message, remedy)

    def line(self, path: Place) -> int:
        """The line of the value at a path, from 1."""
        return self._source.line(self._span(path)[0])

    def _find(self, path: Place) -> tuple[Node | None, Node]:
        """Key and value node at the path, or the last that exist along it."""
        key: Node | None = None
        node = self._node
        for step in path:
            if isinstance(node, MappingNode):
                found = next(((k, v) for k, v in node.value if k.value == step), None)
                if found is None:
                    break
                key, node = found
            elif isinstance(node, SequenceNode) and isinstance(step, int):
                key, node = None, node.value[step]
            else:
                break
        return key, node

    def _span(self, path: Place, *, key: bool = False) -> tuple[int, int]:
        name, node = self._find(path)
        empty = node.start_mark.index == node.end_mark.index
        if name is not None and (key or empty):
            node = name
        return node.start_mark.index, node.end_mark.index


class _Values:
    """Makes values of nodes, and notes what YAML allows and configuration does not."""

    def __init__(self, source: Source) -> None:
        self.faults: list[Fault] = []
        self._source = source
        self._made: dict[int, Any] = {}

    def of_root(self, node: Node) -> dict[str, Any]:
        """The root's keys; raises ConfigError where it has none."""
        if not isinstance(node, MappingNode):
            self._note(node, "this is not YAML with keys", "write 'key: value' lines")
            raise ConfigError(self.faults)
        try:
            return cast("dict[str, Any]", self._value(node, ()))
        except RecursionError:
            raise ConfigError([self._source.fault(0, 1, *TOO_DEEP)]) from None

    def _value(self, node: Node, above: tuple[int, ...]) -> Any:
        """The node's value; shared where it is an alias, so that aliases cannot swell it."""
        if id(node) in above:
            message = "this anchor contains itself"
            self._note(node, message, "remove the alias ('*name') from what it names")
            return None
        if id(node) not in self._made:
            self._check_tag(node)
            self._made[id(node)] = self._built(node, (*above, id(node)))
        return self._made[id(node)]

    def _built(self, node: Node, above: tuple[int, ...]) -> Any:
        if isinstance(node, MappingNode):
            return self._keys(node, above)
        if isinstance(node, SequenceNode):
            return [self._value(item, above) for item in node.value]
        return None if node.tag == f"{_STANDARD}null" else node.value

    def _keys(self, node: MappingNode, above: tuple[int, ...]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self._note(key, "a key must be a word", "write 'key: value'")
            elif key.value in values:
                remedy = f"the first is in line {lines[key.value]}: keep one of them"
                self._note(key, f"the key '{key.value}' stands twice", remedy)
            else:
                lines[key.value] = self._source.line(key.start_mark.index)
                values[key.value] = self._value(value, above)
        return values

    def _check_tag(self, node: Node) -> None:
        tag = str(node.tag or "")
        if tag.removeprefix(_STANDARD) not in _PLAIN_TAGS:
            self._note(node, "a tag ('!…') means nothing here", "remove it")

    def _note(self, node: Node, message: str, remedy: str) -> None:
        span = (node.start_mark.index, node.end_mark.index)
        self.faults.append(self._source.fault(*span, message, remedy))


def _offsets(text: str, node: ScalarNode) -> list[int]:
    """Where each character of a scalar stands in the file, whatever its quotes and folds."""
    at, end = node.start_mark.index, node.end_mark.index
    while text[at : at + 1] in {"&", "!"}:
        at = _after_word(text, at, end)
    if node.style in {"|", ">"}:
        at = text.find("\n", at, end) + 1
    offsets: list[int] = []
    for char in node.value:
        if char.isspace():
            offsets.append(at)
            at += text[at : at + 1].isspace()
            continue
        found = text.find(char, at, end)
        # A character written as an escape is not found: the place stays where it was.
        offsets.append(at if found < 0 else found)
        at = at if found < 0 else found + 1
    return [*offsets, at]


def _after_word(text: str, at: int, end: int) -> int:
    """Past an anchor or a tag, and the space behind it."""
    while at < end and not text[at].isspace():
        at += 1
    while at < end and text[at].isspace():
        at += 1
    return at
