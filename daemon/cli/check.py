"""`comove check`: every fault of configuration and rules."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import msgspec
from rich.console import Console
from rich.text import Text

from config.errors import ConfigError, Fault, rendered
from config.load import check_rules, is_rule_file, load, read
from config.shipped import CONFIG

EX_CONFIG = 78


def check(
    paths: Sequence[Path] = (),
    *,
    as_json: bool = False,
    out: TextIO | None = None,
    err: TextIO | None = None,
) -> int:
    """Print what is wrong with configurations, rule files or their folders; 0 or 78.

    Faults go to standard error, or as one JSON object to standard output.
    """
    out, err = out or sys.stdout, err or sys.stderr
    faults: dict[Fault, None] = {}
    summaries: list[str] = []
    for path in paths or [Path(CONFIG)]:
        try:
            file = path / CONFIG if path.is_dir() else path
            summaries.append(f"{file}: {_summary(file)}")
        except ConfigError as error:
            faults |= dict.fromkeys(error.faults)
    if as_json:
        out.write(msgspec.json.encode({"faults": list(faults), "files": summaries}).decode() + "\n")
    else:
        show(list(faults), err)
        out.writelines(f"{summary}: no fault\n" for summary in summaries)
    return EX_CONFIG if faults else 0


def show(faults: Sequence[Fault], err: TextIO) -> None:
    """Each fault with its line and carets; in colour on a terminal."""
    if not err.isatty():
        err.writelines(f"{rendered(fault)}\n" for fault in faults)
        return
    console = Console(file=err, highlight=False, soft_wrap=True)
    for fault in faults:
        console.print(_coloured(fault))


def _coloured(fault: Fault) -> Text:
    text = Text.assemble((fault.place, "bold"), ": ", (fault.message, "red"))
    if fault.excerpt is not None:
        line, carets = fault.excerpt
        text.append(f"\n    {line}\n    ")
        text.append(carets, "bold red")
    if fault.remedy:
        text.append(f"\n  {fault.remedy}", "green")
    return text


def _summary(path: Path) -> str:
    if is_rule_file(read(path)):
        return _counted(check_rules(path), "rule")
    config = load(path)
    counts = (
        _counted(len(config.instruments), "instrument"),
        _counted(len(config.pairs), "pair"),
        _counted(len({rule.id for rule in config.rules}), "rule"),
    )
    return ", ".join(counts)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
