"""Reports as a table: for the terminal, and in Markdown for the results' page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.table import Table

from tests.benchmarks.figures import Figure, Machine, Report

_HEADS = ("", "measured", "target", "", "")


def table(reports: Iterable[Report]) -> Table:
    """For the terminal."""
    drawn = Table(*_HEADS, box=None, pad_edge=False)
    for report in reports:
        drawn.add_row(f"[bold]{report.measurement}")
        for figure in report.figures:
            style = "" if figure.met is not False else "yellow"
            drawn.add_row(*_cells(figure), style=style)
        for remark in report.remarks:
            drawn.add_row("", "", "", "", remark)
    return drawn


def markdown(reports: Sequence[Report], machine: Machine) -> Iterator[str]:
    """The results' page, line by line."""
    yield "# Measured"
    yield ""
    yield (
        f"`make bench` on {machine.cores} × {machine.processor}, {machine.system}, Python "
        f"{machine.python}, load {machine.load} before it began. Figures of one run on one "
        "machine: compare ratios. `latest.json` holds the same."
    )
    for report in reports:
        yield from ("", f"## {report.measurement}", "")
        if report.figures:
            yield from ("| | measured | target | | |", "|---|---:|---:|---|---|")
        for figure in report.figures:
            yield f"| {' | '.join(_cells(figure))} |"
        if report.remarks:
            yield from ("", *report.remarks)


def _cells(figure: Figure) -> tuple[str, str, str, str, str]:
    target = f"{figure.target.side} {_number(figure.target.value)}" if figure.target else ""
    met = {None: "", True: "met", False: "not met"}[figure.met]
    return figure.name, f"{_number(figure.value)} {figure.unit}", target, met, figure.note


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
