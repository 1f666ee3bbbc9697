"""The checker: a tree and the catalogue in, a typed term with its closure out.

It goes on after a fault, so that all faults of an expression are told at once; a faulty part has
no unit, and nothing more is said about what contains it.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from itertools import pairwise

from alerts.language import closures
from alerts.language.agreement import Agreement
from alerts.language.arguments import Arguments
from alerts.language.backdrop import context_call
from alerts.language.errors import did_you_mean
from alerts.language.events import event_call
from alerts.language.findings import Findings, head
from alerts.language.functions import Functions
from alerts.language.terms import FAULTY, Term, applied, compared, constant, folded
from alerts.language.tree import (
    Comparison,
    Invocation,
    Name,
    Node,
    Number,
    Operation,
    Unsound,
)
from alerts.language.units import LITERALS, product, quotient, unit_remedy
from alerts.language.vocabulary import Vocabulary
from alerts.language.words import FUNCTIONS, KEYWORDS, NOW, PAIR
from streams.metric import CATALOGUE, Call, Unit

_NAME_A_METRIC = "name a metric, as in 'divergence(60m) < -4'"


class Checker:
    """Checks one text against a vocabulary; collects its faults and the calls it makes."""

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self.findings = Findings(text)
        self.calls: dict[Call, None] = {}
        self._vocabulary = vocabulary
        self._agreement = Agreement(self.findings)
        self._functions = Functions(self.findings, self._agreement, self.term, self._event)

    def term(self, node: Node) -> Term:
        """The node's unit and closure."""
        match node:
            case Number():
                return self._number(node)
            case Name():
                return self._name(node)
            case Invocation():
                return self._invocation(node)
            case Comparison():
                return self._comparison(node)
            case Operation():
                return self._logic(node) if node.operator in KEYWORDS else self._arithmetic(node)
            case _:
                message = f"'{self.findings.words(node)}' belongs inside a metric's brackets"
                return FAULTY if isinstance(node, Unsound) else self._fault(node, message)

    def truth(self, node: Node) -> Term:
        """The node's term, which must be a yes or no."""
        term = self.term(node)
        if term.unit in {Unit.TRUTH, None}:
            return term
        message = f"'{self.findings.words(node)}' is {term.words}, not a yes or no"
        return self._fault(node, message, "compare it, as in 'divergence(60m) < -4'")

    def _fault(self, node: Node, message: str, remedy: str = "") -> Term:
        self.findings.note(node, message, remedy)
        return FAULTY

    def _number(self, node: Number) -> Term:
        if node.unit not in LITERALS:
            word = Name(start=node.unit_start, end=node.end, text=node.unit)
            return self._fault(word, f"unknown unit '{node.unit}'", unit_remedy(node.unit))
        unit, size = LITERALS[node.unit]
        value = node.value * size
        if value - value != 0.0:
            return self._fault(node, f"'{self.findings.words(node)}' is too large")
        return constant(unit, value)

    def _name(self, node: Name) -> Term:
        if node.text in CATALOGUE:
            return self._metric(node, node.text, ())
        if node.text in self._vocabulary.events:
            remedy = f"write until({node.text}) or within({node.text}, 24h)"
            return self._fault(node, f"'{node.text}' is an event, not a number", remedy)
        if self._vocabulary.instrument(node.text):
            remedy = f"write price({node.text}) or return({node.text}, 60m)"
            return self._fault(node, f"'{node.text}' is an instrument, not a number", remedy)
        if node.text in {NOW, PAIR}:
            remedy = "in a message, {pair} and {now|time} stand alone"
            return self._fault(node, f"'{node.text}' is not a number", remedy)
        return self._unknown(node, node.text)

    def _unknown(self, node: Node, name: str) -> Term:
        if name in self._vocabulary.lets:
            message = f"'{name}' is a named value"
            return self._fault(head(node, name), message, f"write '{name}' without brackets")
        remedy = did_you_mean(name, [*CATALOGUE, *FUNCTIONS, *self._vocabulary.lets])
        return self._fault(head(node, name), f"unknown metric '{name}'", remedy)

    def _invocation(self, node: Invocation) -> Term:
        if node.name in FUNCTIONS:
            return self._functions.term(node)
        if node.name in CATALOGUE:
            return self._metric(node, node.name, node.arguments)
        return self._unknown(node, node.name)

    def _metric(self, node: Node, name: str, arguments: Sequence[Node]) -> Term:
        metric = CATALOGUE[name]
        if metric.over == "event":
            call = event_call(self.findings, metric, node, arguments, self._vocabulary.events)
        elif metric.over == "context":
            call = context_call(self.findings, metric, node, arguments)
        else:
            call = Arguments(self.findings, metric, self._vocabulary).call(node, arguments)
        if call is None:
            return FAULTY
        self.calls[call] = None
        return Term(unit=metric.unit, evaluate=closures.reading(call.key), key=call.key)

    def _event(self, metric: str, node: Node) -> Term:
        return self._metric(node, metric, [node])

    def _comparison(self, node: Comparison) -> Term:
        terms = [self.term(operand) for operand in node.operands]
        sides = list(zip(node.operands, terms, strict=True))
        units = [self._agreement.of_two(*one, *other) for one, other in pairwise(sides)]
        if None in units:
            return FAULTY
        if all(term.value is not None for term in terms):
            message = "this compares constants, so it never changes"
            return self._fault(node, message, _NAME_A_METRIC)
        if units[0] == Unit.CORRELATION:
            self._agreement.bounds(sides)
        return compared(node.operators, terms)

    def _logic(self, node: Operation) -> Term:
        terms = [self.truth(operand) for operand in node.operands]
        if None in {term.unit for term in terms}:
            return FAULTY
        parts = [term.evaluate for term in terms]
        if node.operator == "not":
            return Term(unit=Unit.TRUTH, evaluate=closures.negated(parts[0]))
        together = closures.all_of if node.operator == "and" else closures.any_of
        return Term(unit=Unit.TRUTH, evaluate=together(parts))

    def _arithmetic(self, node: Operation) -> Term:
        terms = [self.term(operand) for operand in node.operands]
        if len(terms) == 2 and node.operator in "*/":
            unit = self._scaled(node, *terms)
        else:
            unit = self._agreement.of_all(node.operands, terms)
        if unit is None:
            return FAULTY
        if len(terms) == 1:
            return applied(operator.neg, unit, terms)
        evaluate = closures.combined(node.operator, *(term.evaluate for term in terms))
        term = folded(unit, evaluate, terms)
        if term is FAULTY:
            return self._fault(node, f"'{self.findings.words(node)}' has no value")
        return term

    def _scaled(self, node: Operation, left: Term, right: Term) -> Unit | None:
        if left.unit is None or right.unit is None:
            return None
        times = node.operator == "*"
        unit = (product if times else quotient)(left.unit, right.unit)
        if unit is None:
            verb = "multiplied" if times else "divided"
            message = f"{left.words} cannot be {verb} by {right.words}"
            self._fault(node, message, "multiply or divide by a plain number")
        return unit
