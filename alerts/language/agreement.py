"""Whether parts that are compared or added are measured in the same unit."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.language.findings import Findings
from alerts.language.terms import Term, rewritten
from alerts.language.tree import Node
from alerts.language.units import agreed
from streams.metric import Unit


class Agreement:
    """Answers in which unit terms agree, and notes why they do not."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings

    def of_all(self, nodes: Sequence[Node], terms: Sequence[Term]) -> Unit | None:
        """The unit that all agree in; None after a fault."""
        if terms[0].unit == Unit.TRUTH:
            self._no_truth(nodes[0])
            return None
        common = terms[0]
        for index in range(1, len(terms)):
            unit = self.of_two(nodes[index - 1], common, nodes[index], terms[index])
            plain = None if terms[index].plain is None else common.plain
            common = Term(unit=unit, evaluate=common.evaluate, value=common.value, plain=plain)
        return common.unit

    def of_two(self, left: Node, one: Term, right: Node, other: Term) -> Unit | None:
        """The unit in which two neighbours agree; None after a fault."""
        if one.unit is None or other.unit is None:
            return None
        for node, term in ((left, one), (right, other)):
            if term.unit == Unit.TRUTH:
                self._no_truth(node)
                return None
        unit = agreed(one.unit, other.unit, (one.plain, other.plain))
        if unit is None:
            self._disagreement(left, one, right, other)
        return unit

    def bounds(self, sides: Sequence[tuple[Node, Term]]) -> None:
        """A bare correlation is compared with what it can be."""
        if any(term.value is None and term.key is None for _, term in sides):
            return
        for node, term in sides:
            if term.value is not None and abs(term.value) > 1:
                message = f"'{self._findings.words(node)}' is never reached"
                self._findings.note(node, message, "a correlation lies between -1 and 1")

    def _no_truth(self, node: Node) -> None:
        words = self._findings.words(node)
        remedy = f"write '{words}' alone, or with 'not' before it"
        self._findings.note(node, f"'{words}' is a yes or no, not a number", remedy)

    def _disagreement(self, left: Node, one: Term, right: Node, other: Term) -> None:
        # The constant is what a person can change, so the caret stands there.
        if one.value is not None and other.value is None:
            left, one, right, other = right, other, left, one
        words = self._findings.words
        message = f"'{words(right)}' is {other.words}, but '{words(left)}' is {one.words}"
        self._findings.note(right, message, rewritten(other, one))
