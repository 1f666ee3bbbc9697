"""What followed past alerts, with how many there were.

Prices are those that comove knew, minute by minute, in regular hours; nothing is measured across a
close. An alert is counted where its session and the data go on for long enough after it.

| measure | of rules that read | is |
|---|---|---|
| convergence | `divergence` | With e = log x - beta log y, beta as known when the alert fired, the gap is what e moved over the rule's horizon, at most since the open. Half of it is closed if e moves back by that much at any minute of the next 60; the median is of what e has moved back after 60 minutes, in bp: what the trade that bets on convergence made before spread and fees. Where that gap has the other sign than the divergence (x's own market explains the rest) the alert is not counted. |
| restoration | `breakdown` | Whether the alert resolved before its session ended, and after how many minutes. |
| aftermath | prices otherwise | The return of x and of y over the next 60 minutes, in bp. |
"""  # noqa: E501  # a table's row is a line

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from statistics import median

import msgspec
import numpy as np
from numpy.typing import NDArray

from alerts.rule import Rule
from streams.instrument import NS
from streams.metric import CATALOGUE

AFTER = 60
"""Minutes after an alert."""
ENOUGH = 5
"""Alerts below which only their number is told."""

_MINUTE = 60 * NS
_OLD = 5 * _MINUTE
_BP = 1e4
_OF_FEEDS = frozenset({"stale", "age"})


class Measure(StrEnum):
    """What is looked at after an alert."""

    CONVERGENCE = "convergence"
    RESTORATION = "restoration"
    AFTERMATH = "aftermath"


_LEFT_OUT = {
    Measure.CONVERGENCE: "no full hour after, or no gap between the two alone",
    Measure.RESTORATION: "the data ended in the session",
    Measure.AFTERMATH: "no full hour after",
}


class Minutes(msgspec.Struct, frozen=True):
    """The prices of a pair at the minutes of its regular hours (ns UTC), as log prices."""

    ts: NDArray[np.int64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]


class Alert(msgspec.Struct, frozen=True):
    """One alert: when it fired and resolved (ns; None: not yet), and what was known then.

    `session` is the regular one it fired in; `sign` that of the divergence, `horizon` (ns) its.
    """

    fired: int
    resolved: int | None
    session: tuple[int, int]
    beta: float | None = None
    sign: int = 0
    horizon: int = 0


class Score(msgspec.Struct, frozen=True):
    """What followed a rule's alerts. Medians and hits are None of fewer than `ENOUGH` counted.

    `hits` closed half the gap, or were restored; `median` is in bp of the convergence trade, or in
    minutes until restoration; `x` and `y` are median returns in bp.
    """

    rule: str
    pair: str
    measure: Measure
    alerts: int
    counted: int
    hits: int | None = None
    median: float | None = None
    x: float | None = None
    y: float | None = None

    @property
    def text(self) -> str:
        """`last 12: 7 closed half the gap within 60 min, median +14 bp …`."""
        left = self.alerts - self.counted
        rest = f"; {left} more not counted: {_LEFT_OUT[self.measure]}" if left else ""
        if self.counted < ENOUGH:
            return f"{_counted(self.counted)}: too few to judge{rest}"
        return f"last {self.counted}: {self._found()}{rest}"

    def _found(self) -> str:
        match self.measure:
            case Measure.CONVERGENCE:
                return (
                    f"{self.hits} closed half the gap within {AFTER} min, median "
                    f"{_signed(self.median)} bp for the convergence trade, spread not counted"
                )
            case Measure.RESTORATION:
                after = "" if self.median is None else f", median after {self.median:.0f} min"
                return f"{self.hits} restored within the session{after}"
            case _:
                x, _, y = self.pair.partition("-")
                return (
                    f"{AFTER} min later {x} {_signed(self.x)} bp, {y} {_signed(self.y)} bp "
                    "(medians)"
                )


def measure_of(rule: Rule) -> Measure | None:
    """What is looked at after a rule's alerts; None of rules about feeds or the calendar."""
    metrics = {call.metric for call in rule.when.calls}
    if "divergence" in metrics:
        return Measure.CONVERGENCE
    if metrics & {"breakdown", "breakdown_warning"}:
        return Measure.RESTORATION
    told = {metric for metric in metrics if CATALOGUE[metric].over in {"pair", "instrument"}}
    return Measure.AFTERMATH if told - _OF_FEEDS else None


