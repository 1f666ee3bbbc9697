"""Several alerts told as one: a line an incident, as it stood last."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from alerts.moment import clock
from alerts.rule import Severity
from alerts.transition import State, Transition

LINES = 12
"""Incidents that one digest names: a message has room for 1500 characters."""

_WIDTH = 80
_RANK = {Severity.INFO: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}


class Part(msgspec.Struct, frozen=True):
    """An alert to be told with others; `rows` are what the store knows it by."""

    transition: Transition
    rows: tuple[int, ...] = ()
    doubt: bool = False
    """Whether it may have arrived."""


class Digest(msgspec.Struct, frozen=True):
    """An alert that stands for others: how many, and the rows of all of them."""

    transition: Transition
    rows: tuple[int, ...]
    count: int


def digests(parts: Iterable[Part], now: int, because: str) -> list[Digest]:
    """Alerts that together name every incident of `parts`, oldest first; `now` in ns UTC."""
    incidents: dict[str, list[Part]] = {}
    for part in parts:
        incidents.setdefault(part.transition.incident, []).append(part)
    told = list(incidents.values())
    return [
        _digest(told[first : first + LINES], now, because) for first in range(0, len(told), LINES)
    ]


def _digest(incidents: Sequence[Sequence[Part]], now: int, because: str) -> Digest:
    last = [parts[-1] for parts in incidents]
    alerts = [part.transition for part in last]
    count = "1 alert" if len(last) == 1 else f"{len(last)} alerts"
    transition = Transition(
        ts=now,
        rule="digest",
        pair=", ".join(dict.fromkeys(alert.pair for alert in alerts)),
        state=State.FIRING,
        severity=max((alert.severity for alert in alerts), key=_RANK.__getitem__),
        incident=f"digest/{alerts[0].incident}/{now // 1_000_000_000}",
        title=f"{count} {because}",
        message="\n".join(_line(part, now) for part in last),
        values={},
    )
    parts = [part for parts in incidents for part in parts]
    rows = tuple(sorted(row for part in parts for row in part.rows))
    return Digest(transition, rows, len(parts))


def _line(part: Part, now: int) -> str:
    alert = part.transition
    message = alert.message.partition("\n")[0]
    words = alert.title if message in {"", alert.title} else f"{alert.title}: {message}"
    if len(words) > _WIDTH:
        words = f"{words[: _WIDTH - 1]}…"
    state = "still firing" if alert.repeat else alert.state
    doubt = ", may have arrived" if part.doubt else ""
    return f"{words} ({alert.pair} {state} {clock(alert.ts, now)}{doubt})"
