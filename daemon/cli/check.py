"""`comove check`: every fault of configuration and rules, and what they can hardly mean."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, TextIO

import msgspec
from rich.console import Console
from rich.text import Text

from config.errors import ConfigError, Fault, rendered
from config.event_file import calendar_events
from config.load import inspect, inspect_rules, is_calendar, is_rule_file, is_test_file, read
from config.shipped import CONFIG
from daemon.clock import wall_clock

EX_CONFIG = 78

Form = Literal["text", "gcc", "json"]


class Line(msgspec.Struct, frozen=True):
    """A fault for machines; lines and columns from 1, None for the file as such."""

    file: str
    line: int | None
    column: int | None
    end_column: int | None
    severity: str
    message: str
    remedy: str


def check(
    paths: Sequence[Path] = (),
    *,
    form: Form = "text",
    strict: bool = False,
    out: TextIO | None = None,
    err: TextIO | None = None,
) -> int:
    """Print what is wrong with configurations, rule files or their folders; 0 or 78.

    `text` goes to standard error; `json`, a list, and `gcc`, a line a fault as compilers write it
    and editors read it, to standard output. `strict` takes warnings for faults.
    """
    out, err = out or sys.stdout, err or sys.stderr
    faults: dict[Fault, None] = {}
    summaries: list[str] = []
    for path in paths or [Path(CONFIG)]:
        file = path / CONFIG if path.is_dir() else path
        try:
            counts, warnings = _inspected(file, wall_clock())
        except ConfigError as error:
            faults |= dict.fromkeys(error.faults)
            continue
        faults |= dict.fromkeys(warnings)
        summaries.append(f"{file}: {counts}: {_counted(len(warnings), 'warning') or 'no fault'}\n")
    found = [_graver(fault) for fault in faults] if strict else list(faults)
    if form == "text":
        show(found, err)
        out.writelines(summaries)
    else:
        out.write(_FORMS[form](found))
    return EX_CONFIG if any(fault.severity == "error" for fault in found) else 0


def _graver(fault: Fault) -> Fault:
    return msgspec.structs.replace(fault, severity="error")


def _json(faults: Iterable[Fault]) -> str:
    return msgspec.json.encode([_line(fault) for fault in faults]).decode() + "\n"


def _line(fault: Fault) -> Line:
    return Line(
        file=fault.file,
        line=fault.line,
        column=fault.column,
        end_column=None if fault.column is None else fault.column + fault.width,
        severity=fault.severity,
        message=fault.message,
        remedy=fault.remedy,
    )


def _gcc(faults: Iterable[Fault]) -> str:
    """`rules.yaml:12:11: error: unknown metric 'divergense'; did you mean 'divergence'?`."""
    return "".join(f"{fault.place}: {fault.severity}: {_sentence(fault)}\n" for fault in faults)


def _sentence(fault: Fault) -> str:
    return f"{fault.message}; {fault.remedy}" if fault.remedy else fault.message


_FORMS: Mapping[str, Callable[[Iterable[Fault]], str]] = {"json": _json, "gcc": _gcc}


def show(faults: Sequence[Fault], err: TextIO) -> None:
    """Each fault with its line and carets; in colour on a terminal."""
    if not err.isatty():
        err.writelines(f"{rendered(fault)}\n" for fault in faults)
        return
    console = Console(file=err, highlight=False, soft_wrap=True)
    for fault in faults:
        console.print(_coloured(fault))


def _coloured(fault: Fault) -> Text:
    colour = "red" if fault.severity == "error" else "yellow"
    text = Text.assemble((fault.place, "bold"), ": ", (f"{fault.label}{fault.message}", colour))
    if fault.excerpt is not None:
        line, carets = fault.excerpt
        text.append(f"\n    {line}\n    ")
        text.append(carets, f"bold {colour}")
    if fault.remedy:
        text.append(f"\n  {fault.remedy}", "green")
    return text


def _inspected(path: Path, now: int) -> tuple[str, Sequence[Fault]]:
    """What is in the file, and the warnings about it."""
    document = read(path)
    if is_calendar(document):
        return _counted(len(calendar_events(document)), "event"), ()
    if is_test_file(document):
        # Imported when used: it takes the simulator.
        from daemon.rule_tests.suite import load_suite  # noqa: PLC0415  # as said above

        return _counted(len(load_suite(path).cases), "test"), ()
    if is_rule_file(document):
        rules, warnings = inspect_rules(path, now)
        return _counted(rules, "rule"), warnings
    config, warnings = inspect(path, now)
    counts = (
        _counted(len(config.instruments), "instrument"),
        _counted(len(config.pairs), "pair"),
        _counted(len({rule.id for rule in config.rules}), "rule"),
    )
    return ", ".join(counts), warnings


def _counted(count: int, noun: str) -> str:
    """`2 rules`; nothing for none."""
    return "" if not count else f"{count} {noun}" if count == 1 else f"{count} {noun}s"
