"""`comove run`."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console

from alerts.state_file import StateError
from daemon.cli.check import EX_CONFIG
from daemon.cli.source import load_or_explain
from daemon.logs import set_up
from daemon.service import run as run_loop
from daemon.service import serve


def run(config_path: Path | None, *, plain: bool, verbose: bool) -> int:
    """Run the daemon until a signal ends it."""
    config = load_or_explain(config_path)
    if config is None:
        return EX_CONFIG
    console = None if plain or not sys.stdout.isatty() else Console(highlight=False)
    set_up(console, verbose=verbose)
    try:
        run_loop(serve(config, console))
    except StateError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0
