"""`make bench`: measure, and hold the figures against what the project promises.

    python -m tests.benchmarks [decoding] [pipeline] [latency] [footprint] [--json FILE]

All four, unless some are named; a run of all four is kept in results/. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
from rich.console import Console

from tests.benchmarks import decoding, footprint, latency, pipeline
from tests.benchmarks.figures import Machine, Report
from tests.benchmarks.machine import describe
from tests.benchmarks.table import markdown, table

MEASUREMENTS: Mapping[str, Callable[[], Report]] = {
    "decoding": decoding.measure,
    "pipeline": pipeline.measure,
    "latency": latency.measure,
    "footprint": footprint.measure,
}
_RESULTS = Path(__file__).with_name("results")


def main(arguments: Sequence[str]) -> None:
    """Measure what is named."""
    given = _parser().parse_args(arguments)
    names: list[str] = given.measurement or list(MEASUREMENTS)
    machine, reports = describe(), []
    console = Console(width=None if sys.stdout.isatty() else 150)
    for name in names:
        with console.status(f"measuring {name} …"):
            reports.append(MEASUREMENTS[name]())
    console.print(table(reports))
    if given.json:
        given.json.write_bytes(_json(machine, reports))
    if set(names) == set(MEASUREMENTS):
        _keep(machine, reports)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("measurement", nargs="*", type=_measurement, metavar="MEASUREMENT")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser


def _measurement(name: str) -> str:
    if name not in MEASUREMENTS:
        raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(MEASUREMENTS)}")
    return name


def _keep(machine: Machine, reports: Sequence[Report]) -> None:
    (_RESULTS / "latest.json").write_bytes(_json(machine, reports))
    text = "\n".join(markdown(reports, machine))
    (_RESULTS / "README.md").write_text(f"{text}\n", encoding="utf-8")


def _json(machine: Machine, reports: Sequence[Report]) -> bytes:
    figures = [
        {"measurement": report.measurement, "met": figure.met, **msgspec.to_builtins(figure)}
        for report in reports
        for figure in report.figures
    ]
    remarks = [remark for report in reports for remark in report.remarks]
    whole = {"machine": msgspec.to_builtins(machine), "figures": figures, "remarks": remarks}
    return msgspec.json.format(msgspec.json.encode(whole)) + b"\n"


if __name__ == "__main__":
    main(sys.argv[1:])
