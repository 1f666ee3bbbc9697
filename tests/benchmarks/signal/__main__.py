"""`make bench-signal`: how good the statistics are, beside what is promised of them.

    python -m tests.benchmarks.signal [B1 … B6] [--quick] [--json FILE]

B1 estimators, B2 lead-lag, B3 breakdown, B4 divergence, B5 robustness, B6 cost; all of them unless
some are named, and a run of all is kept in tests/benchmarks/results/. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter

import msgspec
from rich.console import Console

from tests.benchmarks.figures import Machine, Report
from tests.benchmarks.machine import describe
from tests.benchmarks.signal import breakdown, cost, estimators, reports
from tests.benchmarks.signal.install import install_peers
from tests.benchmarks.table import markdown, table

CONSOLE = Console(width=None if sys.stdout.isatty() else 150)
MEASUREMENTS: Mapping[str, Callable[[bool], Report]] = {
    "B1": lambda quick: estimators.measure(
        estimators.QUICK if quick else estimators.PATHS, console=CONSOLE
    ),
    "B2": lambda quick: reports.lead_lag(CONSOLE, quick=quick),
    "B3": lambda quick: msgspec.structs.replace(
        breakdown.measure(quick=quick, console=CONSOLE), measurement="B3 breakdown"
    ),
    "B4": lambda quick: reports.divergence(quick=quick),
    "B5": lambda quick: reports.robustness(quick=quick),
    "B6": lambda quick: cost.measure(quick=quick),
}
_PAGE_HEAD = 3
"""Lines of `markdown` that are about `make bench`."""
_RESULTS = Path(__file__).parents[1] / "results"


class Run(msgspec.Struct, frozen=True):
    """What was measured, how and where; written as `signal.json`."""

    command: str
    machine: Machine
    seconds: float
    reports: tuple[Report, ...]


def main(arguments: Sequence[str]) -> None:
    """Measure what is named."""
    given = _parser().parse_args(arguments)
    names: list[str] = given.measurement or list(MEASUREMENTS)
    machine, began = describe(), perf_counter()
    absent = install_peers()
    if absent:
        CONSOLE.print(absent)
    found = []
    for name in names:
        found.append(MEASUREMENTS[name](given.quick))
        CONSOLE.print(table(found[-1:]))
    command = " ".join(("python -m tests.benchmarks.signal", *arguments))
    found.sort(key=lambda report: report.measurement)
    run = Run(command, machine, round(perf_counter() - began, 1), tuple(found))
    if given.json:
        given.json.write_bytes(_json(run))
    if set(names) == set(MEASUREMENTS):
        (_RESULTS / "signal.json").write_bytes(_json(run))
        (_RESULTS / "signal.md").write_text(_markdown(run, quick=given.quick), encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.signal")
    parser.add_argument("measurement", nargs="*", type=_measurement, metavar="B1 … B6")
    parser.add_argument("--quick", action="store_true", help="small samples, a few minutes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser


def _measurement(name: str) -> str:
    if name.upper() not in MEASUREMENTS:
        raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(MEASUREMENTS)}")
    return name.upper()


def _markdown(run: Run, *, quick: bool) -> str:
    machine = run.machine
    size = "small samples (--quick): figures are rough" if quick else "samples of the default size"
    head = (
        f"`{run.command}`: {size}; {run.seconds:,.0f} s on {machine.cores} × {machine.processor}, "
        f"{machine.system}, Python {machine.python}, load {machine.load} before it began. "
        "`signal.json` holds the same."
    )
    sections = list(markdown(run.reports, machine))[_PAGE_HEAD:]
    return "\n".join(("# Measured: the signal", "", head, *sections, ""))


def _json(run: Run) -> bytes:
    return msgspec.json.format(msgspec.json.encode(run)) + b"\n"


if __name__ == "__main__":
    main(sys.argv[1:])
