"""The formats of messages, and the units each is for."""

from __future__ import annotations

from alerts.language.errors import TextFault, did_you_mean
from alerts.language.template import Hole
from alerts.language.units import WORDS
from streams.metric import Unit

_ANY = frozenset(Unit) - {Unit.TRUTH}

FORMATS = {
    "": frozenset(Unit),
    "%": frozenset({Unit.FRACTION, Unit.CORRELATION, Unit.NUMBER}),
    "sigma": frozenset({Unit.SIGMA, Unit.NUMBER}),
    "money": frozenset({Unit.PRICE, Unit.NUMBER}),
    "duration": frozenset({Unit.DURATION}),
    "number": _ANY,
}
"""Format → the units it can show; the empty one is the unit's own."""

_HABITS = {"percent": "%", "pct": "%", "usd": "money", "price": "money", "time": "duration"}


def format_fault(hole: Hole, unit: Unit) -> TextFault | None:
    """What is wrong with a hole's format, by offsets into the hole's text; None if nothing."""
    style = hole.format
    start = hole.format_start - hole.start
    if style not in FORMATS:
        remedy = _remedy(style)
        return TextFault(start, start + len(style), f"unknown format '{style}'", remedy)
    if unit not in FORMATS[style]:
        message = f"'{hole.text.strip()}' is {WORDS[unit]}, which '{style}' does not show"
        return TextFault(start, start + len(style), message, "leave the format out")
    return None


def _remedy(style: str) -> str:
    if habit := _HABITS.get(style.lower()):
        return f"did you mean '{habit}'?"
    return did_you_mean(style, filter(None, FORMATS))
