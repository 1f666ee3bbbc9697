"""One false-alarm budget for all rules, and the part of it that each detector gets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgspec
from msgspec.structs import replace

from alerts.language import LanguageError
from config.document import Document
from config.errors import Fault
from config.expressions import condition
from config.names import Names
from config.rate import LEAST, parse_rate
from streams.instrument import Pair
from streams.metric import Call, rate_text

_PLACE = ("total_false_alarms",)
_CLOSE = 1e-9


class Detectors(msgspec.Struct, frozen=True):
    """The detectors of a rule file, one for each rule and pair: what they say of their budget."""

    own: tuple[float, ...]
    """Alarms a session of those that have their own."""
    bare: int
    """How many have none."""


def share(document: Document, names: Names) -> tuple[float | None, list[Fault]]:
    """What each detector without its own budget gets of the total (None: none is given)."""
    given = document.get(*_PLACE)
    try:
        total = parse_rate(given) if isinstance(given, str) else None
    except LanguageError:
        total = None  # told where the keys are checked
    if total is None:
        return None, []
    found = _detectors(document, names)
    left = total - sum(found.own)
    if left < -_CLOSE:
        message = f"the rules' own budgets make {_text(sum(found.own))}, more than {given} in all"
        fault = document.fault_at(_PLACE, message, "raise it, or lower the rules' own budgets")
        return None, [fault]
    if not found.bare:
        return None, []
    each = left / found.bare
    if each < LEAST:
        return None, [_too_little(document, given, found)]
    return each, []


def _too_little(document: Document, given: str, found: Detectors) -> Fault:
    own = f" after {_text(sum(found.own))} of the rules' own" if found.own else ""
    message = f"{given} leaves nothing{own} for detectors without a budget ({found.bare})"
    return document.fault_at(_PLACE, message, "raise it: each needs 1 in 10 years at the least")


def _text(rate: float) -> str:
    """`3/month`; to three figures where no whole count fits."""
    written = rate_text(rate)
    return written if "." not in written else f"{rate * 21:.3g}/month"


def _detectors(document: Document, names: Names) -> Detectors:
    own: list[float] = []
    bare = 0
    for rule in document.groups("rules"):
        for pair in _pairs(rule, names):
            with suppress(LanguageError):
                budgets, without = _of_condition(rule.get("when"), pair, names)
                own += budgets
                bare += without
    return Detectors(tuple(own), bare)


def _pairs(rule: dict[str, Any], names: Names) -> Iterator[Pair]:
    given = rule.get("pairs")
    meant = [given] if isinstance(given, str) else given
    yield from (pair for pair in names.pairs if not meant or pair.name in meant)


def _of_condition(when: Any, pair: Pair, names: Names) -> tuple[list[float], int]:
    """The budgets that a condition names, and how many of its detectors have none."""
    if not isinstance(when, str):
        return [], 0
    some, other = (
        _rated(condition(when, pair, replace(names, budget=budget)).calls) for budget in (1.0, 2.0)
    )
    # What follows the budget for all has none of its own.
    return [call.rate for call in some & other if call.rate is not None], len(some - other)


def _rated(calls: tuple[Call, ...]) -> set[Call]:
    return {call for call in calls if call.rate is not None}
