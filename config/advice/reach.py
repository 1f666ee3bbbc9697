"""What a sound condition asks of the metrics it reads, as boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from alerts.language import Vocabulary
from alerts.language.checker import Checker
from alerts.language.definitions import expanded
from alerts.language.grammar import parse
from alerts.language.terms import Term
from alerts.language.tree import Comparison, Invocation, Node, Operation
from config.advice.box import ANYTHING, WHO_KNOWS, Box, Boxes, every, some
from config.advice.interval import (
    ANY,
    ARITHMETIC,
    Interval,
    absolute,
    may_hold,
    negative,
    side,
)
from config.advice.ranges import range_of
from streams.metric import Call

_OPPOSITE: Mapping[str, str] = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_MIRRORED: Mapping[str, str] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_CROSSES: Mapping[str, str] = {"crosses_above": ">", "crosses_below": "<"}
MOMENTARY = frozenset({*_CROSSES, "changed"})
"""Functions that are so for one evaluation."""


class Reach:
    """One condition over one pair."""

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self._text = text
        self._checker = Checker(text, vocabulary)
        self.tree = expanded(parse(text), vocabulary.lets, text)

    def words(self, node: Node) -> str:
        """A part as it is written."""
        return self._checker.findings.words(node)

    def span(self, node: Node) -> tuple[int, int]:
        """Where it is written; brackets round the whole are part of it."""
        return (0, len(self._text)) if node is self.tree else (node.start, node.end)

    def call(self, node: Node) -> Call | None:
        """The metric that a part is; None if it is something else."""
        key = self._term(node).key
        return next((call for call in self._checker.calls if call.key == key), None)

    def boxes(self, node: Node, *, so: bool = True) -> Boxes:
        """The ways in which the part is so, or is not."""
        match node:
            case Operation(operator="not", operands=(inner,)):
                return self.boxes(inner, so=not so)
            case Operation(operator="and" | "or" as word, operands=parts):
                together = every if (word == "and") is so else some
                return together(self.boxes(part, so=so) for part in parts)
            case Comparison():
                return self._compared(node, so=so)
            case Invocation(name=name, arguments=(left, right)) if name in _CROSSES:
                return self._step(_CROSSES[name], left, right) if so else WHO_KNOWS
        call = self.call(node)
        return WHO_KNOWS if call is None else (Box(truths={call.key: so}),)

    def _compared(self, node: Comparison, *, so: bool) -> Boxes:
        steps = zip(node.operators, pairwise(node.operands), strict=True)
        if so:
            return every(self._step(sign, *sides) for sign, sides in steps)
        return some(self._step(_OPPOSITE[sign], *sides) for sign, sides in steps)

    def _step(self, sign: str, left: Node, right: Node) -> Boxes:
        bound = self._term(right).value
        if bound is not None:
            return self._against(left, sign, bound)
        bound = self._term(left).value
        if bound is not None:
            return self._against(right, _MIRRORED[sign], bound)
        return self._rest(sign, left, right)

    def _against(self, node: Node, sign: str, bound: float) -> Boxes:
        """The part compared with a constant."""
        call = self.call(node)
        if call is not None:
            inside = range_of(call).meet(side(sign, bound))
            return () if inside.empty else (Box(numbers={call.key: inside}),)
        match node:
            case Operation(operator="-", operands=(inner,)):
                return self._against(inner, _MIRRORED[sign], -bound)
            case Invocation(name="abs", arguments=(inner,)):
                return self._distance(inner, sign, bound)
            case Invocation(name="min" | "max" as name, arguments=parts):
                together = some if (name == "max") is sign.startswith(">") else every
                return together(self._against(part, sign, bound) for part in parts)
            case _:
                return self._rest(sign, node, Interval(bound, bound))

    def _distance(self, inner: Node, sign: str, bound: float) -> Boxes:
        """`abs(inner)` compared with a constant."""
        far = sign.startswith(">")
        if bound < 0:
            return ANYTHING if far else ()
        together = some if far else every
        sides = (sign, bound), (_MIRRORED[sign], -bound)
        return together(self._against(inner, way, end) for way, end in sides)

    def _rest(self, sign: str, left: Node, right: Node | Interval) -> Boxes:
        def may(box: Box) -> bool:
            other = right if isinstance(right, Interval) else self._interval(right, box)
            return may_hold(sign, self._interval(left, box), other)

        box = Box(rest=(may,), exact=False)
        return (box,) if box.possible else ()

    def _interval(self, node: Node, box: Box) -> Interval:
        """Every value that the part can have inside of a box."""
        value, call = self._term(node).value, self.call(node)
        if value is not None:
            return Interval(value, value)
        if call is not None:
            return box.numbers.get(call.key) or range_of(call)
        return self._made(node, box)

    def _made(self, node: Node, box: Box) -> Interval:
        """The same of a part that is made of others."""
        match node:
            case Operation(operator="-", operands=(inner,)):
                return negative(self._interval(inner, box))
            case Operation(operator=sign, operands=(left, right)) if sign in ARITHMETIC:
                return ARITHMETIC[sign](self._interval(left, box), self._interval(right, box))
            case Invocation(name="abs", arguments=(inner,)):
                return absolute(self._interval(inner, box))
            case Invocation(name="min" | "max" as name, arguments=parts):
                return _extreme(name, [self._interval(part, box) for part in parts])
            case _:
                return ANY

    def _term(self, node: Node) -> Term:
        return self._checker.term(node)


def _extreme(name: str, parts: Sequence[Interval]) -> Interval:
    pick = min if name == "min" else max
    return Interval(pick(each.low for each in parts), pick(each.high for each in parts))


def momentary(node: Node) -> bool:
    """Whether it is so for one evaluation at the most."""
    match node:
        case Invocation(name=name):
            return name in MOMENTARY
        case Operation(operator="and", operands=parts):
            return any(momentary(part) for part in parts)
        case Operation(operator="or", operands=parts):
            return all(momentary(part) for part in parts)
        case _:
            return False
