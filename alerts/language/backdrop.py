"""The metrics of the context: `vix`, `us2y`, `cut_odds(next)`."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.language.findings import Findings
from alerts.language.tree import Name, Node, Unsound
from alerts.language.words import NEXT
from streams.metric import Call, Metric

_OF_MEETINGS = "cut_odds"


def context_call(
    findings: Findings, metric: Metric, node: Node, arguments: Sequence[Node]
) -> Call | None:
    """The call; None where its brackets hold anything else than the meeting that odds are of."""
    odds = metric.name == _OF_MEETINGS
    match arguments:
        case []:
            return Call(metric.name, ())
        case [Name(text=text)] if odds and text == NEXT:
            return Call(metric.name, ())
        case [Unsound()]:
            return None
        case _:
            wanted = "is of the next meeting alone" if odds else "takes nothing in brackets"
            findings.note(node, f"{metric.name} {wanted}", f"write it as {metric.name}")
            return None
