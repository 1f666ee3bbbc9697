"""How much room a disk has."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec

_SHARE = 0.05
_BYTES = 200_000_000
_CALM = 1.2
"""By how much more must be free until it is enough again."""


class Room(msgspec.Struct, frozen=True):
    """Bytes of a disk that are free, and all of them."""

    free: int
    total: int

    def short(self, *, was: bool = False) -> bool:
        """Whether it is nearly full: under 5 % or 200 MB; what `was` so needs a fifth more."""
        least = max(_SHARE * self.total, _BYTES)
        return self.free < least * (_CALM if was else 1.0)

    def __str__(self) -> str:
        """`1.2 GB free of 50.0 GB (2.4 %)`."""
        return f"{_size(self.free)} free of {_size(self.total)} ({self.free / self.total:.1%})"


def room(path: Path) -> Room:
    """Of the disk that a file lies on, or would; raises OSError."""
    while not path.exists() and path != path.parent:
        path = path.parent
    usage = shutil.disk_usage(path)
    return Room(usage.free, max(usage.total, 1))


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
