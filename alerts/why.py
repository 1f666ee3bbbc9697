"""Why an alert fires: all that there is to know of it, in lines of plain text."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.context import context_lines, rule_calls
from alerts.moment import elapsed, instant
from alerts.render import metric_text
from alerts.rule import Rule
from alerts.standing import Standing
from streams.instrument import NS
from streams.metric import Call, duration_text
from streams.snapshot import Snapshot


def why_lines(
    rule: Rule, standing: Standing, snapshot: Snapshot | None, now: int
) -> tuple[str, ...]:
    """Thresholds, values, the link and its controls, prices and data, sessions, the rule's place.

    `now` is in ns UTC. Delay and onset of a breakdown stand in the notes of its values.
    """
    lines = [*_state(standing, now), *_asked(rule)]
    if rule.own:
        lines += [rule.message.text] if rule.message else []
    elif snapshot is not None:
        lines += [_value(call, snapshot) for call in rule_calls(rule)]
        lines += context_lines(rule, snapshot)
        lines += _sessions(rule, snapshot)
    return (*lines, *_place(rule))


def _state(standing: Standing, now: int) -> Iterator[str]:
    since = f"since {instant(standing.since)}, for {elapsed(now - standing.since)}"
    yield f"{standing.title} ({standing.pair}): {standing.severity}, {standing.state} {since}"
    if standing.doubt:
        yield f"{standing.doubt}: {standing.reason}"
    if standing.muted:
        yield standing.muted
    if standing.acknowledged:
        yield f"acknowledged by {standing.acknowledged}"


def _asked(rule: Rule) -> Iterator[str]:
    yield f"when: {rule.when.text}{_held(rule.hold)}"
    if rule.clear is not None:
        yield f"clear: {rule.clear.text}{_held(rule.clear_hold)}"
    elif rule.clear_hold:
        yield f"clear: no longer so{_held(rule.clear_hold)}"


def _held(hold: int) -> str:
    return f", for {duration_text(hold / NS)}" if hold else ""


def _value(call: Call, snapshot: Snapshot) -> str:
    """`divergence(ETH,IWM,1h) = −4.5 σ (95 %: −5.1 σ to −3.9 σ; n 240)`."""
    reading = snapshot.readings.get(call.key)
    if reading is None or reading.value is None:
        return f"{call.key} = n/a ({reading.reason if reading else 'not computed'})"
    parts = []
    if reading.low is not None and reading.high is not None:
        low, high = (metric_text(each, call.metric) for each in (reading.low, reading.high))
        parts.append(f"95 %: {low} to {high}")
    if reading.n is not None:
        parts.append(f"n {reading.n:,.0f}")
    detail = f" ({'; '.join(parts)})" if parts else ""
    return f"{call.key} = {metric_text(reading.value, call.metric)}{detail}"


def _sessions(rule: Rule, snapshot: Snapshot) -> Iterator[str]:
    names = (name for name in (rule.pair.x, rule.pair.y) if name in snapshot.sessions)
    known = ", ".join(f"{name} {snapshot.sessions[name]}" for name in names)
    if known:
        yield f"session: {known}"


def _place(rule: Rule) -> Iterator[str]:
    if rule.labels:
        yield f"labels: {', '.join(f'{key}={value}' for key, value in rule.labels.items())}"
    if rule.source:
        yield f"rule: {rule.id}, {rule.source}"
