"""A rule as the engine sees it: checked, compiled, frozen."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import msgspec

from streams.instrument import NS, Pair
from streams.metric import Call, Unit
from streams.snapshot import Snapshot

Value = float | bool | None


class Severity(StrEnum):
    """How much it matters; it decides loudness and who goes first."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Expression(msgspec.Struct, frozen=True):
    """A compiled expression: its source text, the calls it reads, its unit, and its closure.

    `evaluate` answers None where what it needs is unknown (three-valued logic: `false and unknown`
    is false, `true or unknown` is true, any comparison or sum with unknown is unknown).
    """

    text: str
    calls: tuple[Call, ...]
    unit: Unit
    evaluate: Callable[[Snapshot], Value]


class Placeholder(msgspec.Struct, frozen=True):
    """`{expression|format}` in a message."""

    expression: Expression
    format: str


class Message(msgspec.Struct, frozen=True):
    """A message template: literal text and placeholders in order; `{pair}` is already text."""

    text: str
    parts: tuple[str | Placeholder, ...]


class Rule(msgspec.Struct, frozen=True):
    """One rule over one pair. Durations are nanoseconds; `session` None means at any time."""

    id: str
    title: str
    pair: Pair
    when: Expression
    clear: Expression | None = None
    hold: int = 0
    """`for`: how long `when` must hold before the rule fires."""
    session: str | None = None
    severity: Severity = Severity.WARNING
    notify: tuple[str, ...] = ("log",)
    """Names of notifiers."""
    repeat_interval: int | None = 4 * 3600 * NS
    """How often a firing rule says so again; None: never."""
    message: Message | None = None
    source: str = ""
    """`rules.yaml:12`, where the rule stands."""
