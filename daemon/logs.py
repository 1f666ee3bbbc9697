"""Where log lines go: standard error, plain, one line an event."""

from __future__ import annotations

import logging
import sys

from rich.console import Console
from rich.logging import RichHandler


def set_up(console: Console | None = None, *, verbose: bool = False) -> None:
    """Log to standard error, or above the view on `console`; `verbose` shows details too."""
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    if console is not None:
        handler = RichHandler(console=console, show_path=False, markup=False)
        handler.setFormatter(logging.Formatter("%(message)s"))
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, handlers=[handler])
    for noisy in ("httpx", "httpcore", "telegram", "asyncio", "mqtt"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
