"""Each estimator's own step, compiled, leaves the state that it leaves interpreted, bit for bit.

Those of which whole runs are compiled are in `test_compiled`.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from math import exp
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import streams.estimators
from streams.estimators import (
    cause,
    concordance,
    divergence,
    drawdown,
    exact_hy,
    first_mover,
    joint_beta,
    latch,
    lead_claim,
    moments,
    partial,
    profile,
    quadrant,
    regime,
    regression,
    tick_rate,
    volatility,
    warning,
)
from streams.estimators.decay import rate
from tests.streams.estimators.test_compiled import compiled

__all__ = ["compiled"]

CHECKED = os.environ.get("NUMBA_BOUNDSCHECK") == "1"
BARS = 3000
F = exp(rate(60.0))
IN_COMPILED = {
    "beta", "breakdown", "concordance", "divergence", "hayashi_yoshida", "lead_lag", "pearson",
}  # fmt: skip

Run = Callable[[Any], Any]
Program = Callable[[Any, Run], None]


@cache
def rows() -> list[list[float]]:
    """Returns of x, y and a control: fat tails, clusters, bars without a move, one bad print."""
    rng = np.random.default_rng(23)
    scale = np.exp(0.5 * np.sin(np.arange(BARS) / 200.0))[:, None]
    z = rng.standard_t(4, (BARS, 3)) * scale * 1e-3
    z[:, 1] = 0.6 * z[:, 0] + 0.8 * z[:, 1]
    z[rng.random((BARS, 3)) < 0.1] = 0.0
    z[BARS // 2 : BARS // 2 + 80] = 0.0
    z[BARS // 3, 0] = 0.5
    found: list[list[float]] = z.tolist()
    return found


def of_exact_hy(s: Any, run: Run) -> None:
    ticks = {0: exact_hy.x_tick, 1: exact_hy.y_tick, 2: exact_hy.both_tick}
    steps = {leg: run(step) for leg, step in ticks.items()}
    x = y = 0.0
    for bar, (rx, ry, _) in enumerate(rows()):
        x, y = x + rx, y + ry
        legs = {0: (x,), 1: (y,), 2: (x, y)}
        steps[bar % 3](s, 7.0 * (bar // 2), *legs[bar % 3], 40, 400.0)


def of_partial(s: Any, run: Run) -> None:
    step = run(partial.step)
    for x, y, z in rows():
        s[:4] = 1.0, z, x, y
        step(s, 1, F)


def of_ew_pearson(s: Any, run: Run) -> None:
    step = run(partial.step)
    for x, y, _ in rows():
        s[:3] = 1.0, x, y
        step(s, 0, F)


def of_joint_beta(s: Any, run: Run) -> None:
    step = run(joint_beta.step)
    for x, y, z in rows():
        step(s, x, y, z, F)


def of_quadrant(s: Any, run: Run) -> None:
    step = run(quadrant.step)
    for x, y, _ in rows():
        step(s, x, y, F)


def of_volatility(s: Any, run: Run) -> None:
    step = run(volatility.step)
    for x, _, _ in rows():
        step(s, x, F)


def of_drawdown(s: Any, run: Run) -> None:
    step = run(drawdown.step)
    level = 7.0
    for bar, (x, _, _) in enumerate(rows()):
        level += x
        step(s, 1200.0, 20, 60.0 * bar, level)


def of_divergence(s: Any, run: Run) -> None:
    """Sessions, a scale of its own for each bar, and a second market."""
    take, end = run(divergence.take), run(divergence.end_session)
    for bar, (x, y, z) in enumerate(rows()):
        if bar % 390 == 0:
            end(s, 20, F)
        take(s, 20, F, x - y, 1.0 + abs(z), y, z)


def of_profile(s: Any, run: Run) -> None:
    step, end = run(profile.step), run(profile.end_session)
    for bar, (x, _, _) in enumerate(rows()):
        if bar % 60 == 0:
            end(s, 60, F)
        step(s, 60, 1.85, bar % 60, x)


def of_warning(s: Any, run: Run) -> None:
    take_up, step, begin = run(latch.take_up), run(warning.step), run(latch.begin_session)
    for bar, (x, y, _) in enumerate(rows()):
        if bar % 1560 == 0:
            begin(s)
        take_up(s, 15e9 * bar, 0.7, 0.68, 5.0)
        step(s, x, -y if bar > 2 * BARS // 3 else y, F)


def of_cause(s: Any, run: Run) -> None:
    step, settle = run(cause.step), run(cause.settle)
    for bar, (x, y, _) in enumerate(rows()):
        step(s, x - y, y)
        if bar % 300 < 200:
            settle(s, rate(1560.0))


def of_concordance(s: Any, run: Run) -> None:
    """The ends of sessions; the bars are in `test_compiled`."""
    step, end = run(concordance.step), run(concordance.end_session)
    for bar, (x, y, _) in enumerate(rows()):
        if bar % 500 == 0:
            end(s, F)
        step(s, x, y, 20.0)


def of_regime(s: Any, run: Run) -> None:
    step = run(regime.step)
    for x, y, z in rows():
        step(s, 1e3 * x, 1e3 * y, 2e3 * z)


def of_tick_rate(s: Any, run: Run) -> None:
    step, end = run(tick_rate.step), run(tick_rate.end_session)
    for bar, (x, y, _) in enumerate(rows()):
        if bar % 390 == 0:
            end(s)
        step(s, 0.5 + abs(x), 1e3 * abs(y))


def of_lead_claim(s: Any, run: Run) -> None:
    add_day = run(lead_claim.add_day)
    for x, _, _ in rows()[:100]:
        add_day(s, round(1e3 * x))


PROGRAMS: dict[str, tuple[int, Program]] = {
    "cause": (cause.SIZE, of_cause),
    "concordance": (concordance.SIZE, of_concordance),
    "divergence": (divergence.size(20), of_divergence),
    "drawdown": (drawdown.size(20), of_drawdown),
    "ew_pearson": (regression.size(1, 3) + moments.SIZE, of_ew_pearson),
    "exact_hy": (exact_hy.size(40), of_exact_hy),
    "joint_beta": (joint_beta.SIZE, of_joint_beta),
    "lead_claim": (lead_claim.SIZE, of_lead_claim),
    "partial": (regression.size(2, 4) + moments.SIZE, of_partial),
    "profile": (profile.size(60), of_profile),
    "quadrant": (quadrant.SIZE, of_quadrant),
    "regime": (regime.SIZE, of_regime),
    "tick_rate": (tick_rate.SIZE, of_tick_rate),
    "volatility": (volatility.SIZE, of_volatility),
    "warning": (warning.SIZE, of_warning),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_compiled_step_leaves_the_same_state(compiled: ModuleType, name: str) -> None:
    size, program = PROGRAMS[name]
    interpreted, array = [0.0] * size, np.zeros(size)
    program(interpreted, lambda step: step)
    program(array, compiled.compiled)
    assert array.tolist() == interpreted
    assert array.any()


def test_who_moved_first_is_the_same_compiled(compiled: ModuleType) -> None:
    x = np.array(rows())[:240, 0]
    for step in (first_mover.is_move, first_mover.half_way):
        for returns in (x, x + 3e-4, np.zeros(0)) if step is first_mover.is_move else (x,):
            assert compiled.compiled(step)(returns) == step(returns.tolist())


def test_no_estimator_is_left_out() -> None:
    modules = [module.name for module in pkgutil.iter_modules(streams.estimators.__path__)]
    stepping = {
        name
        for name in modules
        if name != "compiled"
        and {"step", "x_tick"} & vars(importlib.import_module(f"streams.estimators.{name}")).keys()
    }
    assert stepping <= PROGRAMS.keys() | IN_COMPILED


def test_no_step_reads_or_writes_outside_its_state(compiled: ModuleType) -> None:
    """The others once more, in a process where numba checks every index."""
    if CHECKED:
        pytest.skip("this is that process")
    assert compiled
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__],
        env={**os.environ, "NUMBA_BOUNDSCHECK": "1"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout
