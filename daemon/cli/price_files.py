"""SYMBOL=FILE and the options beside it, as commands that take price files read them."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config.settings import Config
from daemon.replay import common_span, usual_step
from streams.history.prices import BarStamp, PriceFileError, Prices, read_prices
from streams.instrument import NS, Pair

USAGE, UNREADABLE = 64, 65

_SECONDS = {"s": 1, "m": 60, "h": 3600}


class UsageError(Exception):
    """Arguments that cannot be taken; the text says what to write instead."""


def paths_of(sources: Sequence[str], config: Config) -> dict[str, Path]:
    """The file of each instrument; UsageError where one is unknown or missing."""
    known = [instrument.name for instrument in config.instruments]
    paths: dict[str, Path] = {}
    for source in sources:
        name, equals, path = source.partition("=")
        if not equals:
            raise UsageError(f"{source!r} is not SYMBOL=FILE; write for instance ETH={source}")
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1, cutoff=0.3)
            hint = f" Did you mean {close[0]}?" if close else ""
            raise UsageError(
                f"{name!r} is no instrument of the configuration: {', '.join(known)}.{hint}"
            )
        if name in paths:
            raise UsageError(f"{name} is given twice: {paths[name]} and {path}; one file each")
        paths[name] = Path(path)
    missing = [n for p in config.pairs[:1] for n in (p.x, p.y) if n not in paths]
    if missing:
        raise UsageError(f"a file is needed for {' and '.join(missing)} too: {missing[0]}=FILE")
    return paths


def zone_of(tz: str) -> str:
    """The time zone of that name; UsageError where there is none."""
    try:
        return str(ZoneInfo(tz))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UsageError(
            f"--tz {tz}: no such time zone; write for instance America/New_York"
        ) from error


def stamp_of(text: str) -> BarStamp:
    """Where bars are stamped; UsageError where it is no such word."""
    match text:
        case "start":
            return "start"
        case "end":
            return "end"
        case _:
            raise UsageError(f"--bar-stamp {text}: it is 'start' or 'end'")


def step_of(text: str | None, files: Mapping[str, Prices]) -> int:
    """How often rules are looked at (ns): as written, else as usual for the files."""
    if text is None:
        return usual_step(files)
    number, unit = text[:-1], text[-1:]
    if not number.isdigit() or int(number) == 0 or unit not in _SECONDS:
        raise UsageError(f"--step {text}: write for instance 1s, 30s or 5m")
    return int(number) * _SECONDS[unit] * NS


def read_files(paths: Mapping[str, Path], tz: str, bar_stamp: BarStamp) -> dict[str, Prices]:
    """The prices of each; PriceFileError where one cannot be read."""
    return {name: read_prices(path, tz=tz, bar_stamp=bar_stamp) for name, path in paths.items()}


def must_overlap(files: Mapping[str, Prices], paths: Mapping[str, Path], pair: Pair) -> None:
    """PriceFileError where the pair has no time in common."""
    first, last = common_span(files, pair)
    if first > last:
        raise PriceFileError(paths[pair.y], f"no time in common with {paths[pair.x]}")
