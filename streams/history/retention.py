"""How long recordings are kept: by age, and by their share of the disk, the oldest going first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from shutil import disk_usage

import msgspec

from streams.history.shelf import begins, files
from streams.instrument import NS

_DAY = 86_400 * NS


class Kept(msgspec.Struct, frozen=True):
    """A file that is on the disk: when it begins (ns UTC), and its bytes."""

    path: Path
    began: int
    size: int


class Retention(msgspec.Struct, frozen=True):
    """`keep` in ns, `share` a fraction of the whole disk."""

    keep: int = 30 * _DAY
    share: float = 0.1

    def spent(self, kept: Sequence[Kept], now: int, disk: int) -> list[Kept]:
        """What is to go of files that stand oldest first, on a disk of so many bytes."""
        left = sum(one.size for one in kept)
        spent = []
        for one in kept:
            if not (self._old(one, now) or left > self.share * disk):
                break
            spent.append(one)
            left -= one.size
        return spent

    def _old(self, one: Kept, now: int) -> bool:
        """A file may go on to the end of the day (UTC) in which it begins."""
        return now - (one.began - one.began % _DAY + _DAY) > self.keep


def sweep(folder: Path, retention: Retention, now: int, writing: Collection[Path]) -> list[Path]:
    """Delete what is spent in a folder of recordings, but for what is being written."""
    kept = [one for path in files(folder) if (one := _kept(path)) is not None]
    spent = retention.spent(kept, now, disk_usage(folder).total)
    gone = [one.path for one in spent if one.path not in writing]
    for path in gone:
        path.unlink(missing_ok=True)
    return gone


def _kept(path: Path) -> Kept | None:
    began = begins(path)
    try:
        size = path.stat().st_size
    except OSError:
        return None
    return None if began is None else Kept(path, began, size)
