"""The rows of a sweep as people read them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from daemon.sweep.grid import Axis
from daemon.sweep.sweep import SHARES, Row

_ALERTS = (
    "alerts: told, as in 'comove replay', but of the rule alone: silences and the rules that "
    "inhibit it are left out."
)


def note(first: Row) -> str:
    """What the columns mean."""
    if first.causes is not None:
        return (
            f"{_ALERTS} delay: median minutes from the cause's start to the alert. right: alerts "
            "that came within a cause or half an hour after it."
        )
    return (
        f"{_ALERTS} after the alert: the scorecard's measure, within 60 minutes in the same "
        "session; n is how many could be counted, and below 5 nothing is said. Spread is not "
        "counted."
    )


def table(axes: Sequence[Axis], rows: Sequence[Row]) -> Table:
    """A line a cell: where it stands in the grid, and what came of it."""
    made = Table(*(axis.label for axis in axes), *_heads(rows[0]))
    for one in rows:
        made.add_row(*one.cell.values(), *_figures(one))
    return made


def _heads(first: Row) -> tuple[str, ...]:
    if first.causes is not None:
        return "alerts", "alerts a day", "found", "delay", "right"
    if first.measure in SHARES:
        return "alerts", "alerts a day", "n", SHARES[first.measure], "median"
    return "alerts", "alerts a day"


def _figures(one: Row) -> tuple[str, ...]:
    rate = f"{one.alerts_a_day:.2f}"
    if one.causes is not None:
        found = f"{one.found} of {one.causes}" if one.causes else "no cause"
        return str(one.alerts), rate, found, _shown(one.delay, " min"), _percent(one.right)
    if one.measure in SHARES:
        counted = str(one.counted)
        bp = "" if one.median_bp is None else f"{one.median_bp:+.0f} bp".replace("-", "−")
        return str(one.alerts), rate, counted, _percent(one.share), bp
    return str(one.alerts), rate


def _shown(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:.0f}{unit}"


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"
