"""Instants in messages: now, and what a duration from or until now reaches."""

from __future__ import annotations

from alerts.language.words import NOW
from alerts.rule import Expression, Value
from streams.metric import NS, Unit
from streams.snapshot import Snapshot

_DIRECTIONS = {"until": 1, "since": -1, "age": -1}
"""Metrics that measure from now, and which way."""


def _now(snapshot: Snapshot, _: Snapshot | None = None, /) -> Value:
    return snapshot.ts


THE_INSTANT = Expression(text=NOW, calls=(), unit=Unit.INSTANT, evaluate=_now)


def turned(expression: Expression) -> Expression:
    """A metric that measures from now (`until(fomc)`) as the instant it reaches; others as is."""
    way = _DIRECTIONS.get(expression.calls[0].metric)
    if way is None:
        return expression
    evaluate, scale = expression.evaluate, way * NS

    def instant(snapshot: Snapshot, before: Snapshot | None = None, /) -> Value:
        distance = evaluate(snapshot, before)
        return None if distance is None else snapshot.ts + round(distance * scale)

    return Expression(expression.text, expression.calls, Unit.INSTANT, instant)
