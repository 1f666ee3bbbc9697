"""The tree of an expression: what is written, with its offsets.

Whether it makes sense is for the checker.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

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


def too_deep(node: Node) -> bool:
    """Whether checking and evaluating it might exhaust the stack."""
    level: list[Node] = [node]
    for _ in range(_DEEPEST):
        level = [child for parent in level for child in _children(parent)]
    return bool(level)


def _children(node: Node) -> Sequence[Node]:
    match node:
        case Operation() | Comparison():
            return node.operands
        case Invocation():
            return node.arguments
        case Argument():
            return (node.value,)
        case _:
            return ()
