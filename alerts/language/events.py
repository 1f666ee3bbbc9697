"""The metrics of events: `until(fomc)`, `since(cpi)`."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from alerts.language.errors import did_you_mean
from alerts.language.findings import Findings
from alerts.language.tree import Name, Node, Unsound
from streams.metric import Call, Metric


def event_call(
    findings: Findings,
    metric: Metric,
    node: Node,
    arguments: Sequence[Node],
    events: Collection[str],
) -> Call | None:
    """The call for the event that the arguments name; None where there is a fault."""
    match arguments:
        case [Name() as name]:
            return _of(findings, metric, name, events)
        case [Unsound()]:
            return None
        case _:
            example = next(iter(events), "fomc")
            remedy = f"write it as {metric.name}({example})"
            findings.note(node, f"{metric.name} is of one event", remedy)
            return None


def _of(findings: Findings, metric: Metric, name: Name, events: Collection[str]) -> Call | None:
    if name.text in events:
        return Call(metric.name, (name.text,))
    if events:
        findings.note(name, f"unknown event '{name.text}'", did_you_mean(name.text, events))
    else:
        findings.note(name, "no events are configured", "a calendar in comove.yaml names them")
    return None
