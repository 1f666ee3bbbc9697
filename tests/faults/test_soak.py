from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from tests.faults import soak
from tests.faults.drift import Drift
from tests.faults.evenings import DRIFT, Evening, Soak, slope

FLAT = Evening(
    resident=100_000_000,
    objects=1000,
    files=26,
    tasks=24,
    threads=5,
    state=0,
    ticks=0,
    transitions=0,
)


NONE = Drift(0.0, 0.0, 0.0)


def result(evenings: list[Evening], drift: Drift = NONE) -> Soak:
    growth, error = slope([one.resident / 1e6 for one in evenings])
    return Soak(
        seed=1,
        days=len(evenings),
        mqtt=False,
        seconds=1.0,
        memory_slope=growth,
        memory_error=error,
        objects_slope=0.0,
        drift=drift,
        evenings=tuple(evenings),
    )


def test_two_short_sessions_leave_nothing_behind_and_statistics_equal_the_batch(
    tmp_path: Path,
) -> None:
    played = soak.run(tmp_path, days=2, seed=1, length=1200.0, past=0, mqtt=False)
    first, second = played.evenings
    assert second.ticks > 1.5 * first.ticks
    assert (second.files, second.tasks) == (first.files, first.tasks)
    assert max(msgspec.structs.astuple(played.drift)) <= DRIFT


def test_what_stays_the_same_is_no_fault() -> None:
    assert result([FLAT] * 12).faults() == []


def test_two_megabytes_a_week_are_found() -> None:
    evenings = [
        msgspec.structs.replace(FLAT, resident=FLAT.resident + 400_000 * n) for n in range(12)
    ]
    assert result(evenings).memory_slope == pytest.approx(2.0)
    assert result(evenings).faults() == ["memory grows"]


def test_what_fills_up_in_the_first_days_is_no_growth() -> None:
    filling = [msgspec.structs.replace(FLAT, resident=10_000_000 * n) for n in range(5)]
    assert result([*filling, *[FLAT] * 7]).faults() == []


def test_a_file_and_a_task_left_open_are_found() -> None:
    left = msgspec.structs.replace(FLAT, files=27, tasks=25)
    said = result([*[FLAT] * 11, left]).faults()
    assert said == ["file descriptors grow", "tasks come and stay"]


def test_a_statistic_that_is_off_or_undefined_is_found() -> None:
    for drift in (Drift(1e-6, 0.0, 0.0), Drift(0.0, 0.0, np.inf)):
        assert result([FLAT] * 12, drift).faults() == ["a statistic drifts"]
