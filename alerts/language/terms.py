"""Checked parts of an expression."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from alerts.language import closures
from alerts.language.units import WORDS
from streams.metric import Unit


class Term(msgspec.Struct, frozen=True):
    """A checked part: its unit (None: faulty), its closure, and what it is if it is simple.

    `value` is a constant's value, `plain` a unitless constant's, `key` a bare metric's.
    """

    unit: Unit | None
    evaluate: closures.Evaluate
    value: float | None = None
    plain: float | None = None
    key: str | None = None

    @property
    def words(self) -> str:
        """`a correlation`."""
        return "faulty" if self.unit is None else WORDS[self.unit]


FAULTY = Term(unit=None, evaluate=closures.constant(None))


def constant(unit: Unit, value: float) -> Term:
    """A number as written, in its unit's base."""
    plain = value if unit == Unit.NUMBER else None
    return Term(unit=unit, evaluate=closures.constant(value), value=value, plain=plain)


def applied(function: Callable[..., float], unit: Unit, terms: Sequence[Term]) -> Term:
    """A function of terms."""
    return folded(unit, closures.applied(function, [term.evaluate for term in terms]), terms)


def folded(unit: Unit, evaluate: closures.Evaluate, terms: Sequence[Term]) -> Term:
    """A term over others, worked out at once where all are constants; FAULTY if it has no value."""
    if any(term.value is None for term in terms):
        return Term(unit=unit, evaluate=evaluate)
    value = evaluate({}, None)
    return FAULTY if value is None else constant(unit, value)


def compared(operators: Sequence[str], terms: Sequence[Term]) -> Term:
    """A yes or no."""
    first, last = terms[0], terms[-1]
    if len(terms) == 2 and first.key is not None and last.value is not None:
        evaluate = closures.reading_against(first.key, operators[0], last.value)
    else:
        evaluate = closures.compared(operators, [term.evaluate for term in terms])
    return Term(unit=Unit.TRUTH, evaluate=evaluate)


def rewritten(term: Term, wanted: Term) -> str:
    """How a constant of the wrong unit is written in the unit wanted."""
    value, plain = term.value, term.plain is not None
    if value is None:
        return ""
    if wanted.unit == Unit.FRACTION and plain:
        return f"write {value * 100 if abs(value) < 1 else value:g}%"
    if wanted.unit == Unit.DURATION and plain:
        return f"write {value:g}s or {value:g}m"
    if term.unit == Unit.DURATION or (wanted.unit == Unit.CORRELATION and abs(value) > 1):
        return ""
    if wanted.unit in {Unit.CORRELATION, Unit.NUMBER, Unit.PRICE, Unit.SIGMA}:
        figure = term.unit == Unit.FRACTION and wanted.unit != Unit.CORRELATION
        return f"write {value * 100 if figure else value:g}"
    return ""
