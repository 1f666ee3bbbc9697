"""Why nothing can be said of a rule."""

from __future__ import annotations

import re
from collections.abc import Mapping

from streams.snapshot import Reading, Snapshot

_FIGURES = re.compile(r"[\d.]+")


def unknown(keys: tuple[str, ...], snapshot: Snapshot, before: Snapshot | None) -> str:
    """The reason of the first reading that has no value, now or at the evaluation before."""
    reason = _missing(keys, snapshot.readings)
    if reason:
        return reason
    if before is None:
        return "the first look"
    return _missing(keys, before.readings) or "it has no value"


def differ(reason: str, other: str) -> bool:
    """Whether two reasons differ otherwise than in their figures."""
    return _FIGURES.sub("", reason) != _FIGURES.sub("", other)


def _missing(keys: tuple[str, ...], readings: Mapping[str, Reading]) -> str:
    """Empty where all have a value."""
    for key in keys:
        reading = readings.get(key)
        if reading is not None and reading.value is None:
            return reading.reason or f"{key} has no value"
    return ""
