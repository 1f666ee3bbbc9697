"""river's drift detectors as they come, on the signs of 15 s bars; skipped where not installed."""

from __future__ import annotations

from importlib import import_module, util
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.figures import Figure
from tests.benchmarks.signal.worlds import SESSION, Sample, World, simulate

_ABSENT = "river is not installed: its ADWIN and PageHinkley were not run."
_PRESENT = (
    "river's detectors have their own settings and no sessions; delays are of the breaks they "
    "found within two sessions."
)


def river_detectors(sessions: int, rng: np.random.Generator) -> tuple[list[Figure], str]:
    """Drifts found a month with nothing the matter, and minutes until a break is found."""
    if util.find_spec("river") is None:
        return [], _ABSENT
    drift = import_module("river.drift")
    calm = simulate(World(""), sessions, rng)
    broken = simulate(World("", remains=0.0), sessions, rng, 2, calm=1)
    figures = []
    for name in ("ADWIN", "PageHinkley"):
        make = getattr(drift, name)
        figures += [
            Figure(f"river {name}", _drifts(make(), calm), "drifts a month"),
            Figure(f"river {name}: rho 0.6 → 0", _delay(make, broken), "min"),
        ]
    return figures, _PRESENT


def _signs(sample: Sample, column: int) -> NDArray[np.bool_]:
    return np.asarray(sample.x[:, column] * sample.y[:, column] > 0.0)


def _drifts(detector: Any, sample: Sample) -> float:
    found, sessions = 0, int(sample.x.shape[1])
    for column in range(sessions):
        for sign in _signs(sample, column).tolist():
            detector.update(float(sign))
            found += bool(detector.drift_detected)
    return found * 21 / sessions


def _delay(make: Any, sample: Sample) -> float:
    """Mean, of the columns where a drift is found in what is left of the session or never."""
    waits = []
    for column in range(sample.x.shape[1]):
        detector, turn = make(), int(sample.turn[column])
        for bar, sign in enumerate(_signs(sample, column).tolist()):
            detector.update(float(sign))
            if bar >= turn and detector.drift_detected:
                waits.append((bar - turn + 1) / 4)
                break
    return float(np.mean(waits)) if waits else float(SESSION)
