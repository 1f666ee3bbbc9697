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
from alerts.notifiers.payload import report_json
from alerts.transition import State, Transition
from config.settings import Config, Context, Report
from daemon.archive.store import ArchiveError
from daemon.cli.archived import closes_of, files_of
from daemon.cli.check import EX_CONFIG
from daemon.cli.context_files import points_of
from daemon.cli.price_files import (
    UNREADABLE,
    USAGE,
    UsageError,
    stamp_of,
    step_of,
    zone_of,
)
from daemon.cli.source import load_or_explain
from daemon.daily import ends_at_midnight, is_daily
from daemon.ledger import Ledger, ledger_calls
from daemon.replay import Day, Days, common_span, on_files, play, play_recorded, recorded
from daemon.reports import make_reporter
from daemon.texts import scorecard_json, transition_json
from daemon.unknown import Unknowns
from daemon.view import print_alert, terminal
from daemon.watch import Watch
from daemon.wiring import make_engine, make_market
from streams.context.files import among
from streams.history.prices import PriceFileError, Prices
from streams.history.recording import RecordingError
from streams.instrument import NS
from streams.metric import duration_text
from streams.snapshot import Snapshot
from streams.tick import ContextPoint


class Shown(msgspec.Struct, frozen=True):
    """How it is told: for machines, with messages as channels get them, scorecard and reports."""

    as_json: bool = False
    messages: bool = False
    scorecard: bool = False
    reports: bool = False


def replay(
    sources: Sequence[str],
    *,
    config: Path | None,
    tz: str,
    bar_stamp: str,
    step: str | None,
    shown: Shown,
    context: Sequence[str] = (),
    archive: Path | None = None,
) -> int:
    """Print the transitions, and for people the correlation by day and what followed.

    With an `archive`, what is no file is a symbol of it, and its daily closes are known too.
    """
    settings = load_or_explain(config)
    if settings is None:
        return EX_CONFIG
    try:
        points = points_of(context)
        if archive is None and not any("=" in source for source in sources):
            paths = [Path(source) for source in sources]
            return _replay_recordings(settings, paths, points, shown)
        zone, stamp = zone_of(tz), stamp_of(bar_stamp)
        files = files_of(sources, settings, archive, tz=zone, bar_stamp=stamp)
        closes = closes_of(files, archive)
        settings = on_files(settings, files, step_of(step, files))
    except UsageError as error:
        sys.stderr.write(f"{error}\n")
        return USAGE
    except (PriceFileError, RecordingError, ArchiveError) as error:
        sys.stderr.write(f"{error}\n")
        return UNREADABLE
    return _replay(settings, files, points, shown, closes)


class _Run:
    """A core that prints what it decides, for machines at once, for people at the end."""

    def __init__(self, config: Config, points: Sequence[ContextPoint], shown: Shown) -> None:
        self.found: list[Transition] = []
        self._shown = shown
        # Nothing is asked: what context there is comes from files.
        unasked = msgspec.structs.replace(config, context=Context())
        fed = unasked.fed | {point.name for point in points}
        self.reporter = make_reporter(config, Report(daily=shown.reports, weekly=shown.reports))
        self.reports: list[Transition] = []
        calls = {*ledger_calls(config.pairs), *self.reporter.calls}
        market = make_market(config, calls, context=fed)
        self.ledger = Ledger(config.rules, config.instruments)
        self.watch = Watch(
            market,
            make_engine(config),
            on_transition=self._tell,
            on_snapshot=self._see,
        )
        self.unknowns = Unknowns(config.rules)
        self.days = Days(market, config.pairs[0])

    def _see(self, snapshot: Snapshot) -> None:
        self.ledger.on_snapshot(snapshot)
        if not self._shown.as_json:
            self.unknowns.on_snapshot(snapshot)
        for report in self.reporter.look(snapshot):
            self.reports.append(report)
            if self._shown.as_json:
                sys.stdout.write(f"{report_json(report).decode()}\n")

    def _tell(self, transition: Transition) -> None:
        self.found.append(transition)
        self.ledger.on_transition(transition)
        self.reporter.note(transition)
        if self._shown.as_json and not transition.repeat:
            sys.stdout.write(f"{transition_json(transition)}\n")


def _replay(
    config: Config,
    files: Mapping[str, Prices],
    points: Sequence[ContextPoint],
    shown: Shown,
    closes: Mapping[str, Prices],
) -> int:
    run = _Run(config, points, shown)
    span = common_span(files, config.pairs[0])
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("replaying", total=sum(len(prices.ts) for prices in files.values()))
        play(
            run.watch,
            files,
            span,
            context=points,
            closes=closes,
            progress=lambda done: bar.update(task, completed=done),
        )
    _show(config, run, shown, _file_lines(config, files))
    return 0


def _replay_recordings(
    config: Config, paths: Sequence[Path], points: Sequence[ContextPoint], shown: Shown
) -> int:
    run = _Run(config, points, shown)
    with Progress(console=Console(stderr=True), transient=True) as bar:
        items = bar.track(recorded(config, paths), description="replaying", total=None)
        count = play_recorded(run.watch, among(items, points))
    _show(config, run, shown, [f"{count:,} items of {_counted(len(paths), 'recording')}"])
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
    if days:
        console.print(_day_table(config, days))
    told = [t for t in run.found if t.notify]
    for transition in told:
        _print(console, transition, shown)
    for report in run.reports:
        _print_report(console, report)
    over = f" in {_counted(len(days), 'session')}" if days else ""
    console.print(f"{_alerts(run.found)}{over}")
    for unknown in run.unknowns.found():
        console.print(unknown.text, style="dim", markup=False, soft_wrap=True)
    _show_scores(console, run.ledger)


def _print(console: Console, transition: Transition, shown: Shown) -> None:
    """An alert as the log channel gets it, with who is told; or in short."""
    if not shown.messages:
        print_alert(console, transition, day=True)
        return
    console.print(f"to {', '.join(transition.notify)}:", style="dim")
    console.print(block(transition), markup=False, soft_wrap=True)


def _print_report(console: Console, report: Transition) -> None:
    console.print(report.title, style="bold", markup=False, soft_wrap=True)
    for line in report.message.splitlines():
        console.print(f"    {line}", markup=False, highlight=False, soft_wrap=True)


def _alerts(found: Sequence[Transition]) -> str:
    """`3 alerts`, and of how many nobody was told."""
    fired = {t.incident for t in found if t.state is State.FIRING}
    told = {t.incident for t in found if t.state is State.FIRING and t.notify}
    muted = len(fired - told)
    why = "silenced, inhibited or flapping"
    rest = f" ({_counted(muted, 'firing')} not told: {why})" if muted else ""
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


def _file_lines(config: Config, files: Mapping[str, Prices]) -> list[str]:
    lines = [_file_line(name, prices) for name, prices in files.items()]
    if any(map(is_daily, files.values())):
        lines.append("bars of days are closes of sessions: only corr(5d) and more come of them")
    late = [name for name, prices in files.items() if ends_at_midnight(prices)]
    legs = {name for pair in config.pairs[:1] for name in (pair.x, pair.y)}
    if late and legs - set(late):
        names = " and ".join(late)
        lines.append(
            f"the days of {names} end at midnight UTC, hours after New York closes: their closes "
            "are known then, and correlations with what trades there come out too near 0"
        )
    return lines


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
