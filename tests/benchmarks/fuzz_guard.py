"""Sees what the interpreter is asked to execute, and stops what takes too long."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

LONGEST = 10.0
"""Seconds after which an input counts as hung."""

_FORBIDDEN = ("exec", "compile", "import", "os.", "subprocess.", "socket.", "ctypes.", "shutil.")
_HARMLESS = frozenset({"os.scandir", "os.listdir"})


class Guard:
    """Notes, while `armed`, every execution, import and write; its hook stays in the process."""

    def __init__(self) -> None:
        self.armed = False
        self.seen: list[str] = []
        sys.addaudithook(self._audit)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if (
            self.armed
            and event not in _HARMLESS
            and (event.startswith(_FORBIDDEN) or _writes(event, arguments))
        ):
            self.seen.append(f"{event} {arguments[:1]!r}")

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Note what is done within."""
        self.seen.clear()
        self.armed = True
        try:
            yield
        finally:
            self.armed = False


def _writes(event: str, arguments: tuple[Any, ...]) -> bool:
    return event == "open" and bool(set(str(arguments[1])) & set("wax+"))


@contextmanager
def bounded() -> Iterator[None]:
    """Raise TimeoutError in what takes longer; in the main thread alone."""
    before = signal.signal(signal.SIGALRM, _hung)
    signal.setitimer(signal.ITIMER_REAL, LONGEST)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _hung(*_: object) -> None:
    raise TimeoutError(f"longer than {LONGEST:g} s")
