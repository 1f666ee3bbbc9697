"""Symbols that a command takes from an archive in place of files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from config.settings import Config
from daemon.archive.source import chosen, prices
from daemon.archive.store import Kind, Shelf, shelves
from daemon.cli.price_files import must_overlap, paths_of, read_files
from streams.history.prices import BarStamp, Prices


def of_archive(texts: Sequence[str], archive: Path | None) -> dict[str, Shelf]:
    """The shelf of each text that names no file; ArchiveError where there is none."""
    if archive is None:
        return {}
    asked = [text for text in texts if "=" not in text and not Path(text).is_file()]
    return dict(zip(asked, chosen([archive], asked), strict=True))


def files_of(
    sources: Sequence[str],
    config: Config,
    archive: Path | None,
    *,
    tz: str,
    bar_stamp: BarStamp,
) -> dict[str, Prices]:
    """The prices of each instrument: of SYMBOL=FILE, or of SYMBOL out of the archive.

    UsageError, PriceFileError and ArchiveError say what cannot be taken.
    """
    stored = of_archive(sources, archive)
    shelf_of = {shelf.symbol: shelf for shelf in stored.values()}
    folders = [f"{name}={shelf.paths[0].parent}" for name, shelf in shelf_of.items()]
    paths = paths_of([*folders, *(text for text in sources if text not in stored)], config)
    on_disk = {name: path for name, path in paths.items() if name not in shelf_of}
    files = read_files(on_disk, tz, bar_stamp)
    files |= {name: prices(shelf) for name, shelf in shelf_of.items()}
    must_overlap(files, paths, config.pairs[0])
    return files


def closes_of(names: Iterable[str], archive: Path | None) -> Mapping[str, Prices]:
    """The daily closes that the archive has of these instruments."""
    if archive is None:
        return {}
    daily = {shelf.symbol: shelf for shelf in shelves(archive) if shelf.kind is Kind.DAYS}
    return {name: prices(daily[name]) for name in names if name in daily}
