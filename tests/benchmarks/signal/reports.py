"""B2, B4 and B5 as reports: the rows of each as figures, with what was aimed at."""

from __future__ import annotations

from rich.console import Console

from tests.benchmarks.figures import Figure, Report, Target, at_least, at_most
from tests.benchmarks.signal import divergence as b4
from tests.benchmarks.signal import lead_lag as b2
from tests.benchmarks.signal import robustness as b5


def lead_lag(console: Console, *, quick: bool) -> Report:
    """B2: leads found and leads made up."""
    rows = b2.run(20, 25) if quick else b2.run()
    console.print(b2.table(rows))
    figures = tuple(
        Figure(row.case, row.value, "of 1", _target(row.target), row.figure) for row in rows
    )
    return Report("B2 lead-lag", figures)


def _target(text: str) -> Target | None:
    side, _, value = text.partition(" ")
    if not value:
        return None
    return at_least(float(value)) if side == "≥" else at_most(float(value))


def divergence(*, quick: bool) -> Report:
    """B4: drifts found and drifts made up; simulated only, no real prices are at hand."""
    figures = []
    for row in b4.run(paths=6 if quick else 24):
        name = f"{row.name}, beyond 4 sd"
        figures += [
            Figure(name, row.episodes[2], "false episodes a month"),
            Figure(name, row.found[2], "found of 1"),
            Figure(row.name, row.found_at_budget, "found of 1", note=_budget(row)),
        ]
    return Report("B4 divergence", tuple(figures), ("A 4-sd drift of an hour, GARCH-t5 minutes.",))


def _budget(row: b4.Row) -> str:
    return f"at one false episode a month: beyond {row.threshold:.2f} sd"


def robustness(*, quick: bool) -> Report:
    """B5: what faults of the data do, beside the same mornings without any."""
    seeds = 1 if quick else 5
    outcomes = b5.run(seeds=seeds, bar_seeds=10 if quick else 50)
    usual = outcomes[0].alarms
    figures = []
    for outcome in outcomes:
        more = sum((outcome.alarms - usual).values())
        note = ", ".join(f"{name}: {n}" for name, n in outcome.alarms.items()) or "no alarms"
        figures += [
            Figure(outcome.fault, outcome.crashes, "crashes", at_most(0)),
            Figure(outcome.fault, outcome.not_numbers, "NaN", at_most(0)),
            Figure(outcome.fault, more, "alarms beyond no fault's", at_most(0), note),
        ]
    remark = f"Seeds a fault through the market's door: {seeds}. The estimators on bars: on screen."
    return Report("B5 robustness", tuple(figures), (remark,))
