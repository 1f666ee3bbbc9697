"""Rules, and what is warned of them."""

from __future__ import annotations

from pathlib import Path

from config.errors import Fault
from config.load import inspect
from tests.config.folder import write


def warned(folder: Path, keys: str, above: str = "", config: str | None = None) -> list[Fault]:
    """Of one rule with these keys, each on a line."""
    lines = "".join(f"    {line}\n" for line in keys.splitlines())
    return warned_of(folder, f"{above}rules:\n  - id: one\n    title: One\n{lines}", config)


def warned_of(folder: Path, rules: str, config: str | None = None) -> list[Fault]:
    """Of a rule file."""
    return list(inspect(write(folder, config, rules))[1])
