"""Pairs that learn p0 from twenty sessions, by the daemon's own estimator, and are then watched."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.estimators.concordance import Concordance, Dispersion
from streams.estimators.run_length import threshold
from streams.estimators.warning import warning_threshold
from tests.benchmarks.signal.contest import MONTH, clipped, known
from tests.benchmarks.signal.detectors import Path, llr, sign
from tests.benchmarks.signal.worlds import SESSION, Floats, Sample

LEARNED = 20
"""Sessions."""

Keys = Callable[[NDArray[np.int64]], NDArray[np.int64]]
"""The tick-rate bucket of each bar of the session."""


def one_key(bars: NDArray[np.int64]) -> NDArray[np.int64]:
    """No buckets: a pair that does not look at tick rates."""
    return np.zeros_like(bars)


def halves_of_octaves(factor: float) -> Keys:
    """Buckets of a tick rate that rises by `factor` in the course of the session."""
    octaves = np.log2(factor)

    def keys(bars: NDArray[np.int64]) -> NDArray[np.int64]:
        bucket = (bars / SESSION * octaves * 2).astype(np.int64)
        return np.asarray(np.minimum(bucket, int(octaves * 2) - 1))

    return keys


class Learned(msgspec.Struct, frozen=True):
    """p0 (bar, column) and the thresholds of both detectors likewise."""

    p0: Floats
    confirming: Floats
    warning: Floats
    median: tuple[float, float]
    """The thresholds a pair has in the middle."""


def learn(history: Sample, columns: int, keys: Keys) -> Learned:
    """What each pair of `LEARNED` columns of `history` would hold in as many columns to come.

    `columns` is how many columns are watched; pairs take turns.
    """
    bucket = keys(np.arange(SESSION))
    pairs = history.x.shape[1] // LEARNED
    figures = np.array([_pair(history, pair, bucket) for pair in range(pairs)])
    of_column = figures[np.arange(columns) % pairs]
    spread = np.moveaxis(of_column[:, bucket], (0, 1, 2), (1, 0, 2))
    middle = np.median(figures, axis=(0, 1))
    return Learned(
        spread[:, :, 0], spread[:, :, 1], spread[:, :, 2], (float(middle[1]), float(middle[2]))
    )


def _pair(history: Sample, pair: int, bucket: NDArray[np.int64]) -> list[tuple[float, ...]]:
    links = [Concordance() for _ in range(int(bucket.max()) + 1)]
    for session in range(pair * LEARNED, (pair + 1) * LEARNED):
        columns = (r[:SESSION, session].tolist() for r in (history.x, history.y))
        for key, x, y in zip(bucket.tolist(), *columns, strict=True):
            links[key].update(x, y)
        for link in links:
            link.new_session()
    return [_figures(link) for link in links]


def _figures(link: Concordance) -> tuple[float, float, float]:
    p0, moves = link.value().value or 0.5, link.dispersion() or Dispersion(0.0, 0.0)
    # Of budgets a month, shared out by time between the keys of a pair.
    asked = (float(p0), float(MONTH * SESSION), moves.between, moves.within)
    return float(p0), threshold(*asked) or np.inf, warning_threshold(*asked) or np.inf


def watched(sample: Sample, learned: Learned, *, restart: bool = False) -> tuple[Path, Path]:
    """Both detectors' S over their thresholds: 1 is the alarm. `restart` at the turn."""
    sessions = len(sample.x) // SESSION
    p0, confirming, warning = (
        np.tile(f, (sessions, 1)) for f in (learned.p0, learned.confirming, learned.warning)
    )
    zx, zy = clipped(sample, known(sample))
    first = (np.arange(len(sample.x))[:, None] == sample.turn) if restart else None
    return (
        (sign(sample.x, sample.y, SESSION, p0, first) / confirming).astype(np.float32),
        (llr(zx, zy, SESSION, p0, restart=first) / warning).astype(np.float32),
    )
