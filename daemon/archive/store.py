"""An archive's files: ticks by day, bars of a minute by day, closes by year.

ETH/coinbase/2026-11-23.parquet
ETH/coinbase/1m/2026-11-23.parquet
IWM/alpaca-sip/1d/2026.parquet
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from pathlib import Path

import msgspec

_DAY_NAME = re.compile(r"\d{4}-\d\d-\d\d")


class ArchiveError(Exception):
    """What was asked for is not in the archive, or cannot be read; the text says what to do."""


class Kind(StrEnum):
    """What a file holds, the finest first."""

    TICKS = "ticks"
    MINUTES = "1m"
    DAYS = "1d"

    @property
    def price(self) -> str:
        """The column of prices."""
        return "price" if self is Kind.TICKS else "close"

    def holds(self, name: str) -> bool:
        """Whether a file of that name (without its ending) is one of these."""
        day = f"{name}-01-01" if self is Kind.DAYS else name
        return bool(_DAY_NAME.fullmatch(day)) and _is_date(day)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


class Shelf(msgspec.Struct, frozen=True):
    """The files of one symbol, venue and kind, oldest first."""

    symbol: str
    venue: str
    kind: Kind
    paths: tuple[Path, ...]

    @property
    def name(self) -> str:
        """`ETH@coinbase:1m`, as it may be asked for."""
        return f"{self.symbol}@{self.venue}:{self.kind}"


def shelves(*folders: Path) -> list[Shelf]:
    """All that is in the folders; ArchiveError where one is none."""
    for folder in folders:
        if not folder.is_dir():
            raise ArchiveError(f"{folder}: there is no such folder")
    found = [shelf for folder in folders for shelf in _shelves(folder)]
    return sorted(
        found, key=lambda shelf: (shelf.symbol, shelf.venue, list(Kind).index(shelf.kind))
    )


def _shelves(folder: Path) -> list[Shelf]:
    found = []
    for venue in sorted(path for path in folder.glob("*/*") if path.is_dir()):
        for kind in Kind:
            inside = venue if kind is Kind.TICKS else venue / kind
            paths = sorted(p for p in inside.glob("*.parquet") if kind.holds(p.stem))
            if paths:
                found.append(Shelf(venue.parent.name, venue.name, kind, tuple(paths)))
    return found
