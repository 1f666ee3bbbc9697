"""Alerts to test delivery with."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.rule import Severity
from alerts.transition import State, Transition

NS = 1_000_000_000
START = 1_773_930_665 * NS
"""Thu 19 Mar 2026, 14:31:05 UTC."""


def alert(
    incident: str = "a",
    state: State = State.FIRING,
    severity: Severity = Severity.WARNING,
    *,
    ts: int = START,
    since: int | None = None,
    title: str = "ETH and small caps have come apart",
    message: str = "ETH-IWM: 4.2 σ from what IWM's move implies",
    context: Sequence[str] = ("corr(1h) 0.12 [−0.05, 0.28]",),
    notify: Sequence[str] = ("telegram", "mqtt", "log"),
    repeat: bool = False,
) -> Transition:
    return Transition(
        ts=ts,
        rule="small-caps-breakdown",
        pair="ETH-IWM",
        state=state,
        severity=severity,
        incident=incident,
        title=title,
        message=message,
        values={"corr(ETH,IWM,1h)": 0.12},
        context=tuple(context),
        since=START if since is None else since,
        notify=tuple(notify),
        repeat=repeat,
    )
