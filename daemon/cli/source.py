"""Which configuration a command works on."""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path

from config.errors import ConfigError
from config.load import load
from config.settings import Config
from config.shipped import CONFIG
from daemon.cli.check import show


def shipped_config() -> Path:
    """The comove.yaml that comes with comove."""
    return Path(str(files("config").joinpath(CONFIG)))


def find_config(given: Path | None) -> Path:
    """The one that was named, else ./comove.yaml, else the shipped one."""
    if given is not None:
        return given / CONFIG if given.is_dir() else given
    here = Path(CONFIG)
    return here if here.is_file() else shipped_config()


def load_or_explain(given: Path | None) -> Config | None:
    """The configuration; None after its faults were written to standard error."""
    try:
        return load(find_config(given))
    except ConfigError as error:
        show(error.faults, sys.stderr)
        return None
