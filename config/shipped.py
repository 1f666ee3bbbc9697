"""The files that come with comove, to run as they are and to start from."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

CONFIG = "comove.yaml"
RULES = "rules.yaml"


def shipped_path(name: str) -> Path:
    """Where a shipped file is."""
    return Path(str(files("config").joinpath(name)))


def shipped(name: str) -> str:
    """The text of a shipped file."""
    return shipped_path(name).read_text("utf-8")
