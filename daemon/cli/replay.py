"""`comove replay`: price files and recordings through the rules."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from alerts.context import correlation_text
from alerts.notifiers.log import block
from alerts.transition import State, Transition
from config.settings import Config
from daemon.cli.check import EX_CONFIG
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
from daemon.cli.source import load_or_explain
from daemon.ledger import Ledger, ledger_calls
from daemon.replay import Day, Days, common_span, on_files, play, play_recorded, recorded
from daemon.texts import scorecard_json, transition_json
from daemon.view import print_alert, terminal
from daemon.watch import Watch
from daemon.wiring import make_engine, make_market
from streams.history.prices import PriceFileError, Prices
from streams.history.recording import RecordingError
from streams.instrument import NS
from streams.metric import duration_text


class Shown(msgspec.Struct, frozen=True):
    """How it is told: for machines, with messages as channels get them, with the scorecard."""

    as_json: bool = False
    messages: bool = False
    scorecard: bool = False


def replay(
    sources: Sequence[str],
    *,
    config: Path | None,
    tz: str,
    bar_stamp: str,
    step: str | None,
    shown: Shown,
) -> int:
    """Print the transitions, and for people the correlation by day and what followed."""
    settings = load_or_explain(config)
    if settings is None:
        return EX_CONFIG
    try:
        if not any("=" in source for source in sources):
            return _replay_recordings(settings, [Path(source) for source in sources], shown)
        paths = paths_of(sources, settings)
        files = read_files(paths, zone_of(tz), stamp_of(bar_stamp))
        must_overlap(files, paths, settings.pairs[0])
        settings = on_files(settings, files, step_of(step, files))
    except UsageError as error:
        sys.stderr.write(f"{error}\n")
        return USAGE
    except (PriceFileError, RecordingError) as error:
        sys.stderr.write(f"{error}\n")
        return UNREADABLE
    return _replay(settings, files, shown)


class _Run:
    """A core that prints what it decides, for machines at once, for people at the end."""

    def __init__(self, config: Config, shown: Shown) -> None:
        self.found: list[Transition] = []
        self._shown = shown
        market = make_market(config, ledger_calls(config.pairs))
        self.ledger = Ledger(config.rules, config.instruments)
        self.watch = Watch(
            market,
            make_engine(config),
            on_transition=self._tell,
            on_snapshot=self.ledger.on_snapshot,
        )
        self.days = Days(market, config.pairs[0])

    def _tell(self, transition: Transition) -> None:
        self.found.append(transition)
        self.ledger.on_transition(transition)
        if self._shown.as_json and not transition.repeat:
            sys.stdout.write(f"{transition_json(transition)}\n")


def _replay(config: Config, files: Mapping[str, Prices], shown: Shown) -> int:
    run = _Run(config, shown)
    span = common_span(files, config.pairs[0])
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("replaying", total=sum(len(prices.ts) for prices in files.values()))
        play(run.watch, files, span, progress=lambda done: bar.update(task, completed=done))
    _show(config, run, shown, [_file_line(name, prices) for name, prices in files.items()])
    return 0


def _replay_recordings(config: Config, paths: Sequence[Path], shown: Shown) -> int:
    run = _Run(config, shown)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        items = bar.track(recorded(config, paths), description="replaying", total=None)
        count = play_recorded(run.watch, items)
    _show(config, run, shown, [f"{count:,} items of {len(paths)} recordings"])
    return 0


def _show(config: Config, run: _Run, shown: Shown, read: Sequence[str]) -> None:
    if shown.as_json:
        if shown.scorecard:
            sys.stdout.write(f"{scorecard_json(list(run.ledger.scores()))}\n")
        return
    console = terminal()
    days = run.days.rows()
    for line in [*read, f"rules looked at every {duration_text(config.step / NS)}"]:
        console.print(line, style="dim", soft_wrap=True)
    console.print(_day_table(config, days))
    told = [t for t in run.found if t.notify]
    for transition in told:
        _print(console, transition, shown)
    console.print(f"{_alerts(run.found)} in {_counted(len(days), 'session')}")
    _show_scores(console, run.ledger)


def _print(console: Console, transition: Transition, shown: Shown) -> None:
    """An alert as the log channel gets it, with who is told; or in short."""
    if not shown.messages:
        print_alert(console, transition, day=True)
        return
    console.print(f"to {', '.join(transition.notify)}:", style="dim")
    console.print(block(transition), markup=False, soft_wrap=True)


def _alerts(found: Sequence[Transition]) -> str:
    """`3 alerts`, and of how many nobody was told."""
    fired = {t.incident for t in found if t.state is State.FIRING}
    told = {t.incident for t in found if t.state is State.FIRING and t.notify}
    muted = len(fired - told)
    rest = f", {muted} more not told (silenced, inhibited or flapping)," if muted else ""
    return f"{_counted(len(told), 'alert')}{rest}"


def _show_scores(console: Console, ledger: Ledger) -> None:
    scores = [score for score in ledger.scores() if score.alerts]
    if not scores:
        return
    table = Table("rule", "pair", "alerts", "what followed", title="Scorecard")
    table.title_justify = "left"
    for score in scores:
        table.add_row(score.rule, score.pair, str(score.alerts), score.text)
    console.print(table)


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
