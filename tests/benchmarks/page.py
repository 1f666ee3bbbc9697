"""Results of one benchmark of its own, kept as results/NAME.md and NAME.json."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.console import Console

from tests.benchmarks.figures import Machine, Report
from tests.benchmarks.table import markdown, table

RESULTS = Path(__file__).with_name("results")
_HEAD = 3
"""Lines of `markdown` that are about `make bench`."""


class Run(msgspec.Struct, frozen=True):
    """What was measured, how and where."""

    command: str
    machine: Machine
    reports: tuple[Report, ...]


def keep(name: str, title: str, machine: Machine, reports: Sequence[Report]) -> None:
    """Print the figures of `python -m tests.benchmarks.NAME` and keep them."""
    Console(width=None if sys.stdout.isatty() else 150).print(table(reports))
    run = Run(f"python -m tests.benchmarks.{name}", machine, tuple(reports))
    page = "\n".join(_page(run, title, f"{name}.json"))
    (RESULTS / f"{name}.md").write_text(f"{page}\n", encoding="utf-8")
    (RESULTS / f"{name}.json").write_bytes(msgspec.json.format(msgspec.json.encode(run)) + b"\n")


def _page(run: Run, title: str, json: str) -> list[str]:
    machine = run.machine
    head = (
        f"`{run.command}` on {machine.cores} × {machine.processor}, {machine.system}, Python "
        f"{machine.python}, load {machine.load} before it began. Figures of one run on one "
        f"machine: compare ratios. `{json}` holds the same."
    )
    return [f"# Measured: {title}", "", head, *list(markdown(run.reports, machine))[_HEAD:]]
