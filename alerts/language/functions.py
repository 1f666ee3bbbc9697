"""The functions: over values, over the evaluation before, and over events."""

from __future__ import annotations

from collections.abc import Callable

from alerts.language import closures
from alerts.language.agreement import Agreement
from alerts.language.findings import Findings, head
from alerts.language.terms import FAULTY, Term, applied, compared
from alerts.language.tree import Invocation, Name, Node, Unsound
from alerts.language.words import VALUE_FUNCTIONS
from streams.metric import Unit

_USAGE = {
    "changed": ("one value", "write it as changed(breakdown)"),
    "crosses_above": ("two values", "write it as crosses_above(corr(1h), 0.5)"),
    "crosses_below": ("two values", "write it as crosses_below(corr(1h), 0.5)"),
    "within": ("an event and a duration", "write it as within(fomc, 24h)"),
}


class Functions:
    """Checks what is in a function's brackets; `term` checks the parts, `event` an event's metric.

    `event` answers for `since` or `until` and the node that names the event.
    """

    def __init__(
        self,
        findings: Findings,
        agreement: Agreement,
        term: Callable[[Node], Term],
        event: Callable[[str, Node], Term],
    ) -> None:
        self._findings = findings
        self._agreement = agreement
        self._part = term
        self._event = event
        self._looking = ""
        """The function that looks back, while its parts are checked."""

    def term(self, node: Invocation) -> Term:
        """The function's unit and closure."""
        match node.name:
            case "changed":
                return self._changed(node)
            case "crosses_above" | "crosses_below":
                return self._crosses(node)
            case "within":
                return self._within(node)
            case _:
                return self._of_values(node)

    def _of_values(self, node: Invocation) -> Term:
        terms = [self._part(argument) for argument in node.arguments]
        if (len(terms) != 1) if node.name == "abs" else (len(terms) < 2):
            wanted = "one value" if node.name == "abs" else "two values or more"
            return self._fault(node, f"{node.name} takes {wanted}")
        unit = self._agreement.of_all(node.arguments, terms)
        return FAULTY if unit is None else applied(VALUE_FUNCTIONS[node.name], unit, terms)

    def _changed(self, node: Invocation) -> Term:
        terms = self._looked_back(node, 1)
        if terms is None:
            return FAULTY
        return Term(unit=Unit.TRUTH, evaluate=closures.changed(terms[0].evaluate))

    def _crosses(self, node: Invocation) -> Term:
        terms = self._looked_back(node, 2)
        if terms is None:
            return FAULTY
        sides = list(zip(node.arguments, terms, strict=True))
        unit = self._agreement.of_two(*sides[0], *sides[1])
        if unit is None:
            return FAULTY
        if unit == Unit.CORRELATION:
            self._agreement.bounds(sides)
        sign = ">" if node.name == "crosses_above" else "<"
        evaluate = closures.crosses(sign, *(term.evaluate for term in terms))
        return Term(unit=Unit.TRUTH, evaluate=evaluate)

    def _looked_back(self, node: Invocation, count: int) -> list[Term] | None:
        """The parts of what compares with the evaluation before; None where one is faulty."""
        if self._looking:
            message = f"'{node.name}' inside '{self._looking}' is never known"
            self._fault(head(node, node.name), message, "only the evaluation before is kept")
            return None
        self._looking = node.name
        terms = [self._part(argument) for argument in node.arguments]
        self._looking = ""
        if len(terms) != count:
            self._misused(node)
        elif all(term.value is not None for term in terms):
            self._fault(node, "this is constant, so it never changes", _USAGE[node.name][1])
        elif not any(term.unit is None for term in terms):
            return terms
        return None

    def _within(self, node: Invocation) -> Term:
        if len(node.arguments) != 2 or not isinstance(node.arguments[0], Name | Unsound):
            return self._misused(node)
        event, reach = node.arguments
        distance = self._part(reach)
        until = self._event("until", event)
        if distance.unit is None or until.unit is None:
            return FAULTY
        if distance.unit != Unit.DURATION:
            words = self._findings.words(reach)
            message = f"'{words}' is {distance.words}, not a duration"
            return self._fault(reach, message, _USAGE["within"][1])
        ways = (until, self._event("since", event))
        near = [compared(["<="], [way, distance]).evaluate for way in ways]
        return Term(unit=Unit.TRUTH, evaluate=closures.any_of(near))

    def _misused(self, node: Invocation) -> Term:
        wanted, remedy = _USAGE[node.name]
        return self._fault(node, f"{node.name} takes {wanted}", remedy)

    def _fault(self, node: Node, message: str, remedy: str = "") -> Term:
        self._findings.note(node, message, remedy)
        return FAULTY
