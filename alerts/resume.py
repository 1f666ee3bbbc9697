"""What to do, after a restart, with alerts that had not been told for certain.

Those that waited are sent now, and say that they are late. One that was just being sent may have
arrived: sent again where it is critical or where that does no harm. All others, and infos that are
no news any more, are named together; a report is told whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from alerts.digest import Part, digests
from alerts.row import Row, Status
from alerts.rule import Severity
from alerts.transition import Transition

NS = 1_000_000_000

_STALE = 3600 * NS


class Resumed(msgspec.Struct, frozen=True):
    """An alert to send, and the rows that are settled by it.

    `again` where it may have arrived, `folded` for how many alerts it stands where for several.
    """

    transition: Transition
    rows: tuple[int, ...]
    again: bool = False
    folded: int = 0


def resumed(
    rows: Iterable[Row], repeatable: Callable[[Transition], bool], now: int
) -> list[Resumed]:
    """One lane's alerts to send, oldest first; `now` in ns UTC."""
    alerts: list[Resumed] = []
    folded: list[Part] = []
    for row in rows:
        uncertain = row.status is Status.SENDING
        if repeatable(row.transition):
            alerts.append(Resumed(row.transition, (row.id,)))
        elif _folds(row, uncertain=uncertain, now=now):
            folded.append(Part(row.transition, (row.id,), doubt=uncertain))
        else:
            alerts.append(Resumed(row.transition, (row.id,), again=uncertain))
    told = digests(folded, now, "from before a restart")
    return alerts + [
        Resumed(digest.transition, digest.rows, folded=digest.count) for digest in told
    ]


def _folds(row: Row, *, uncertain: bool, now: int) -> bool:
    severity = row.transition.severity
    news = severity is Severity.INFO and not row.transition.is_report
    stale = news and now - row.transition.ts > _STALE
    return stale or (uncertain and severity is not Severity.CRITICAL)
