"""The detectors of the contest, each with its threshold for one false alarm a month."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.estimators.run_length import threshold
from streams.estimators.warning import HALFLIFE, warning_threshold
from tests.benchmarks.signal import detectors
from tests.benchmarks.signal.detectors import Path
from tests.benchmarks.signal.worlds import Floats, Sample

MONTH = 21
CONFIRMING, WARNING = "sign CUSUM (breakdown)", "clipped t-LLR (warning)"
NAIVE = "rolling 20 < 0.3"


class Known(msgspec.Struct, frozen=True):
    """What a detector knows beforehand: p0, and the profile of both legs."""

    p0: float
    shapes: tuple[Floats, Floats]


def known(sample: Sample, columns: int = 20) -> Known:
    """p0 of all, and the profile of the first `columns` sessions."""
    product = sample.x * sample.y
    p0 = float((product > 0).sum() / (product != 0).sum())
    x, y = (_shape(r[: sample.bars, :columns], sample.bars // 78) for r in (sample.x, sample.y))
    return Known(p0, (x, y))


def _shape(r: Path, bucket: int) -> Floats:
    """Root mean squares of five minutes each, smoothed."""
    squares = np.minimum(r * r, 16 * np.mean(r * r)).reshape(-1, bucket, r.shape[1])
    level = np.convolve(np.pad(squares.mean(axis=(1, 2)), 1, "edge"), [0.25, 0.5, 0.25], "valid")
    return np.repeat(np.sqrt(level), bucket)


def clipped(sample: Sample, held: Known) -> tuple[Path, Path]:
    """The returns that the warning looks at."""
    limit = 2.0
    x, y = (
        np.clip(detectors.scaled(r, shape, HALFLIFE), -limit, limit)
        for r, shape in zip((sample.x, sample.y), held.shapes, strict=True)
    )
    return x, y


def paths(sample: Sample, held: Known) -> Iterable[tuple[str, Path]]:
    """All detectors over one sample, one at a time."""
    x, y, bars = sample.x, sample.y, sample.bars
    minute = bars // 390
    yield CONFIRMING, detectors.sign(x, y, bars, held.p0)
    zx, zy = clipped(sample, held)
    yield WARNING, detectors.llr(zx, zy, bars, held.p0)
    yield "clipped rolling 30 min", detectors.rolling(zx, zy, bars, 30 * minute)
    zx, zy = (
        detectors.scaled(r, shape, 60.0) for r, shape in zip((x, y), held.shapes, strict=True)
    )
    yield "t-LLR, not clipped", detectors.llr(zx, zy, bars, held.p0)
    yield "Gaussian CUSUM", detectors.gauss(zx, zy, bars, held.p0)
    for window in (30, 60, 120):
        yield f"rolling {window} min", detectors.rolling(x, y, bars, window * minute)
    yield NAIVE, detectors.rolling(x, y, bars, 20)
    yield "Page-Hinkley", detectors.page_hinkley(x, y, bars)
    rho = float(np.sin(np.pi * (held.p0 - 0.5)))
    yield "Wied-Galeano", detectors.expanding(zx, zy, bars, rho, 20 * bars)


def thresholds(sample: Sample, held: Known) -> dict[str, float]:
    """Ours by their own formulas, the others' where this sample alarms once a month."""
    return {name: monthly(path) for name, path in paths(sample, held)} | own_thresholds(
        sample, held
    )


def own_thresholds(sample: Sample, held: Known) -> dict[str, float]:
    """Those that need no calibration on a sample."""
    bars = float(sample.bars)
    arl = MONTH * bars
    return {
        CONFIRMING: threshold(held.p0, arl, session_bars=bars) or np.inf,
        WARNING: warning_threshold(held.p0, arl, session_bars=bars) or np.inf,
        NAIVE: -0.3,
    }


def monthly(path: Path) -> float:
    """The threshold at which one session in 21 has an alarm."""
    return float(np.quantile(path.max(axis=0), 1 - 1 / MONTH))


def rate(path: Path, h: float) -> float:
    """Sessions a month with an alarm: the alarm is latched, so one a session counts."""
    return float(MONTH * (path.max(axis=0) >= h).mean())


class Delays(msgspec.Struct, frozen=True):
    """Minutes from the turn to the alarm, and the share not found in what was simulated."""

    mean: float
    median: float
    p90: float
    missed: float


def delays(path: Path, h: float, turn: NDArray[np.int64], session: int) -> Delays:
    """Of the columns in which no alarm stood before the turn."""
    rows = np.arange(len(path))[:, None]
    hit = np.asarray(path >= h)
    calm = ~(hit & (rows < turn)).any(axis=0)
    hit &= rows >= turn
    found = np.asarray(hit.any(axis=0))
    minutes = (hit.argmax(axis=0) - turn + 1)[calm & found] * (390.0 / session)
    if not len(minutes):
        return Delays(np.inf, np.inf, np.inf, 1.0)
    return Delays(
        float(minutes.mean()),
        float(np.median(minutes)),
        float(np.quantile(minutes, 0.9)),
        float(1 - found[calm].mean()),
    )
