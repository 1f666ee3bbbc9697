"""The files that come with comove, to run as they are and to start from."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

CONFIG = "comove.yaml"
RULES = "rules.yaml"
TESTS = "rules.test.yaml"
EVENTS = "events.yaml"
SCHEMAS = {
    "config": "comove.schema.json",
    "events": "events.schema.json",
    "rules": "rules.schema.json",
}
"""What editors complete and check the files by, as `comove schema` prints them."""


def shipped_path(name: str) -> Path:
    """Where a shipped file is."""
    return Path(str(files("config").joinpath(name)))


def shipped(name: str) -> str:
    """The text of a shipped file."""
    return shipped_path(name).read_text("utf-8")
