"""`comove sweep`: one rule over a grid of figures."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import Progress

from config.errors import ConfigError
from config.settings import Config
from daemon.cli.check import EX_CONFIG, show
from daemon.cli.price_files import (
    UNREADABLE,
    USAGE,
    UsageError,
    must_overlap,
    paths_of,
    read_files,
    stamp_of,
    step_of,
    zone_of,
)
from daemon.cli.source import find_config, load_or_explain
from daemon.scenario import SCRIPTS, UnknownInstrumentError
from daemon.sweep.grid import (
    MOST_DRAWN,
    Axis,
    Cell,
    Draft,
    GridError,
    build,
    cells,
    described,
    parse_axis,
    varying,
)
from daemon.sweep.sweep import Row, row, split, sweep
from daemon.sweep.table import note, table
from daemon.sweep.trial import Files, Simulated, Source, Trial
from daemon.view import terminal
from streams.history.prices import PriceFileError
from streams.instrument import NS
from streams.sessions import calendar

FAILED = 1

_FORMS = (".png", ".svg")


class Asked(msgspec.Struct, frozen=True):
    """What a person asks for, as it is written."""

    sources: Sequence[str]
    rule: str
    grid: Sequence[str]
    config: Path | None = None
    when: str | None = None
    clear: str | None = None
    scenario: str | None = None
    seeds: int = 8
    tz: str = "UTC"
    bar_stamp: str = "start"
    step: str | None = None
    jobs: int | None = None
    chart: Path | None = None
    as_json: bool = False


def run_sweep(asked: Asked) -> int:
    """Run the grid, print a row a cell, draw it if asked; the exit code."""
    config = load_or_explain(asked.config)
    if config is None:
        return EX_CONFIG
    try:
        axes, rows = _swept(asked, config)
    except (UsageError, GridError, UnknownInstrumentError) as error:
        return _refuse(str(error), USAGE)
    except PriceFileError as error:
        return _refuse(str(error), UNREADABLE)
    except ConfigError as error:
        show(error.faults, sys.stderr)
        return EX_CONFIG
    _print(asked, config, axes, rows)
    if asked.chart is not None:
        return _draw(asked.chart, f"{asked.rule} on {_over(asked)}", axes, rows)
    return 0


def _refuse(message: str, code: int) -> int:
    sys.stderr.write(f"{message}\n")
    return code


def _swept(asked: Asked, config: Config) -> tuple[list[Axis], list[Row]]:
    if asked.chart is not None and asked.chart.suffix.lower() not in _FORMS:
        raise UsageError(f"--chart {asked.chart}: its name must end in .png or .svg")
    axes = [parse_axis(text) for text in asked.grid]
    if asked.chart is not None and not 1 <= len(varying(axes)) <= MOST_DRAWN:
        raise UsageError(f"a heat map takes from 1 to {MOST_DRAWN} axes of several values")
    listed = cells(axes)
    variants = _variants(asked, config, listed)
    sources = _sources(asked, config)
    jobs = asked.jobs or os.cpu_count() or 1
    trials = [
        Trial(find_config(asked.config), asked.rule, tuple(variants), source) for source in sources
    ]
    parts = [split(trial, -(-jobs // len(sources))) for trial in trials]
    flat = [part for trial in parts for part in trial]
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"{len(listed)} cells", total=len(flat))
        found = iter(sweep(flat, jobs=jobs, progress=lambda: bar.advance(task)))
    tallies = [[tally for _ in trial for tally in next(found)] for trial in parts]
    day = _day(config)
    return axes, [
        row(cell, [source[n] for source in tallies], day=day) for n, cell in enumerate(listed)
    ]


def _variants(asked: Asked, config: Config, listed: Sequence[Cell]) -> list[bytes]:
    draft = Draft(config.rules_path, asked.rule, when=asked.when, clear=asked.clear)
    variants = []
    for cell in listed:
        variants.append(draft.vary(cell))
        try:
            build(variants[-1], asked.rule, config)
        except GridError as error:
            raise GridError(f"{described(cell)}: {error}" if cell else str(error)) from None
    return variants


def _sources(asked: Asked, config: Config) -> list[Source]:
    if asked.scenario is not None:
        if asked.sources:
            raise UsageError("either --scenario or price files, not both")
        if asked.scenario not in SCRIPTS:
            raise UsageError(f"--scenario {asked.scenario}: there are {', '.join(SCRIPTS)}")
        return [Simulated(asked.scenario, seed) for seed in range(1, asked.seeds + 1)]
    if not asked.sources:
        raise UsageError("over what? Name price files (ETH=eth.csv IWM=iwm.csv) or --scenario demo")
    paths = paths_of(asked.sources, config)
    zone, stamp = zone_of(asked.tz), stamp_of(asked.bar_stamp)
    files = read_files(paths, zone, stamp)
    must_overlap(files, paths, config.pairs[0])
    return [Files(paths, zone, stamp, step_of(asked.step, files))]


def _day(config: Config) -> int:
    """Ns of a session of the first pair."""
    pair = config.pairs[0]
    hours = {i.name: calendar(i.calendar) for i in config.instruments}
    closes = any(hours[name].horizon_ns is not None for name in (pair.x, pair.y))
    return (23_400 if closes else 86_400) * NS


def _over(asked: Asked) -> str:
    if asked.scenario is not None:
        seeds = "1 seed" if asked.seeds == 1 else f"{asked.seeds} seeds"
        return f"the scenario '{asked.scenario}', {seeds}"
    return "price files"


def _print(asked: Asked, config: Config, axes: Sequence[Axis], rows: Sequence[Row]) -> None:
    if asked.as_json:
        for one in rows:
            sys.stdout.write(msgspec.json.encode(one).decode() + "\n")
        return
    console = terminal()
    days = f"{rows[0].days:.1f} sessions of {config.pairs[0].name}"
    console.print(f"{asked.rule} on {_over(asked)}: {days}", style="bold", soft_wrap=True)
    console.print(table(axes, rows))
    console.print(note(rows[0]), style="dim", soft_wrap=True)


def _draw(path: Path, title: str, axes: Sequence[Axis], rows: Sequence[Row]) -> int:
    from daemon.sweep.heatmap import draw  # noqa: PLC0415  # half a second that only a chart costs

    try:
        path.write_bytes(draw(title, axes, rows, "png" if path.suffix.lower() == ".png" else "svg"))
    except OSError as error:
        return _refuse(f"{path}: {error.strerror}", FAILED)
    sys.stderr.write(f"heat map: {path}\n")
    return 0
