"""What to do, after a restart, with alerts that had not been told for certain.

Those that waited are sent now, and say that they are late. One that was just being sent may have
arrived: sent again where it is critical or where that does no harm. All others, and infos that are
no news any more, are named in one alert together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from alerts.notifiers.wording import instant
from alerts.row import Row, Status
from alerts.rule import Severity
from alerts.transition import State, Transition

NS = 1_000_000_000

_STALE = 3600 * NS
_LINES = 10

_RANK = {Severity.INFO: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}


class Resumed(msgspec.Struct, frozen=True):
    """An alert to send, and the rows that are settled by it.

    `again` where it may have arrived, `folded` where it stands for those of several rows.
    """

    transition: Transition
    rows: tuple[int, ...]
    again: bool = False
    folded: bool = False


def resumed(
    rows: Iterable[Row], repeatable: Callable[[Transition], bool], now: int
) -> list[Resumed]:
    """One lane's alerts to send, oldest first; `now` in ns UTC."""
    alerts: list[Resumed] = []
    folded: list[Row] = []
    for row in rows:
        uncertain = row.status is Status.SENDING
        if repeatable(row.transition):
            alerts.append(Resumed(row.transition, (row.id,)))
        elif _folds(row, uncertain=uncertain, now=now):
            folded.append(row)
        else:
            alerts.append(Resumed(row.transition, (row.id,), again=uncertain))
    if folded:
        alerts.append(Resumed(_digest(folded, now), tuple(row.id for row in folded), folded=True))
    return alerts


def _folds(row: Row, *, uncertain: bool, now: int) -> bool:
    severity = row.transition.severity
    stale = severity is Severity.INFO and now - row.transition.ts > _STALE
    return stale or (uncertain and severity is not Severity.CRITICAL)


def _digest(rows: Sequence[Row], now: int) -> Transition:
    """One alert that names an incident a line, as it stood last."""
    incidents = {row.transition.incident: row for row in rows}
    lines = [_line(row) for row in incidents.values()]
    left = len(lines) - _LINES
    if left > 0:
        lines[_LINES:] = [f"… and {left} more"]
    alerts = [row.transition for row in rows]
    count = "1 alert" if len(incidents) == 1 else f"{len(incidents)} alerts"
    return Transition(
        ts=now,
        rule="digest",
        pair=", ".join(dict.fromkeys(alert.pair for alert in alerts)),
        state=State.FIRING,
        severity=max((alert.severity for alert in alerts), key=_RANK.__getitem__),
        incident=f"digest/{rows[0].lane}/{rows[0].id}",
        title=f"{count} from before a restart",
        message="\n".join(lines),
        values={},
    )


def _line(row: Row) -> str:
    alert = row.transition
    words = alert.title if alert.message in {"", alert.title} else f"{alert.title}: {alert.message}"
    state = "still firing" if alert.repeat else alert.state
    doubt = ", may have arrived" if row.status is Status.SENDING else ""
    return f"{words} ({state} {instant(alert.ts)}{doubt})"
