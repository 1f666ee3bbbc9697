"""What is wrong with configuration, and where.

ConfigError
    faults: tuple[Fault, ...]
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

_LONGEST = 160
"""Characters of a line that are shown."""


class Fault(msgspec.Struct, frozen=True):
    """One fault: where it is, what is wrong, and what to do about it.

    Lines and columns count from 1; both are None where the fault is the file itself.
    `source_line` is the line as it stands, and `width` how much of it the fault covers.
    """

    file: str
    line: int | None
    column: int | None
    message: str
    remedy: str = ""
    source_line: str = ""
    width: int = 1
    severity: Literal["error", "warning"] = "error"

    @property
    def place(self) -> str:
        """`rules.yaml:12:11`."""
        return self.file if self.line is None else f"{self.file}:{self.line}:{self.column}"

    @property
    def headline(self) -> str:
        """`rules.yaml:12:11: unknown metric 'divergense'`."""
        return f"{self.place}: {self.label}{self.message}"

    @property
    def label(self) -> str:
        """`warning: ` where it is no more than that."""
        return "" if self.severity == "error" else f"{self.severity}: "

    @property
    def excerpt(self) -> tuple[str, str] | None:
        """The source line without its indentation, and carets under the fault.

        Of a long line the part round the fault.
        """
        if self.column is None or not self.source_line.strip():
            return None
        line = self.source_line.strip()
        indent = len(self.source_line) - len(self.source_line.lstrip())
        before = min(max(self.column - 1 - indent, 0), len(line))
        if len(line) > _LONGEST:
            start = max(0, before - _LONGEST // 2)
            lead, rest = "…" if start else "", line[start:]
            line = lead + rest[:_LONGEST] + ("…" if len(rest) > _LONGEST else "")
            before += len(lead) - start
        width = max(1, min(self.width, len(line) - before))
        return line, " " * before + "^" * width


class ConfigError(Exception):
    """Every fault of a configuration and its rule file, in the order in which they stand."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        unique = dict.fromkeys(faults)
        self.faults = tuple(sorted(unique, key=lambda f: (f.file, f.line or 0, f.column or 0)))
        super().__init__("\n".join(rendered(fault) for fault in self.faults))


def rendered(fault: Fault) -> str:
    """The fault as plain text: its headline, the line with carets, the remedy."""
    lines = [fault.headline]
    if fault.excerpt is not None:
        lines += [f"    {part}" for part in fault.excerpt]
    if fault.remedy:
        lines.append(f"  {fault.remedy}")
    return "\n".join(lines)
