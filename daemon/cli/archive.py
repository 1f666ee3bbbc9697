"""`comove archive`: what is on the disk, shown."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from daemon.archive.faults import Fault, faults, repaired
from daemon.archive.holdings import Holding, holdings
from daemon.archive.source import Span, chosen, day_from
from daemon.archive.source import export as write
from daemon.archive.store import ArchiveError, shelves
from daemon.archivist import FOLDER
from daemon.cli.check import EX_CONFIG
from daemon.cli.source import load_or_explain
from daemon.view import terminal

FAILED, USAGE, UNREADABLE = 1, 64, 65

_SHOWN = 3
"""Missing days that a table names."""


def listing(folder: Path | None, config: Path | None, *, as_json: bool) -> int:
    """Print a line a symbol, venue and kind; the exit code."""
    found = _folders(folder, config)
    if isinstance(found, int):
        return found
    try:
        held = holdings(*found)
    except ArchiveError as error:
        return _refuse(error)
    if as_json:
        for one in held:
            sys.stdout.write(f"{msgspec.json.encode(one).decode()}\n")
        return 0
    console = terminal()
    if held:
        console.print(_table(found, held))
    else:
        console.print(f"{_named(found)}nothing is archived yet", soft_wrap=True)
    return 0


def check(folder: Path | None, config: Path | None, *, repair: bool, as_json: bool) -> int:
    """Print every fault, set damaged files aside if asked; 65 where something stays wrong."""
    found = _folders(folder, config)
    if isinstance(found, int):
        return found
    try:
        told, files = _checked(found)
    except ArchiveError as error:
        return _refuse(error)
    console = terminal()
    for fault in told:
        line = msgspec.json.encode(_fault_json(fault)).decode() if as_json else fault.text
        sys.stdout.write(f"{line}\n")
    moved = repaired(told) if repair else {}
    for path, aside in moved.items():
        sys.stderr.write(f"{path} is now {aside.name}\n")
    if not files and folder is not None:
        sys.stderr.write(f"{folder}: there is nothing of comove's archive in it\n")
        return UNREADABLE
    if not as_json:
        wrong = len({fault.path for fault in told})
        text = f"{files:,} files, {wrong} with faults" if told else f"{files:,} files, all sound"
        console.print(text)
    return UNREADABLE if any(fault.path not in moved for fault in told) else 0


def export(
    symbol: str,
    folder: Path | None,
    config: Path | None,
    *,
    venue: str,
    days: tuple[str, str],
    out: Path | None,
) -> int:
    """Write one price file; the exit code."""
    found = _folders(folder, config)
    if isinstance(found, int):
        return found
    try:
        first, last = (day_from(day) if day else None for day in days)
        (shelf,) = chosen(found, [_with_venue(symbol, venue)])
        path = out or Path(f"{shelf.symbol}-{shelf.venue}-{shelf.kind}.csv")
        if path.suffix not in {".csv", ".parquet"}:
            sys.stderr.write(f"--out {path}: its name must end in .csv or .parquet\n")
            return USAGE
    except ArchiveError as error:
        return _refuse(error)
    try:
        rows = write(shelf, Span(first, last), path)
    except ArchiveError as error:
        return _refuse(error)
    except OSError as error:
        sys.stderr.write(f"{path}: {error.strerror or error}\n")
        return FAILED
    terminal().print(f"{path}: {rows:,} rows of {shelf.name}", soft_wrap=True)
    return 0


def _folders(given: Path | None, config: Path | None) -> list[Path] | int:
    """The archive: the one named, else what is there of those configured; or the exit code."""
    if given is not None:
        return [given]
    settings = load_or_explain(config)
    if settings is None:
        return EX_CONFIG
    known = [settings.history.folder] if settings.history else []
    known += [settings.record.folder / FOLDER] if settings.record else []
    if not known:
        sys.stderr.write("neither history nor recordings are kept: name an archive by --folder\n")
        return USAGE
    return [folder for folder in dict.fromkeys(known) if folder.is_dir()]


def _named(folders: list[Path]) -> str:
    return f"{' and '.join(map(str, folders))}: " if folders else ""


def _refuse(error: ArchiveError) -> int:
    sys.stderr.write(f"{error}\n")
    return UNREADABLE


def _with_venue(symbol: str, venue: str) -> str:
    if not venue or "@" in symbol:
        return symbol
    name, colon, kind = symbol.partition(":")
    return f"{name}@{venue}{colon}{kind}"


def _checked(folders: list[Path]) -> tuple[list[Fault], int]:
    files = sum(len(shelf.paths) for shelf in shelves(*folders))
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("checking", total=files)
        found = faults(*folders, looked_at=lambda _: bar.update(task, advance=1))
        return list(found), files


def _fault_json(fault: Fault) -> dict[str, object]:
    return {
        "file": str(fault.path),
        "row": fault.row,
        "message": fault.message,
        "remedy": fault.remedy,
        "damaged": fault.damaged,
    }


def _table(folders: list[Path], held: list[Holding]) -> Table:
    table = Table("symbol", "venue", "kind", "from", "to", title=" and ".join(map(str, folders)))
    table.title_justify = "left"
    for head in ("rows", "MB"):
        table.add_column(head, justify="right")
    table.add_column("missing")
    for one in held:
        table.add_row(
            one.symbol,
            one.venue,
            one.kind,
            one.first,
            one.last,
            f"{one.rows:,}",
            f"{one.bytes / 1e6:.1f}",
            _missing(one),
        )
    return table


def _missing(one: Holding) -> str:
    parts = [", ".join(one.missing[:_SHOWN])] if one.missing else []
    if len(one.missing) > _SHOWN:
        parts[0] += f" and {len(one.missing) - _SHOWN} more"
    if one.unreadable:
        parts.append(f"{len(one.unreadable)} unreadable: see 'check'")
    return "; ".join(parts)
