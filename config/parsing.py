"""YAML made into nodes, and what stops that said in sentences."""

from __future__ import annotations

from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import Node
from ruamel.yaml.reader import ReaderError

from config.errors import ConfigError
from config.source import Source

_DEEPEST = 40
"""Levels of groups and lists: far from Python's own limit, and soon told."""


class _Shallow(Composer):
    """Stops at once where nesting has no end; an anchor may be set anew, as YAML has it."""

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader)
        self.warn_double_anchors = False
        self._depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise RecursionError
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def compose(source: Source) -> Node:
    """The root node; raises ConfigError where there is none."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _Shallow
    try:
        node = yaml.compose(source.text)
    except (YAMLError, RecursionError, ValueError, LookupError) as error:
        raise ConfigError([source.fault(*_said(error))]) from None
    if node is None:
        remedy = "'comove init DIR' writes one to start from"
        raise ConfigError([source.fault(0, 0, "the file is empty", remedy)])
    return cast("Node", node)


TOO_DEEP = ("nested too deeply", "compare it with what 'comove init DIR' writes")

_SENTENCES = (
    ("'\\t'", "a tab cannot indent", "indent with spaces"),
    (
        "mapping values are not allowed",
        "a ':' stands where no key can",
        "indent the key, or put quotes round a text that begins with '{' or contains ': '",
    ),
    ("that cannot start", "no text can begin like this", "put quotes round it"),
    ("undefined alias", "this alias names no anchor", "define it before, as in '&name'"),
    ("found another document", "a second document begins here", "remove the '---'"),
    ("end of stream, while scanning a quoted", "a quote is not closed", "close it"),
    ("'<stream end>', while parsing a flow", "a bracket is not closed", "close it"),
    ("found unexpected end of stream", "the file stops too early", "close what was opened"),
)


_UNCLOSED = ("end of stream, while scanning a quoted", "'<stream end>', while parsing a flow")


def _said(error: Exception) -> tuple[int, int, str, str]:
    """Offsets, sentence and remedy for what the YAML reader raised."""
    if isinstance(error, RecursionError):
        return (0, 1, *TOO_DEEP)
    if isinstance(error, ReaderError):
        at = int(error.position)
        return at, at + 1, "this character cannot stand in YAML", "remove it"
    remedy = "put quotes round a text with special signs, and check the indentation"
    if not isinstance(error, MarkedYAMLError):
        return 0, 1, f"this is not YAML: {error}", remedy
    problem = ", ".join(filter(None, (error.problem, error.context)))
    marks = (error.problem_mark, error.context_mark)
    # What is not closed is told where it was opened.
    marks = marks[::-1] if any(sign in problem for sign in _UNCLOSED) else marks
    mark = next(filter(None, marks), None)
    at = mark.index if mark is not None else 0
    for sign, message, cure in _SENTENCES:
        if sign in problem:
            return at, at + 1, message, cure
    return at, at + 1, f"this is not YAML: {problem}", remedy
