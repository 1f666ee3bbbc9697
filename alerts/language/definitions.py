"""Named values put into the trees that name them: trees into trees, never text into text."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from alerts.language.errors import LanguageError, TextFault
from alerts.language.tree import (
    Name,
    Node,
    Unsound,
    children,
    placed,
    too_deep,
    walk,
    with_children,
)

_LARGEST = 4000
"""Nodes: values made of values double with every step."""


class Definition(msgspec.Struct, frozen=True):
    """What a name stands for, and of how many nodes it is made."""

    node: Node
    size: int


UNSOUND = Definition(Unsound(0, 0), 1)


def defined(node: Node) -> Definition:
    """A tree under a name."""
    return Definition(node, sum(1 for _ in walk(node)))


def named(node: Node, lets: Mapping[str, Definition]) -> list[Name]:
    """Where a tree names a value."""
    return [each for each in walk(node) if isinstance(each, Name) and each.text in lets]


def expanded(node: Node, lets: Mapping[str, Definition], text: str) -> Node:
    """The tree with what its names stand for in their place, each as if it stood there.

    Raises LanguageError where it would grow without end.
    """
    uses = named(node, lets)
    if not uses:
        return node
    size = sum(lets[name.text].size for name in uses)
    whole = node if size > _LARGEST else _put(node, lets)
    if size > _LARGEST or too_deep(whole):
        message = "too large once its named values are put in"
        raise LanguageError([TextFault(0, len(text), message, "write two rules")])
    return whole


def _put(node: Node, lets: Mapping[str, Definition]) -> Node:
    if isinstance(node, Name) and node.text in lets:
        return placed(lets[node.text].node, node.start, node.end)
    return with_children(node, [_put(child, lets) for child in children(node)])
