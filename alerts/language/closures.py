"""Closures over the readings now and at the evaluation before, in three-valued logic.

True, False and None for unknown. Where one operand settles the answer (`false and unknown`) it is
given; else unknown in, unknown out. A figure that is not finite is unknown too.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from alerts.rule import Value
from streams.snapshot import Reading

Readings = Mapping[str, Reading]
Evaluate = Callable[[Readings, Readings | None], Value]
"""The readings now, and those before where there are any."""

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
ARITHMETIC: dict[str, Callable[[Any, Any], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def constant(value: Value) -> Evaluate:
    """The same at all times."""
    return lambda _now, _before: value


def reading(key: str) -> Evaluate:
    """A metric's value."""
    return lambda now, _: now[key].value


def reading_against(key: str, sign: str, bound: float) -> Evaluate:
    """`metric < bound`, the commonest term, in one call."""
    compare = COMPARE[sign]

    def evaluate(now: Readings, _: Readings | None) -> Value:
        value = now[key].value
        return None if value is None else compare(value, bound)

    return evaluate


def compared(signs: Sequence[str], operands: Sequence[Evaluate]) -> Evaluate:
    """`a < b <= c`: each operand is evaluated once; one false step makes it false."""
    first, steps = operands[0], [(COMPARE[s], o) for s, o in zip(signs, operands[1:], strict=True)]

    def evaluate(now: Readings, before: Readings | None) -> Value:
        answer: Value = True
        left = first(now, before)
        for compare, operand in steps:
            right = operand(now, before)
            if left is None or right is None:
                answer = None
            elif not compare(left, right):
                return False
            left = right
        return answer

    return evaluate


def all_of(terms: Sequence[Evaluate]) -> Evaluate:
    """`and`."""
    terms = tuple(terms)

    def evaluate(now: Readings, before: Readings | None) -> Value:
        answer: Value = True
        for term in terms:
            value = term(now, before)
            if value is None:
                answer = None
            elif not value:
                return False
        return answer

    return evaluate


def any_of(terms: Sequence[Evaluate]) -> Evaluate:
    """`or`."""
    terms = tuple(terms)

    def evaluate(now: Readings, before: Readings | None) -> Value:
        answer: Value = False
        for term in terms:
            value = term(now, before)
            if value is None:
                answer = None
            elif value:
                return True
        return answer

    return evaluate


def negated(term: Evaluate) -> Evaluate:
    """`not`."""

    def evaluate(now: Readings, before: Readings | None) -> Value:
        value = term(now, before)
        return None if value is None else not value

    return evaluate


def combined(sign: str, left: Evaluate, right: Evaluate) -> Evaluate:
    """`+ - * /`; dividing by zero is unknown."""
    combine = ARITHMETIC[sign]

    def evaluate(now: Readings, before: Readings | None) -> Value:
        a, b = left(now, before), right(now, before)
        if a is None or b is None:
            return None
        try:
            answer = combine(a, b)
        except ZeroDivisionError:
            return None
        return answer if answer - answer == 0.0 else None  # inf and NaN fail this

    return evaluate


def applied(function: Callable[..., float], operands: Sequence[Evaluate]) -> Evaluate:
    """`abs`, `min`, `max`, a sign."""
    operands = tuple(operands)

    def evaluate(now: Readings, before: Readings | None) -> Value:
        values = [operand(now, before) for operand in operands]
        return None if None in values else function(*values)

    return evaluate


def changed(operand: Evaluate) -> Evaluate:
    """Whether it differs from the evaluation before."""

    def evaluate(now: Readings, before: Readings | None) -> Value:
        value, earlier = operand(now, None), _earlier(operand, before)
        return None if value is None or earlier is None else value != earlier

    return evaluate


def crosses(sign: str, left: Evaluate, right: Evaluate) -> Evaluate:
    """Whether `left > right` (or `<`) now, and was not at the evaluation before."""
    beyond = COMPARE[sign]

    def evaluate(now: Readings, before: Readings | None) -> Value:
        a, b = left(now, None), right(now, None)
        c, d = _earlier(left, before), _earlier(right, before)
        if a is None or b is None or c is None or d is None:
            return None
        return beyond(a, b) and not beyond(c, d)

    return evaluate


def _earlier(operand: Evaluate, before: Readings | None) -> Value:
    """The value then; unknown where there was no evaluation, or none of this metric."""
    if before is None:
        return None
    try:
        return operand(before, None)
    except KeyError:
        return None
