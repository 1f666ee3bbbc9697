"""`make fuzz`: expressions, messages and files that nobody means, by the hundred thousand.

    python -m tests.benchmarks.fuzz [--inputs N] [--seed N]

Each must be taken or refused with its faults: nothing else may be raised, nothing executed, and
none may take long. The figures are kept in results/fuzz.json.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import get_args

import msgspec
from rich.console import Console
from rich.progress import track
from rich.table import Table

from config.shipped import CONFIG
from tests.benchmarks.fuzz_guard import Guard
from tests.benchmarks.fuzz_inputs import RICH, Input, Kind, bare, inputs
from tests.benchmarks.fuzz_trial import tried
from tests.benchmarks.machine import describe

_RESULT = Path(__file__).parent / "results" / "fuzz.json"
_SOUND = (Input("rules", RICH), Input("config", bare(CONFIG)))


class Finding(msgspec.Struct, frozen=True):
    """An input that did what it should not."""

    input: Input
    what: str


class Tally(msgspec.Struct):
    """What became of the inputs of one kind."""

    inputs: int = 0
    accepted: int = 0
    refused: int = 0
    slowest_ms: float = 0.0
    slowest: str = ""


class Report(msgspec.Struct):
    """All kinds, and what is to be mended."""

    tallies: dict[Kind, Tally] = msgspec.field(
        default_factory=lambda: {kind: Tally() for kind in get_args(Kind)}
    )
    findings: list[Finding] = msgspec.field(default_factory=list)

    def add(self, given: Input, outcome: str, took: float) -> None:
        """Count one; `took` in ms."""
        tally = self.tallies[given.kind]
        tally.inputs += 1
        tally.accepted += outcome == "accepted"
        tally.refused += outcome == "refused"
        if took > tally.slowest_ms:
            tally.slowest_ms, tally.slowest = round(took, 1), given.text[:200]
        if outcome not in {"accepted", "refused"}:
            self.findings.append(Finding(given, outcome))


_guard = cache(Guard)


def fuzz(texts: Iterable[Input]) -> Report:
    """Try each text; what loads when it is first used is loaded by others before."""
    guard, report = _guard(), Report()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for given in (*_SOUND, *inputs(200, seed=0)):
            tried(given, folder, guard)
        for given in texts:
            began = perf_counter()
            outcome = tried(given, folder, guard)
            report.add(given, outcome, 1000 * (perf_counter() - began))
    return report


def main(arguments: Sequence[str]) -> int:
    """Try as many as asked; 1 if there is anything to mend."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.fuzz")
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    console, began = Console(width=None if sys.stdout.isatty() else 120), perf_counter()
    texts = inputs(given.inputs, given.seed)
    report = fuzz(track(texts, "fuzzing", total=given.inputs, console=console, transient=True))
    _keep(report, given.inputs, given.seed, perf_counter() - began)
    _show(report, console)
    return 1 if report.findings else 0


def _keep(report: Report, count: int, seed: int, seconds: float) -> None:
    run = {"inputs": count, "seed": seed, "seconds": round(seconds)}
    whole = {**run, "machine": msgspec.to_builtins(describe()), **msgspec.to_builtins(report)}
    # Escaped: the texts hold what no file can.
    _RESULT.write_text(json.dumps(whole, indent=2) + "\n", "ascii")


def _show(report: Report, console: Console) -> None:
    table = Table("", "inputs", "accepted", "refused", "slowest", box=None, pad_edge=False)
    for kind, tally in report.tallies.items():
        figures = (f"{n:,}" for n in (tally.inputs, tally.accepted, tally.refused))
        table.add_row(kind, *figures, f"{tally.slowest_ms:.0f} ms")
    console.print(table)
    console.print(f"{len(report.findings)} crashed, hung, or executed anything")
    for finding in report.findings[:20]:
        console.print(
            f"{finding.input.kind} {finding.input.text[:300]!r}: {finding.what}", markup=False
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
