"""What is wrong with an expression or a message.

LanguageError
    faults: tuple[TextFault, ...]
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

import msgspec


class TextFault(msgspec.Struct, frozen=True):
    """One fault between two character offsets of a text, and what to do about it."""

    start: int
    end: int
    message: str
    remedy: str


class LanguageError(Exception):
    """Every fault found in one text, in the order in which they stand."""

    def __init__(self, faults: Iterable[TextFault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.start, fault.end)))
        super().__init__("; ".join(fault.message for fault in self.faults))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A remedy: the nearest of the known names, or all of them."""
    names = sorted(known)
    folded = {name.lower(): name for name in names}
    near = difflib.get_close_matches(word.lower(), folded, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{folded[near[0]]}'?"
    return f"known: {', '.join(names)}" if names else ""
