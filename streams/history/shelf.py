"""A folder of recordings: a folder a venue in it, files named after the instant they begin at.

coinbase/2026-11-23T143000Z.jsonl.zst
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from streams.feeds.registry import VENUES
from streams.history.recording import RecordingError
from streams.instrument import NS

SUFFIX = ".jsonl.zst"
_ENDS = (".jsonl", SUFFIX)
_FORM = "%Y-%m-%dT%H%M%SZ"


def file_name(ts: int) -> str:
    """The name of a file that begins at `ts` (ns UTC)."""
    return f"{datetime.fromtimestamp(ts // NS, UTC):{_FORM}}{SUFFIX}"


def begins(path: Path) -> int | None:
    """When a file begins, by its name (ns UTC); None where no recorder gave that name."""
    if not path.name.endswith(SUFFIX):
        return None
    try:
        moment = datetime.strptime(path.name.removesuffix(SUFFIX), _FORM).replace(tzinfo=UTC)
    except ValueError:
        return None
    return int(moment.timestamp()) * NS


def files(folder: Path) -> list[Path]:
    """The recorder's files below a folder, oldest first."""
    dated = ((begins(path), path) for path in folder.glob(f"*/*{SUFFIX}"))
    return [path for _, path in sorted((ts, path) for ts, path in dated if ts is not None)]


def recordings(paths: Sequence[Path]) -> Iterator[tuple[Path, ...]]:
    """What is to be played as one recording each: a file, or all that a folder has of a venue.

    Raises RecordingError for a folder without any.
    """
    for path in paths:
        if path.is_dir():
            yield from _of_folder(path)
        else:
            yield (path,)


def _of_folder(folder: Path) -> Iterator[tuple[Path, ...]]:
    by_venue: dict[Path, list[Path]] = {}
    found = sorted(path for path in folder.rglob("*") if path.name.endswith(_ENDS))
    if not found:
        raise RecordingError(f"{folder}: no recordings in it, files that end in {SUFFIX}")
    for path in found:
        if path.parent.name in VENUES:
            by_venue.setdefault(path.parent, []).append(path)
        else:
            yield (path,)
    yield from (tuple(several) for several in by_venue.values())


def of_venue(folder: Path, venue: str) -> list[Path]:
    """The files of one venue in a folder of recordings, or in the venue's own.

    Raises RecordingError where there are none.
    """
    own = folder if folder.name == venue else folder / venue
    found = sorted(path for path in own.glob("*") if path.name.endswith(_ENDS))
    if not found:
        raise RecordingError(f"{folder}: no recordings of {venue} in it")
    return found
