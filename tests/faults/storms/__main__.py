"""Thousands of faults over simulated weeks, and what the daemon says all the same.

    python -m tests.faults.storms --faults 10000 --seed 1

The whole daemon (state file, log, Telegram by a stand-in Bot API, MQTT by a stand-in broker,
metrics, reloads, its watch over itself) on stand-in venues, in simulated time. A plan drawn from
the seed breaks and mends all of it; then a twin lives through the same market without faults. The
verdicts are in `verdict.py`; the command fails if one is broken. Keeps ../results/storms.json.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from tests.faults.storms.days import SLOTS
from tests.faults.storms.plan import USUAL, Slot, plan
from tests.faults.storms.play import Played, play
from tests.faults.storms.scene import memory_folder
from tests.faults.storms.verdict import Storm, judged

RESULT = Path(__file__).parents[1] / "results" / "storms.json"


def main() -> int:
    """Run, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--faults", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, help="whole sessions to spread them over")
    given = parser.parse_args()
    logging.getLogger().addHandler(logging.NullHandler())
    slots = given.days * SLOTS if given.days else -(-given.faults // USUAL)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn()) as progress:
        storm = run(given.seed, slots, given.faults, lambda *at: _show(progress, *at))
    RESULT.write_bytes(msgspec.json.format(msgspec.json.encode(storm)) + b"\n")
    _print(storm)
    return 1 if storm.faults_found else 0


def run(
    seed: int,
    slots: int,
    faults: int,
    tell: Callable[[str, int, int], None] = lambda *_: None,
) -> Storm:
    """The storm and its twin; `tell` hears of which, how much of it is done, and how much it is."""
    began = perf_counter()
    planned = plan(seed, slots, faults)
    storm = _played(seed, planned, lambda done: tell("faults", done, slots))
    twin = _played(seed, [{}] * slots, lambda done: tell("the twin", done, slots))
    return judged(storm, twin, seed=seed, slots=slots, seconds=perf_counter() - began)


def _played(seed: int, slots: Sequence[Slot], tell: Callable[[int], None]) -> Played:
    with TemporaryDirectory(dir=memory_folder()) as folder:
        return play(Path(folder), seed, slots, tell)


def _show(progress: Progress, what: str, done: int, whole: int) -> None:
    task = next((one for one in progress.tasks if one.description == what), None)
    number = progress.add_task(what, total=whole) if task is None else task.id
    progress.update(number, completed=done)


def _print(storm: Storm) -> None:
    console, compared = Console(), storm.compared
    table = Table("fault", "times", "shown by", "back after s: p50", "p99", "most", box=None)
    for each in storm.kinds:
        shown = ", ".join(each.shown_by)
        times = f"{each.back_p50:.1f}", f"{each.back_p99:.1f}", f"{each.back_most:.1f}"
        table.add_row(each.name, str(each.faults), shown, *times)
    console.print(table)
    for lane, of in storm.channels.items():
        console.print(f"{lane}: {of.told} alerts, {of.lost} lost, {of.twice} told twice")
    console.print(
        f"{storm.faults} faults in {storm.hours:.1f} simulated hours, {storm.seconds:.0f} s; "
        f"{compared.outside} of {compared.twin} transitions compared with the twin's, "
        f"{len(compared.missing)} missing, {len(compared.added)} added, at most "
        f"{compared.farthest:.1f} s apart; memory {storm.memory_slope:+.2f} ± "
        f"{2.0 * storm.memory_error:.2f} MB a week"
    )
    for found in storm.faults_found:
        console.print(f"not as it must be: {found}")


if __name__ == "__main__":
    sys.exit(main())
