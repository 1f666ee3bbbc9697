"""A folder with a configuration, as tests want it."""

from __future__ import annotations

from pathlib import Path

from config.errors import ConfigError, Fault
from config.load import load
from config.shipped import CONFIG, EVENTS, RULES, shipped

RULE = """\
rules:
  - id: one
    title: One
    when: divergence(60m) < -4
"""


def write(folder: Path, config: str | None = None, rules: str | None = None) -> Path:
    """The two files, the shipped ones where none is given; the configuration's path."""
    path = folder / CONFIG
    path.write_text(shipped(CONFIG) if config is None else config, "utf-8")
    (folder / RULES).write_text(shipped(RULES) if rules is None else rules, "utf-8")
    (folder / EVENTS).write_text(shipped(EVENTS), "utf-8")
    return path


def config_with(old: str, new: str) -> str:
    """The shipped configuration with one part of it written otherwise."""
    text = shipped(CONFIG)
    assert old in text
    return text.replace(old, new, 1)


def faults(path: Path) -> tuple[Fault, ...]:
    try:
        load(path)
    except ConfigError as error:
        return error.faults
    raise AssertionError("no fault")


def marked(fault: Fault) -> str:
    """What the carets stand under."""
    assert fault.column is not None
    start = fault.column - 1
    return fault.source_line[start : start + fault.width]