def score(rule: Rule, alerts: Sequence[Alert], minutes: Minutes) -> Score:
    """Hold a rule's alerts against what its pair's prices did then."""
    measure = measure_of(rule) or Measure.AFTERMATH
    plain = Score(rule.id, rule.pair.name, measure, len(alerts), 0)
    match measure:
        case Measure.CONVERGENCE:
            return _converged(plain, alerts, minutes)
        case Measure.RESTORATION:
            return _restored(plain, alerts, minutes)
        case _:
            return _went_on(plain, alerts, minutes)


def _converged(plain: Score, alerts: Sequence[Alert], minutes: Minutes) -> Score:
    closings = [c for alert in alerts if (c := _closing(alert, minutes)) is not None]
    found = msgspec.structs.replace(plain, counted=len(closings))
    if len(closings) < ENOUGH:
        return found
    hits = sum(best >= gap / 2 for gap, best, _ in closings)
    return msgspec.structs.replace(
        found, hits=hits, median=_BP * median(end for *_, end in closings)
    )


def _closing(alert: Alert, minutes: Minutes) -> tuple[float, float, float] | None:
    """The gap, and of it at most closed within the time, and closed at its end."""
    after = _after(alert, minutes)
    if after is None or alert.beta is None:
        return None
    fired, end = after
    began = max(alert.session[0], alert.fired - alert.horizon)
    first = int(minutes.ts.searchsorted(began, side="left"))
    apart = minutes.x - alert.beta * minutes.y
    gap = float(apart[fired] - apart[first])
    if gap * alert.sign <= 0.0:
        return None
    closed = -alert.sign * (apart[fired : end + 1] - apart[fired])
    return abs(gap), float(closed.max()), float(closed[-1])


def _after(alert: Alert, minutes: Minutes) -> tuple[int, int] | None:
    """The rows of the alert and of `AFTER` minutes later; None where they are not to be had."""
    until = alert.fired + AFTER * _MINUTE
    if until > alert.session[1] or not len(minutes.ts) or int(minutes.ts[-1]) < until:
        return None
    fired, end = _row(minutes, alert.fired), _row(minutes, until)
    return None if fired is None or end is None else (fired, end)


def _row(minutes: Minutes, ts: int) -> int | None:
    """The last row at or before an instant, where it is not old."""
    row = int(minutes.ts.searchsorted(ts, side="right")) - 1
    return row if row >= 0 and ts - int(minutes.ts[row]) <= _OLD else None


def _restored(plain: Score, alerts: Sequence[Alert], minutes: Minutes) -> Score:
    last = int(minutes.ts[-1]) if len(minutes.ts) else 0
    delays: list[float | None] = []
    for alert in alerts:
        if alert.resolved is not None and alert.resolved <= alert.session[1]:
            delays.append((alert.resolved - alert.fired) / _MINUTE)
        elif alert.resolved is not None or last >= alert.session[1] - _MINUTE:
            delays.append(None)
    found = msgspec.structs.replace(plain, counted=len(delays))
    if len(delays) < ENOUGH:
        return found
    known = [delay for delay in delays if delay is not None]
    return msgspec.structs.replace(found, hits=len(known), median=median(known) if known else None)


def _went_on(plain: Score, alerts: Sequence[Alert], minutes: Minutes) -> Score:
    rows = [rows for alert in alerts if (rows := _after(alert, minutes)) is not None]
    found = msgspec.structs.replace(plain, counted=len(rows))
    if len(rows) < ENOUGH:
        return found
    x, y = (
        _BP * median(float(np.expm1(logs[end] - logs[fired])) for fired, end in rows)
        for logs in (minutes.x, minutes.y)
    )
    return msgspec.structs.replace(found, x=x, y=y)


def _counted(count: int) -> str:
    return f"{count} alert" if count == 1 else f"{count} alerts"


def _signed(value: float | None) -> str:
    """`+14`, `−3`, `0`."""
    figure = round(value or 0.0)
    return "0" if not figure else f"{'+' if figure > 0 else '−'}{abs(figure)}"
