"""What is said on MQTT: topics and JSON payloads.

<base>/<instance>/availability           retained: online, offline
<base>/<instance>/state/<rule>/<pair>    retained: State
<base>/<instance>/event/<rule>/<pair>    Event
<base>/<instance>/metric/<name>/<pair>   retained: Metric; <instrument> for an instrument's
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import msgspec

from alerts.transition import Transition
from streams.metric import CATALOGUE
from streams.snapshot import Reading

Value = float | bool | None

_RESERVED = str.maketrans(dict.fromkeys("/+#\0", "_"))


class StatePayload(msgspec.Struct, frozen=True):
    """How a rule stands; `ts` and `since` in ns UTC."""

    ts: int
    state: str
    severity: str
    since: int | None
    title: str
    message: str
    values: Mapping[str, Value]


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


class MetricPayload(msgspec.Struct, frozen=True):
    """One reading; `ts` in ns UTC, the instant since which it has been so."""

    value: Value
    n: float | None
    low: float | None
    high: float | None
    reason: str
    ts: int


def level(text: str) -> str:
    """A text as one level of a topic."""
    return text.translate(_RESERVED)


@cache
def metric_path(key: str) -> str:
    """`Call.key` → `<name>/<pair>`: `corr(ETH,IWM,1h)` → `corr_1h/ETH-IWM`."""
    name, _, arguments = key.removesuffix(")").partition("(")
    words = arguments.split(",") if arguments else []
    metric = CATALOGUE.get(name)
    count = 1 if metric is not None and metric.over == "instrument" else 2
    label = "_".join([name, *words[count:]])
    return "/".join(level(part) for part in (label, "-".join(words[:count])) if part)


def state_json(transition: Transition) -> bytes:
    """The payload for `state`."""
    return msgspec.json.encode(
        StatePayload(
            ts=transition.ts,
            state=transition.state,
            severity=transition.severity,
            since=transition.since,
            title=transition.title,
            message=transition.message,
            values=transition.values,
        )
    )


def event_json(transition: Transition) -> bytes:
    """The payload for `event`."""
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
        )
    )


def metric_json(reading: Reading, ts: int) -> bytes:
    """The payload for `metric`."""
    return msgspec.json.encode(
        MetricPayload(
            value=reading.value,
            n=reading.n,
            low=reading.low,
            high=reading.high,
            reason=reading.reason,
            ts=ts,
        )
    )
