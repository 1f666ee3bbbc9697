"""What a process is like after each of many days, and whether it is as it must be."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from tests.faults.drift import Drift

WEEK = 5
"""Sessions."""
SLOPE = 1.0
"""MB a simulated week that memory may grow by."""
DRIFT = 1e-9
"""How far a statistic may be from the batch."""
_FILLING = 11
"""Sessions of which charts are kept; of a shorter run the first half is left out of the slopes."""


class Evening(msgspec.Struct, frozen=True):
    """The process after a close; bytes, and objects that Python's collector knows."""

    resident: int
    objects: int
    files: int
    tasks: int
    threads: int
    state: int
    """Bytes of the state file."""
    ticks: int
    """Since the beginning, as `transitions`."""
    transitions: int


class Soak(msgspec.Struct, frozen=True):
    """What came of it."""

    seed: int
    days: int
    mqtt: bool
    seconds: float
    """Real ones."""
    memory_slope: float
    """MB a simulated week, after the first days, and its standard error."""
    memory_error: float
    objects_slope: float
    """Objects a simulated week."""
    drift: Drift
    evenings: tuple[Evening, ...]

    def faults(self) -> list[str]:
        """What is not as it must be."""
        late = self.evenings[-max(len(self.evenings) // 2, 1) :]
        said = []
        if self.memory_slope - 2.0 * self.memory_error > SLOPE:
            said.append("memory grows")
        if max(one.files for one in late) > max(one.files for one in self.evenings[:-1] or late):
            said.append("file descriptors grow")
        if len({one.tasks for one in late}) > 1:
            said.append("tasks come and stay")
        if max(self.drift.pearson, self.drift.ew_pearson, self.drift.corr) > DRIFT:
            said.append("a statistic drifts")
        return said


def slope(values: Sequence[float]) -> tuple[float, float]:
    """A week's, after the first days, and its standard error."""
    kept = values[min(_FILLING, len(values) // 2) :]
    if len(kept) < 3:  # no residual is left
        return 0.0, 0.0
    weeks = np.arange(len(kept)) / WEEK
    (growth, _), covariance = np.polyfit(weeks, kept, 1, cov="unscaled")
    residual = np.asarray(kept) - np.polyval(np.polyfit(weeks, kept, 1), weeks)
    error = np.sqrt(residual @ residual / (len(kept) - 2) * covariance[0, 0])
    return float(growth), float(error)
