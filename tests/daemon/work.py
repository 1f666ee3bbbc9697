"""Work for the worker: what is run in its process must be importable there."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path


def double(value: int) -> int:
    return 2 * value


def fail() -> None:
    raise ValueError("of the work's own")


def loaded(module: str) -> bool:
    return module in sys.modules


def die_once(mark: Path) -> str:
    """Die, unless it was done before."""
    if mark.exists():
        return "done"
    mark.touch()
    os.kill(os.getpid(), signal.SIGKILL)
    return "never"


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def sleep() -> None:
    time.sleep(600)


def niceness() -> int:
    return os.nice(0)
