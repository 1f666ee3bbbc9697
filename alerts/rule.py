"""A rule as the engine sees it: checked, compiled, frozen."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

import msgspec

from streams.instrument import NS, Pair
from streams.metric import Call, Unit
from streams.schedule import Event
from streams.snapshot import Snapshot

Value = float | bool | None


class Severity(StrEnum):
    """How much it matters; it decides loudness and who goes first."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Evaluate(Protocol):
    """An expression's value at one instant; `before` is the evaluation before it, if any."""

    def __call__(self, snapshot: Snapshot, before: Snapshot | None = None, /) -> Value:
        """None where what it needs is unknown."""


class Expression(msgspec.Struct, frozen=True):
    """A compiled expression: its source text, the calls it reads, its unit, and its closure.

    `evaluate` answers None where what it needs is unknown (three-valued logic: `false and unknown`
    is false, `true or unknown` is true, any comparison or sum with unknown is unknown).
    """

    text: str
    calls: tuple[Call, ...]
    unit: Unit
    evaluate: Evaluate
    signed: bool = False
    """Whether it is a metric that is written with a plus where it rises, and nothing else."""


class Placeholder(msgspec.Struct, frozen=True):
    """`{expression|format}` in a message."""

    expression: Expression
    format: str


class Message(msgspec.Struct, frozen=True):
    """A message template: literal text and placeholders in order; `{pair}` is already text."""

    text: str
    parts: tuple[str | Placeholder, ...]


class Flapping(msgspec.Struct, frozen=True):
    """A rule that fires `times` times within `within` ns flaps: it says so once, and folds."""

    times: int = 4
    within: int = 3600 * NS


class Rule(msgspec.Struct, frozen=True):
    """One rule over one pair. Durations are nanoseconds; `session` None means at any time."""

    id: str
    title: str
    pair: Pair
    when: Expression
    clear: Expression | None = None
    hold: int = 0
    """`for`: how long `when` must hold before the rule fires."""
    clear_hold: int = 0
    """`clear_for`: how long it must be over before the rule resolves; recovering until then."""
    session: str | None = None
    severity: Severity = Severity.WARNING
    notify: tuple[str, ...] = ("log",)
    """Names of notifiers."""
    repeat_interval: int | None = 4 * 3600 * NS
    """How often a firing rule says so again; None: never."""
    message: Message | None = None
    source: str = ""
    """`rules.yaml:12`, where the rule stands."""
    labels: Mapping[str, str] = {}
    """What silences may match, and what is shown beside the alert."""
    flapping: Flapping | None = Flapping()
    """None: never damped."""
    inhibited_by: tuple[str, ...] = ()
    """Ids of rules; while one of them fires for this pair, this rule tells nothing new."""
    events: tuple[Event, ...] = ()
    """The calendar: an alert near one of them says so."""
    own: bool = False
    """About comove itself: no market stands beside its message."""
