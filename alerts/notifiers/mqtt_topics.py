"""What is said on MQTT: topics and JSON payloads.

<base>/<instance>/availability           retained: online, offline
<base>/<instance>/state/<rule>/<pair>    retained: State
<base>/<instance>/event/<rule>/<pair>    Event (payload.py)
<base>/<instance>/report/<daily|weekly>/<pair>   retained: Report (payload.py)
<base>/<instance>/metric/<name>/<pair>   retained: Metric; <instrument> or <event> for one's own,
                                         and nothing behind <name> for the context's
<base>/<instance>/feed/<instrument>/<venue>   retained: Feed
<base>/<instance>/command/<what>         heard, if configured (mqtt_commands.py)
<base>/<instance>/answer                 what became of a command
"""

from __future__ import annotations

from functools import cache

import msgspec

from alerts.standing import Standing
from streams.metric import CATALOGUE
from streams.snapshot import FeedStatus, Reading

Value = float | bool | str | None

_RESERVED = str.maketrans(dict.fromkeys("/+#\0", "_"))


class StatePayload(msgspec.Struct, frozen=True):
    """How a rule stands; `since` in ns UTC, None before the first change. See `Standing`."""

    state: str
    doubt: str
    reason: str
    severity: str
    since: int | None
    title: str
    muted: str
    incident: str
    acknowledged: str
    source: str


class FeedPayload(msgspec.Struct, frozen=True):
    """One feed of one instrument; `active` where its prices are the ones used."""

    state: str
    active: bool
    reason: str


class MetricPayload(msgspec.Struct, frozen=True):
    """One reading; `ts` in ns UTC, the instant since which it has been so."""

    value: Value
    n: float | None
    low: float | None
    high: float | None
    reason: str
    note: str
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
    count = 1 if metric is not None and metric.over != "pair" else 2
    label = "_".join([name, *words[count:]])
    return "/".join(level(part) for part in (label, "-".join(words[:count])) if part)


def state_path(standing: Standing) -> str:
    """`<rule>/<pair>`."""
    return f"{level(standing.rule)}/{level(standing.pair)}"


def state_json(standing: Standing) -> bytes:
    """The payload for `state`."""
    return msgspec.json.encode(
        StatePayload(
            state=standing.state,
            doubt=standing.doubt,
            reason=standing.reason,
            severity=standing.severity,
            since=standing.since or None,
            title=standing.title,
            muted=standing.muted,
            incident=standing.incident,
            acknowledged=standing.acknowledged,
            source=standing.source,
        )
    )


def feed_path(feed: FeedStatus) -> str:
    """`<instrument>/<venue>`."""
    return f"{level(feed.instrument)}/{level(feed.venue)}"


def feed_json(feed: FeedStatus) -> bytes:
    """The payload for `feed`."""
    return msgspec.json.encode(FeedPayload(feed.state, feed.active, feed.reason))


def metric_json(reading: Reading, ts: int) -> bytes:
    """The payload for `metric`."""
    return _metric_json(reading.value, reading, ts)


def regime_json(name: str | None, reading: Reading, ts: int) -> bytes:
    """The payload for `metric/regime_…`: a name where numbers stand elsewhere."""
    return _metric_json(name, reading, ts)


def _metric_json(value: Value, reading: Reading, ts: int) -> bytes:
    return msgspec.json.encode(
        MetricPayload(
            value=value,
            n=reading.n,
            low=reading.low,
            high=reading.high,
            reason=reading.reason,
            note=reading.note,
            ts=ts,
        )
    )
