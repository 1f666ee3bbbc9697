"""Alerts and reports as JSON: what MQTT's events and the webhook's bodies hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from alerts.transition import Transition

Value = float | bool | None


class EventPayload(msgspec.Struct, frozen=True):
    """One alert; `ts` and `since` in ns UTC."""

    ts: int
    rule: str
    pair: str
    state: str
    severity: str
    incident: str
    repeat: bool
    since: int | None
    title: str
    message: str
    values: Mapping[str, Value]
    context: tuple[str, ...]
    labels: Mapping[str, str]
    acknowledged: str
    group: str
    source: str


def event_json(transition: Transition) -> bytes:
    """The alert as JSON."""
    return msgspec.json.encode(
        EventPayload(
            ts=transition.ts,
            rule=transition.rule,
            pair=transition.pair,
            state=transition.state,
            severity=transition.severity,
            incident=transition.incident,
            repeat=transition.repeat,
            since=transition.since,
            title=transition.title,
            message=transition.message,
            values=transition.values,
            context=transition.context,
            labels=transition.labels,
            acknowledged=transition.acknowledged,
            group=transition.group,
            source=transition.source,
        )
    )


class ReportPayload(msgspec.Struct, frozen=True):
    """What a day or a week was like; `ts`, the close, in ns UTC, `values` the figures in it."""

    kind: Literal["report"]
    ts: int
    rule: str
    pair: str
    title: str
    message: str
    values: Mapping[str, Value]


def report_json(report: Transition) -> bytes:
    """The report as JSON."""
    return msgspec.json.encode(
        ReportPayload(
            kind="report",
            ts=report.ts,
            rule=report.rule,
            pair=report.pair,
            title=report.title,
            message=report.message,
            values=report.values,
        )
    )
