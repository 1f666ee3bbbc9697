"""The formats of messages, and the units each is for."""

from __future__ import annotations

from alerts.language.errors import TextFault, did_you_mean
from alerts.language.template import Hole
from alerts.language.units import WORDS
from alerts.language.zones import zone, zone_remedy
from streams.metric import Unit

_ANY = frozenset(Unit) - {Unit.TRUTH, Unit.INSTANT}
_INSTANTS = frozenset({Unit.INSTANT})

FORMATS = {
    "": frozenset(Unit),
    "%": frozenset({Unit.FRACTION, Unit.CORRELATION, Unit.NUMBER}),
    "sigma": frozenset({Unit.SIGMA, Unit.NUMBER}),
    "money": frozenset({Unit.PRICE, Unit.NUMBER}),
    "duration": frozenset({Unit.DURATION}),
    "number": _ANY,
    "time": _INSTANTS,
    "date": _INSTANTS,
}
"""Format → the units it can show; the empty one is the unit's own.

`time` and `date` are New York's, or of the zone named behind them: `time Europe/Berlin`.
"""

_HABITS = {"percent": "%", "pct": "%", "usd": "money", "price": "money", "clock": "time"}


def shows_instants(style: str) -> bool:
    """Whether it is the format of a clock."""
    return FORMATS.get(_word(style)) == _INSTANTS


def format_fault(hole: Hole, unit: Unit | None) -> TextFault | None:
    """What is wrong with a hole's format, by offsets into the hole's text; None if nothing.

    The unit is None where the expression itself is faulty.
    """
    style = hole.format
    word = _word(style)
    start = hole.format_start - hole.start
    if word not in FORMATS or not (style == word or shows_instants(style)):
        remedy = _remedy(style)
        return TextFault(start, start + len(style), f"unknown format '{style}'", remedy)
    if unit is not None and unit not in FORMATS[word]:
        message = f"'{hole.text.strip()}' is {WORDS[unit]}, which '{word}' does not show"
        return TextFault(start, start + len(style), message, _INSTEAD[shows_instants(style)])
    name = style[len(word) :].strip()
    if name and zone(name) is None:
        at = start + len(style) - len(name)
        return TextFault(at, at + len(name), f"unknown time zone '{name}'", zone_remedy(name))
    return None


_INSTEAD = {
    True: "write {now|time} or {until(…)|time}, or leave the format out",
    False: "leave the format out",
}


def _word(style: str) -> str:
    return style.split(maxsplit=1)[0] if style else ""


def _remedy(style: str) -> str:
    if habit := _HABITS.get(style.lower()):
        return f"did you mean '{habit}'?"
    return did_you_mean(style, filter(None, FORMATS))
