"""`comove calibrate`: what a false-alarm budget costs on a pair."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from daemon.archive.source import prices as prices_of
from daemon.archive.store import ArchiveError
from daemon.calibrate import SIZES, Learned, NothingLearnedError, Threshold, calibrated, learn
from daemon.cli.archived import of_archive
from daemon.cli.price_files import UsageError, stamp_of, zone_of
from daemon.view import terminal
from streams.history.prices import PriceFileError, Prices, read_prices
from streams.instrument import NS
from streams.metric import PERIODS, duration_text
from streams.sessions import calendar
from streams.simulator.market import SimulatedMarket

USAGE, UNREADABLE = 64, 65
ENOUGH = 20
"""Sessions from which on p0 is well known."""


class Result(msgspec.Struct, frozen=True):
    """What is printed for machines."""

    pair: str
    learned: Learned
    thresholds: tuple[Threshold, ...]


def calibrate(
    sources: Sequence[str] = (),
    *,
    budgets: Sequence[str] = ("1/month", "1/year"),
    tz: str = "UTC",
    bar_stamp: str = "start",
    seed: int = 8,
    archive: Path | None = None,
    as_json: bool = False,
) -> int:
    """Print thresholds and delays of a pair: X=FILE Y=FILE, or simulated without; the exit code.

    With an `archive`, what is no file is a symbol of it.
    """
    try:
        asked = [(budget, _rate(budget)) for budget in budgets]
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("learning", total=2.0)
            names, (x, y) = _pair(sources, tz, bar_stamp, seed, archive)
            hours = calendar("NYSE")
            learned = learn(x, y, hours, lambda done: bar.update(task, completed=done))
            bar.update(task, description="breaking")
            found = calibrated(
                learned, asked, progress=lambda done: bar.update(task, completed=1.0 + done)
            )
    except UsageError as error:
        sys.stderr.write(f"{error}\n")
        return USAGE
    except (PriceFileError, NothingLearnedError, ArchiveError) as error:
        sys.stderr.write(f"{error}\n")
        return UNREADABLE
    _print(Result("-".join(names), learned, tuple(found)), as_json=as_json)
    return 0


def _rate(budget: str) -> float:
    """Alarms a session of `2/month`."""
    count, slash, period = budget.partition("/")
    try:
        number = float(count)
    except ValueError:
        number = 0.0
    if not slash or period not in PERIODS or not number > 0:
        raise UsageError(
            f"{budget!r} is no budget; write for instance 1/month "
            f"(a count over {', '.join(PERIODS)})"
        )
    alarms = number / PERIODS[period]
    if alarms > 1:
        raise UsageError(f"{budget}: more than one false alarm a session is no alarm")
    return alarms


def _pair(
    sources: Sequence[str], tz: str, bar_stamp: str, seed: int, archive: Path | None
) -> tuple[tuple[str, str], tuple[Prices, Prices]]:
    if not sources:
        return ("ETH", "IWM"), _simulated(seed)
    if len(sources) != 2:
        raise UsageError("two price files are needed, SYMBOL=FILE each, or none: simulated then")
    stored = of_archive(sources, archive)
    stamp, zone = stamp_of(bar_stamp), zone_of(tz)

    def read(source: str) -> tuple[str, Prices]:
        if source in stored:
            return stored[source].symbol, prices_of(stored[source])
        name, _, path = source.rpartition("=")
        return name or Path(path).stem, read_prices(Path(path), tz=zone, bar_stamp=stamp)

    (x, of_x), (y, of_y) = map(read, sources)
    return (x, y), (of_x, of_y)


def _simulated(seed: int) -> tuple[Prices, Prices]:
    past = SimulatedMarket(seed=seed).history(sessions=ENOUGH + 1)
    x, y = (
        Prices(np.asarray(past[n].ts, np.int64), past[n].close, 15 * NS) for n in ("ETH", "IWM")
    )
    return x, y


def _print(result: Result, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(msgspec.json.encode(result).decode() + "\n")
        return
    console = terminal()
    for line in _sentences(result):
        console.print(line, style="dim", soft_wrap=True)
    console.print(_table(result.thresholds))


def _sentences(result: Result) -> list[str]:
    learned = result.learned
    size = duration_text(learned.bar)
    share = (
        f"{result.pair}: {learned.p0:.1%} of bars of {size} in step (correlation "
        f"{learned.correlation:.2f}), ±{learned.p0 - learned.low:.1%}, from {learned.bars:,.0f} "
        f"bars of {learned.sessions} sessions"
    )
    moves = (
        f"it moves by {learned.between:.1%} from one session to the next, what is not known of "
        f"its mean included, and by {learned.within:.1%} within one"
    )
    if learned.sessions >= ENOUGH:
        return [share, moves]
    return [share, moves, f"fewer than {ENOUGH} sessions: the thresholds are provisional"]


def _table(found: Sequence[Threshold]) -> Table:
    table = Table("detector", "false alarms", "threshold", *(size for size, _ in SIZES))
    table.title = "mean minutes of trading until a break is found, by what is left of the link"
    for row in found:
        if row.h is None:
            table.add_row(row.detector, row.budget, row.reason)
            continue
        minutes = ("> 4 sessions" if d.minutes is None else f"{d.minutes:.0f}" for d in row.delays)
        table.add_row(row.detector, row.budget, f"{row.h:.2f}", *minutes)
    return table
