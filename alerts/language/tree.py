"""The tree of an expression: what is written, with its offsets.

Whether it makes sense is for the checker.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

_DEEPEST = 40
"""Closures call each other as deep as the tree is: far from Python's own limit."""


class Node(msgspec.Struct, frozen=True):
    """A part of an expression, between two offsets of its text."""

    start: int
    end: int


class Number(Node, frozen=True):
    """`5%`: the number and its unit as written; the unit is empty where none stands."""

    value: float
    unit: str
    unit_start: int


class Name(Node, frozen=True):
    """A bare word: an instrument, a period, or a metric with its defaults."""

    text: str


class Argument(Node, frozen=True):
    """`horizon=60m`."""

    name: str
    value: Node


class Invocation(Node, frozen=True):
    """`corr(ETH, SPY, 1h)`."""

    name: str
    arguments: tuple[Node, ...]


class Operation(Node, frozen=True):
    """`and or not + - * /` over their operands; a minus with one operand is a sign."""

    operator: str
    operands: tuple[Node, ...]


class Comparison(Node, frozen=True):
    """`a < b <= c`: one operator fewer than operands."""

    operators: tuple[str, ...]
    operands: tuple[Node, ...]


class Unsound(Node, frozen=True):
    """What stands for a named value that is faulty where it is defined: nothing more is said."""


def too_deep(node: Node) -> bool:
    """Whether checking and evaluating it might exhaust the stack."""
    level: list[Node] = [node]
    for _ in range(_DEEPEST):
        level = [child for parent in level for child in children(parent)]
    return bool(level)


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def children(node: Node) -> tuple[Node, ...]:
    """What a node is made of."""
    match node:
        case Operation() | Comparison():
            return node.operands
        case Invocation():
            return node.arguments
        case Argument():
            return (node.value,)
        case _:
            return ()


def with_children(node: Node, parts: Sequence[Node]) -> Node:
    """The same node made of other parts."""
    match node:
        case Operation() | Comparison():
            return replace(node, operands=tuple(parts))
        case Invocation():
            return replace(node, arguments=tuple(parts))
        case Argument():
            return replace(node, value=parts[0])
        case _:
            return node


def placed(node: Node, start: int, end: int) -> Node:
    """The same tree as if all of it stood between two offsets."""
    moved = with_children(node, [placed(child, start, end) for child in children(node)])
    if isinstance(moved, Number):
        return replace(moved, start=start, end=end, unit_start=start)
    return replace(moved, start=start, end=end)
