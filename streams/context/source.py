"""What a source is: where to ask for the newest figure of a series, and how its answer is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

from streams.tick import ContextPoint

PERCENT = 0.01
"""The very factor of rules: 4.33 % as published is `4.33%` as written, to the last bit."""

_RATE = -0.05, 0.5
_LIMITS: Mapping[str, tuple[float, float]] = {
    "vix": (1.0, 300.0),
    "fear_greed": (0.0, 100.0),
    "fed_funds": _RATE,
    "fed_target_low": _RATE,
    "fed_target_high": _RATE,
    "us2y": _RATE,
    "cut_odds": (0.0, 1.0),
}
"""What a figure can be: whatever is outside is a fault of its source."""


class UnreadableError(Exception):
    """An answer that does not hold the figure; the text says why, and nothing of the request."""


class Request(msgspec.Struct, frozen=True):
    """Where to ask; a key may be among `params`, so only `url` is ever shown."""

    url: str
    params: Mapping[str, str] = {}


class Source(Protocol):
    """One series from one publisher; it does no I/O."""

    @property
    def name(self) -> str:
        """The series, as rules name it."""

    @property
    def publisher(self) -> str:
        """Who says so."""

    def request(self, now: int) -> Request:
        """What to ask at `now` (ns UTC)."""

    def parse(self, body: bytes, now: int) -> ContextPoint:
        """The newest figure in an answer that came at `now`; UnreadableError where none is."""


def figure(name: str, text: str, size: float = 1.0) -> float:
    """A figure as published, times `size`; UnreadableError where it cannot be one."""
    try:
        value = float(text) * size
    except ValueError:
        raise UnreadableError(f"{text!r} is no figure") from None
    low, high = _LIMITS[name]
    if not low <= value <= high:
        raise UnreadableError(f"{text} cannot be a {name}")
    return value
