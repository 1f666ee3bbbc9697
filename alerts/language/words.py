"""The words of the language: what no instrument and no named value can be called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from alerts.language.units import LITERALS
from streams.metric import CATALOGUE, PERIODS

KEYWORDS = frozenset({"and", "or", "not"})

PAIR = "pair"
LEGS = ("x", "y")
"""The rule's pair, leg by leg, so that one rule ranges over all pairs."""
NOW = "now"

BUDGET = "false_alarms"
"""The keyword of a metric's rate."""

VALUE_FUNCTIONS: Mapping[str, Callable[..., Any]] = {"abs": abs, "min": min, "max": max}
FUNCTIONS = frozenset({*VALUE_FUNCTIONS, "changed", "crosses_above", "crosses_below", "within"})

RESERVED = KEYWORDS | FUNCTIONS | frozenset({PAIR, NOW, *LEGS, *CATALOGUE})
"""What no instrument is called."""

NEXT = "next"
"""In `cut_odds(next)`: the meeting meant, which is the only one there is."""

_PARAMETERS = {BUDGET, NEXT, *(metric.window_name for metric in CATALOGUE.values())}
_ELSEWHERE = frozenset(filter(None, {*LITERALS, *PERIODS, *_PARAMETERS}))
"""Units, periods and parameters: they have their places, but no named value may take one."""


def kind_of(word: str) -> str:
    """`a metric`: what a word already is; nothing where it is free for a named value."""
    if word in CATALOGUE:
        return "a metric"
    if word in FUNCTIONS:
        return "a function"
    if word in RESERVED or word in _ELSEWHERE:
        return "a word of the rule language"
    return ""
