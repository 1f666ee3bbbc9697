"""`comove replay`: price files through the rules."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from alerts.context import correlation_text
from alerts.engine import Engine
from alerts.transition import State, Transition
from config.settings import Config
from daemon.cli.check import EX_CONFIG
from daemon.cli.source import load_or_explain
from daemon.replay import (
    Day,
    Days,
    common_span,
    controls_fed,
    file_instrument,
    play,
    play_recorded,
    recorded,
)
from daemon.texts import transition_json
from daemon.view import print_alert, terminal
from daemon.watch import Watch
from daemon.wiring import make_market
from streams.history.prices import BarStamp, PriceFileError, Prices, read_prices
from streams.history.recording import RecordingError
from streams.instrument import NS, Pair
from streams.metric import duration_text

USAGE, UNREADABLE = 64, 65

_SECONDS = {"s": 1, "m": 60, "h": 3600}


class UsageError(Exception):
    """Arguments that cannot be taken; the text says what to write instead."""


def replay(
    sources: Sequence[str],
    *,
    config: Path | None,
    tz: str,
    bar_stamp: str,
    step: str | None,
    as_json: bool,
) -> int:
    """Print the transitions, and for people the correlation by day; the exit code."""
    settings = load_or_explain(config)
    if settings is None:
        return EX_CONFIG
    try:
        if not any("=" in source for source in sources):
            return _replay_recordings(
                settings, [Path(source) for source in sources], as_json=as_json
            )
        paths = _paths(sources, settings)
        files = _read(paths, _zone(tz), _stamp(bar_stamp))
        _must_overlap(files, paths, settings.pairs[0])
        settings = _on_files(settings, files, _step(step, files))
    except UsageError as error:
        sys.stderr.write(f"{error}\n")
        return USAGE
    except (PriceFileError, RecordingError) as error:
        sys.stderr.write(f"{error}\n")
        return UNREADABLE
    return _replay(settings, files, as_json=as_json)


def _paths(sources: Sequence[str], config: Config) -> dict[str, Path]:
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
        paths[name] = Path(path)
    missing = [n for p in config.pairs[:1] for n in (p.x, p.y) if n not in paths]
    if missing:
        raise UsageError(f"a file is needed for {' and '.join(missing)} too: {missing[0]}=FILE")
    return paths


def _zone(tz: str) -> str:
    try:
        return str(ZoneInfo(tz))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise UsageError(
            f"--tz {tz}: no such time zone; write for instance America/New_York"
        ) from error


def _stamp(text: str) -> BarStamp:
    match text:
        case "start":
            return "start"
        case "end":
            return "end"
        case _:
            raise UsageError(f"--bar-stamp {text}: it is 'start' or 'end'")


def _step(text: str | None, files: Mapping[str, Prices]) -> int:
    if text is None:
        return max(min((prices.bar for prices in files.values()), default=0), NS)
    number, unit = text[:-1], text[-1:]
    if not number.isdigit() or int(number) == 0 or unit not in _SECONDS:
        raise UsageError(f"--step {text}: write for instance 1s, 30s or 5m")
    return int(number) * _SECONDS[unit] * NS


def _read(paths: Mapping[str, Path], tz: str, bar_stamp: BarStamp) -> dict[str, Prices]:
    return {name: read_prices(path, tz=tz, bar_stamp=bar_stamp) for name, path in paths.items()}


def _must_overlap(files: Mapping[str, Prices], paths: Mapping[str, Path], pair: Pair) -> None:
    first, last = common_span(files, pair)
    if first > last:
        raise PriceFileError(paths[pair.y], f"no time in common with {paths[pair.x]}")


def _on_files(config: Config, files: Mapping[str, Prices], step: int) -> Config:
    return msgspec.structs.replace(
        config,
        step=step,
        instruments=tuple(
            file_instrument(i, files[i.name]) if i.name in files else i for i in config.instruments
        ),
        pairs=tuple(controls_fed(pair, list(files)) for pair in config.pairs),
        rules=tuple(
            msgspec.structs.replace(rule, pair=controls_fed(rule.pair, list(files)))
            for rule in config.rules
        ),
    )


class _Run:
    """A core that prints what it decides, for machines at once, for people at the end."""

    def __init__(self, config: Config, *, as_json: bool) -> None:
        self.found: list[Transition] = []
        self._as_json = as_json
        market = make_market(config)
        self.watch = Watch(market, Engine(config.rules), on_transition=self._tell)
        self.days = Days(market, config.pairs[0])

    def _tell(self, transition: Transition) -> None:
        self.found.append(transition)
        if self._as_json and not transition.repeat:
            sys.stdout.write(f"{transition_json(transition)}\n")


def _replay(config: Config, files: Mapping[str, Prices], *, as_json: bool) -> int:
    run = _Run(config, as_json=as_json)
    span = common_span(files, config.pairs[0])
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("replaying", total=sum(len(prices.ts) for prices in files.values()))
        play(run.watch, files, span, progress=lambda done: bar.update(task, completed=done))
    if not as_json:
        console = terminal()
        for name, prices in files.items():
            console.print(_file_line(name, prices), style="dim", soft_wrap=True)
        _show(console, config, run)
    return 0


def _replay_recordings(config: Config, paths: Sequence[Path], *, as_json: bool) -> int:
    run = _Run(config, as_json=as_json)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        items = bar.track(recorded(config, paths), description="replaying", total=None)
        count = play_recorded(run.watch, items)
    if not as_json:
        console = terminal()
        console.print(f"{count:,} items of {len(paths)} recordings", style="dim")
        _show(console, config, run)
    return 0


def _show(console: Console, config: Config, run: _Run) -> None:
    days = run.days.rows()
    console.print(f"rules looked at every {duration_text(config.step / NS)}", style="dim")
    console.print(_day_table(config, days))
    told = [t for t in run.found if t.state in {State.FIRING, State.RESOLVED}]
    for transition in told:
        print_alert(console, transition, day=True)
    fired = sum(t.state is State.FIRING and not t.repeat for t in told)
    console.print(f"{_counted(fired, 'alert')} in {_counted(len(days), 'session')}")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _file_line(name: str, prices: Prices) -> str:
    form = f"bars of {duration_text(prices.bar / NS)}" if prices.bar else "ticks"
    text = f"{name}: {len(prices.ts):,} {form}"
    if prices.duplicates:
        text += f", {prices.duplicates} duplicates left out"
    if prices.unordered:
        text += f", {prices.unordered} out of order, sorted"
    return text


def _day_table(config: Config, days: Sequence[Day]) -> Table:
    pair = config.pairs[0]
    table = Table("session", "minutes", "correlation (95 %)", "beta", title_justify="left")
    table.title = f"{pair.x}–{pair.y} by session, on one-minute returns"
    for day in days:
        beta = day.beta.value
        table.add_row(
            day.date,
            str(day.minutes),
            correlation_text(day.correlation),
            "n/a" if beta is None else f"{beta:.2f}",
        )
    return table
