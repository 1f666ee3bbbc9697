"""The faults found so far in one text."""

from __future__ import annotations

from alerts.language.errors import TextFault
from alerts.language.tree import Name, Node


class Findings:
    """Collects faults by the nodes they are about."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.faults: list[TextFault] = []

    def note(self, node: Node, message: str, remedy: str = "") -> None:
        """Add a fault under the whole node."""
        self.faults.append(TextFault(node.start, node.end, message, remedy))

    def words(self, node: Node) -> str:
        """The node as it is written."""
        return self.text[node.start : node.end]


def head(node: Node, name: str) -> Name:
    """The name that a node begins with, to put the caret under it alone."""
    return Name(start=node.start, end=node.start + len(name), text=name)
