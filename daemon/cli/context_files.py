"""`--context NAME=FILE`, as commands that play the past read it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from alerts.language import did_you_mean
from daemon.cli.price_files import UsageError
from streams.context.files import NAMES, read_points
from streams.tick import ContextPoint


def points_of(given: Sequence[str]) -> list[ContextPoint]:
    """The figures of all files; UsageError or PriceFileError where one cannot be taken."""
    found: dict[str, list[ContextPoint]] = {}
    for text in given:
        name, equals, path = text.partition("=")
        if not equals or not path:
            raise UsageError(f"--context {text!r} is not NAME=FILE; write for instance vix={text}")
        if name not in NAMES:
            hint = did_you_mean(name, NAMES)
            known = f"there are files of {', '.join(NAMES)}"
            raise UsageError(f"--context {name}: {known}" + (f"; {hint}" if hint else ""))
        if name in found:
            raise UsageError(f"--context {name} is given twice")
        found[name] = read_points(Path(path), name)
    return [point for points in found.values() for point in points]
