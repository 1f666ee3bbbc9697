"""The sweep: trials over all sources, a process a core, and a row for each cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from statistics import median

import msgspec

from daemon.scorecard import Measure
from daemon.sweep.grid import Cell
from daemon.sweep.trial import Tally, Trial, run
from streams.instrument import NS

SHARES: Mapping[Measure | None, str] = {
    Measure.CONVERGENCE: "closed half the gap",
    Measure.RESTORATION: "restored in the session",
}
"""Of which measure there is a share, and what of."""


class Row(msgspec.Struct, frozen=True):
    """A cell and what came of it. None where there is nothing to tell.

    `alerts_a_day` and `days` are of regular sessions. `found` of `causes` were found, after `delay`
    minutes (median); `right` is the share of alerts with a cause. Of price files there is what
    `daemon.scorecard` measures: `share` of `counted` alerts closed half the gap, or were restored,
    and `median_bp` is what the convergence trade made.
    """

    cell: dict[str, str]
    alerts: int
    days: float
    alerts_a_day: float
    causes: int | None = None
    found: int | None = None
    delay: float | None = None
    right: float | None = None
    measure: Measure | None = None
    counted: int | None = None
    share: float | None = None
    median_bp: float | None = None


def split(trial: Trial, parts: int) -> list[Trial]:
    """The same in at most so many parts, each with some of the variants."""
    size = -(-len(trial.variants) // max(parts, 1))
    return [
        msgspec.structs.replace(trial, variants=trial.variants[at : at + size])
        for at in range(0, len(trial.variants), size)
    ]


def sweep(
    trials: Sequence[Trial], *, jobs: int, progress: Callable[[], None] = lambda: None
) -> list[list[Tally]]:
    """Per trial, a tally for each of its variants; `progress` is called as each trial is done."""
    if jobs <= 1 or len(trials) == 1:
        return [*_here(trials, progress)]
    with ProcessPoolExecutor(min(jobs, len(trials)), mp_context=get_context("spawn")) as pool:
        return _shared(pool, trials, progress)


def _here(trials: Sequence[Trial], progress: Callable[[], None]) -> Iterator[list[Tally]]:
    for trial in trials:
        yield run(trial)
        progress()


def _shared(
    pool: Executor, trials: Sequence[Trial], progress: Callable[[], None]
) -> list[list[Tally]]:
    futures = [pool.submit(run, trial) for trial in trials]
    for future in as_completed(futures):
        future.result()
        progress()
    return [future.result() for future in futures]


def row(cell: Cell, tallies: Sequence[Tally], *, day: int) -> Row:
    """A cell's tallies over all sources in one; `day` is the ns of a regular session."""
    alerts = sum(tally.alerts for tally in tallies)
    days = sum(tally.watched for tally in tallies) / day
    plain = Row(
        cell=dict(cell), alerts=alerts, days=days, alerts_a_day=alerts / days if days else 0.0
    )
    scores = [tally.score for tally in tallies if tally.score is not None]
    if scores:
        score = scores[0]
        closing = score.measure is Measure.CONVERGENCE
        return msgspec.structs.replace(
            plain,
            measure=score.measure,
            counted=score.counted,
            share=None if score.hits is None else score.hits / score.counted,
            median_bp=score.median if closing else None,
        )
    delays = [delay for tally in tallies for delay in tally.delays]
    return msgspec.structs.replace(
        plain,
        causes=sum(tally.causes for tally in tallies),
        found=len(delays),
        delay=median(delays) / (60 * NS) if delays else None,
        right=sum(tally.right for tally in tallies) / alerts if alerts else None,
    )
