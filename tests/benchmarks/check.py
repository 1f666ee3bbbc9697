"""What `comove check` says of the broken files, beside what promtool says of comparable ones.

    python -m tests.benchmarks.check [--promtool FILE]

Keeps the table in results/check.md. promtool comes with Prometheus (Debian: package prometheus).
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

import msgspec

from tests.config.broken_files import Case, cases, told

_RESULT = Path(__file__).parent / "results" / "check.md"
_NOT_COMPARABLE = "–"


class Row(msgspec.Struct, frozen=True):
    """One broken file: what was expected and found, in how many ms, and what promtool says."""

    case: Case
    said: tuple[str, ...]
    found: int
    milliseconds: float
    promtool: tuple[str, ...]


def main(arguments: Sequence[str]) -> None:
    """Check all files, and keep the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.check")
    parser.add_argument("--promtool", default=shutil.which("promtool"), metavar="FILE")
    promtool: str | None = parser.parse_args(arguments).promtool
    rows = [_row(case, promtool) for case in cases()]
    text = "\n".join(_page(rows, _version(promtool))) + "\n"
    _RESULT.write_text(text, "utf-8")
    sys.stdout.write(text)


def _row(case: Case, promtool: str | None) -> Row:
    began = perf_counter()
    faults = told(case)
    took = 1000 * (perf_counter() - began)
    said = tuple(f"{fault.line}:{fault.column} {_plain(fault.message)}" for fault in faults)
    expected = {each.partition(" ")[0] for each in case.faults}
    places = [f"{fault.line}:{fault.column}" for fault in faults]
    found = sum(place in expected for place in places)
    return Row(case, said, found, took, _of_promtool(case, promtool))


def _plain(message: str) -> str:
    """Without the folder that the file was in for the moment."""
    return re.sub(rf"{tempfile.gettempdir()}/\w+/", "", message)


def _of_promtool(case: Case, promtool: str | None) -> tuple[str, ...]:
    if not case.prometheus or promtool is None:
        return ()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rules.yml"
        file.write_text(case.prometheus, "utf-8")
        done = subprocess.run(
            [promtool, "check", "rules", str(file)], capture_output=True, text=True, check=False
        )
    lines = (done.stdout + done.stderr).replace(f"{file}: ", "").splitlines()
    spoken = (line.strip() for line in lines if not line.startswith("Checking"))
    return tuple(dict.fromkeys(line for line in spoken if line and line != "FAILED:"))


def _version(promtool: str | None) -> str:
    if promtool is None:
        return ""
    done = subprocess.run([promtool, "--version"], capture_output=True, text=True, check=False)
    name, _, number = (done.stdout + done.stderr).split()[:3]
    return f"{name.rstrip(',')} {number}"


def _page(rows: Sequence[Row], version: str) -> Iterator[str]:
    yield from ("# Broken files", "", *_summary(rows, version))
    for table in dict.fromkeys(row.case.table for row in rows):
        yield from ("", f"## {table}", "", "| | comove | promtool |", "|---|---|---|")
        for row in rows:
            if row.case.table == table:
                yield f"| {row.case.name} | {_cell(row.said)} | {_cell(row.promtool)} |"


def _summary(rows: Sequence[Row], version: str) -> Iterator[str]:
    faults = sum(len(row.case.faults) for row in rows)
    found = sum(row.found for row in rows)
    others = sum(len(row.said) for row in rows) - found
    times = [row.milliseconds for row in rows]
    yield (
        f"`python -m tests.benchmarks.check`: {len(rows)} broken files, {faults} faults; {found}"
        f" of these are told at their line and column in one pass, {others} others besides, in "
        f"{median(times):.0f} ms a file and {max(times):.0f} ms at the most, comove.yaml included. "
        "The files, and the places expected, are in `tests/config/broken`; a test holds to them."
    )
    yield ""
    if version:
        yield f"Beside them {version} on the same mistake in a Prometheus rule, where it has one."
    else:
        yield "promtool was not at hand."


def _cell(lines: Iterable[str]) -> str:
    return "<br>".join(_escaped(line) for line in lines) or _NOT_COMPARABLE


def _escaped(line: str) -> str:
    short = line if len(line) <= 160 else f"{line[:159]}…"
    for sign, written in (("&", "&amp;"), ("<", "&lt;"), ("|", "\\|"), ("*", "\\*"), ("_", "\\_")):
        short = short.replace(sign, written)
    return short


if __name__ == "__main__":
    main(sys.argv[1:])
