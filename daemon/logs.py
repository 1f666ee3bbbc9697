"""Where log lines go: the journal with fields, else standard error, one line an event."""

from __future__ import annotations

import logging
import os
import sys

from rich.console import Console
from rich.logging import RichHandler

from daemon.journal import JournalHandler, is_journal

_PLAIN = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


def set_up(console: Console | None = None, *, verbose: bool = False) -> None:
    """Log to the journal, to standard error, or above the view on `console`.

    `verbose` shows details too.
    """
    level = logging.DEBUG if verbose else logging.INFO
    logging.basicConfig(level=level, handlers=[_handler(console)])
    for noisy in ("httpx", "httpcore", "telegram", "asyncio", "mqtt"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _handler(console: Console | None) -> logging.Handler:
    if console is None and is_journal(os.environ, sys.stderr):
        journal = JournalHandler()
        journal.setFormatter(logging.Formatter("%(message)s"))
        return journal
    if console is None and sys.stderr.isatty():
        console = Console(stderr=True)
    if console is not None:
        rich = RichHandler(console=console, show_path=False, markup=False)
        rich.setFormatter(logging.Formatter("%(message)s"))
        return rich
    plain = logging.StreamHandler(sys.stderr)
    plain.setFormatter(logging.Formatter(_PLAIN))
    return plain
