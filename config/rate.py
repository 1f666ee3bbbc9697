"""A false-alarm budget as it is written: `1/month`."""

from __future__ import annotations

from alerts.language import LanguageError, TextFault, did_you_mean
from alerts.language.grammar import parse
from alerts.language.tree import Name, Number, Operation
from streams.metric import PERIODS

LEAST, MOST = 1 / 2520, 10.0
"""Alarms a regular session that a detector can be asked for: one in ten years, ten a session."""

_EXAMPLE = "write it as 1/month"


def parse_rate(text: str) -> float:
    """Alarms a regular session; raises LanguageError."""
    match node := parse(text):
        case Operation(operator="/", operands=(Number(unit="", value=count), Name() as period)):
            return _alarms(text, count, period)
        case _:
            message = f"'{text.strip()}' is not a rate"
            raise LanguageError([TextFault(node.start, node.end, message, _EXAMPLE)])


def _alarms(text: str, count: float, period: Name) -> float:
    if period.text not in PERIODS:
        message = f"unknown period '{period.text}'"
        remedy = did_you_mean(period.text, PERIODS)
        raise LanguageError([TextFault(period.start, period.end, message, remedy)])
    alarms = count / PERIODS[period.text]
    if not LEAST <= alarms <= MOST:
        message = f"'{text.strip()}' is out of range"
        raise LanguageError([TextFault(0, len(text), message, _EXAMPLE)])
    return alarms
