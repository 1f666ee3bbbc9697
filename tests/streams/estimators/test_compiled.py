"""What runs over arrays is what runs a tick at a time, to the last bit."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from math import inf
from types import ModuleType

import numpy as np
import pytest

from streams.estimators.beta import Beta
from streams.estimators.breakdown import Breakdown
from streams.estimators.concordance import Concordance
from streams.estimators.divergence import Divergence
from streams.estimators.hayashi_yoshida import HayashiYoshida
from streams.estimators.lead_lag import LeadLag, grid
from streams.estimators.pearson import Pearson
from streams.sampling import Bars, Thinning

CHECKED = os.environ.get("NUMBA_BOUNDSCHECK") == "1"
TICKS = 20_000 if CHECKED else 200_000


@pytest.fixture(scope="module")
def compiled() -> ModuleType:
    if importlib.util.find_spec("numba") is None:
        pytest.skip("numba is not installed (extra `research`)")
    return importlib.import_module("streams.estimators.compiled")


def times(rng: np.random.Generator, n: int) -> np.ndarray:
    """Irregular, one in four at the same instant as its neighbour, on a grid that gives ties."""
    steps = rng.exponential(2.0, n) * (rng.random(n) > 0.25)
    return 5.3e7 + np.round(steps.cumsum() * 4) / 4


def prices(rng: np.random.Generator, n: int) -> np.ndarray:
    """A walk with moves of 0 and constant stretches, and one bad print."""
    moves = rng.standard_t(3, n) * 1e-4 * (rng.random(n) > 0.3)
    moves[n // 3 : n // 3 + n // 20] = 0.0
    walk = 7.5 + moves.cumsum()
    walk[n // 2] += 3.0
    return walk


def legs(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(17)
    return times(rng, n // 2), prices(rng, n // 2), times(rng, n // 2), prices(rng, n // 2)


def feed(pair: HayashiYoshida | LeadLag, ticks: tuple[np.ndarray, ...], x_leg: int) -> None:
    for t, leg, x, y in zip(*(column.tolist() for column in ticks), strict=True):
        if leg == 3:
            pair.both_tick(t, x, y)
        elif leg == x_leg:
            pair.x_tick(t, x)
        else:
            pair.y_tick(t, y)


def test_a_tie_of_both_legs_is_one_tick_of_both(compiled: ModuleType) -> None:
    ticks = compiled.merge(
        np.array([1.0, 2.0, 2.0, 5.0]),
        np.array([10.0, 11.0, 12.0, 13.0]),
        np.array([2.0, 3.0]),
        np.array([20.0, 21.0]),
    )
    assert ticks.t.tolist() == [1.0, 2.0, 2.0, 3.0, 5.0]
    assert ticks.leg.tolist() == [1, 1, 3, 2, 1]
    assert ticks.x.tolist() == [10.0, 11.0, 12.0, 12.0, 13.0]
    assert ticks.y.tolist() == [0.0, 0.0, 20.0, 21.0, 21.0]


def test_no_ticks_merge_to_none(compiled: ModuleType) -> None:
    none = np.zeros(0)
    assert [len(column) for column in compiled.merge(none, none, none, none)] == [0, 0, 0, 0]


@pytest.mark.parametrize("halflife", [inf, 1248.0, 30.0])
def test_hayashi_yoshida(compiled: ModuleType, halflife: float) -> None:
    ticks = compiled.merge(*legs(TICKS))
    assert {1, 2, 3} == set(ticks.leg.tolist())
    pair = HayashiYoshida(halflife)
    feed(pair, ticks, compiled.X)
    assert compiled.run_hayashi_yoshida(ticks, halflife).tolist() == pair.state


@pytest.mark.parametrize(("halflife", "capacity"), [(inf, 1024), (1248.0, 64), (1248.0, 16)])
def test_lead_lag(compiled: ModuleType, halflife: float, capacity: int) -> None:
    """The smallest capacity breaks off again and again."""
    ticks = compiled.merge(*legs(TICKS))
    pair = LeadLag(grid(10.0, 0.5), halflife, capacity)
    feed(pair, ticks, compiled.X)
    found = compiled.run_lead_lag(ticks, grid(10.0, 0.5), halflife, capacity)
    assert found.tolist() == pair.state
    assert pair.value().value is not None


def test_thinning(compiled: ModuleType) -> None:
    ts = (times(np.random.default_rng(1), TICKS) * 1e9).astype(np.int64)
    thinning = Thinning(5_000_000_000)
    expected = [thinning.keep(t) for t in ts.tolist()]
    assert compiled.run_thinning(ts, 5_000_000_000).tolist() == expected
    assert any(expected)
    assert not all(expected)


def test_bars(compiled: ModuleType) -> None:
    ts = (times(np.random.default_rng(2), TICKS) * 1e9).astype(np.int64)
    bars = Bars(15_000_000_000)
    expected = [(end, i - 1) for i, t in enumerate(ts.tolist()) for end in bars.due(t)]
    ends, last = compiled.run_bars(ts, 15_000_000_000)
    assert list(zip(ends.tolist(), last.tolist(), strict=True)) == expected
    assert len(expected) > 1000


def test_no_ticks_end_no_bars(compiled: ModuleType) -> None:
    assert [len(found) for found in compiled.run_bars(np.zeros(0, np.int64), 15)] == [0, 0]


def returns(compiled: ModuleType) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Linked, but for the third quarter."""
    rng = np.random.default_rng(5)
    x = np.diff(prices(rng, TICKS + 1))
    linked = (rng.random(TICKS) < 0.7) & (np.arange(TICKS) * 4 // TICKS != 2)
    y = np.where(linked, x, np.diff(prices(rng, TICKS + 1)))
    ends = np.arange(1, TICKS + 1, dtype=np.int64) * 15_000_000_000
    bars: tuple[np.ndarray, np.ndarray, np.ndarray] = compiled.Bars(ends, x, y)
    return bars


def test_pearson(compiled: ModuleType) -> None:
    bars = returns(compiled)
    pearson = Pearson(60)
    for x, y in zip(bars[1].tolist(), bars[2].tolist(), strict=True):
        pearson.update(x, y)
    assert compiled.run_pearson(bars, 60).tolist() == pearson.state


def test_beta(compiled: ModuleType) -> None:
    bars = returns(compiled)
    beta = Beta(390.0)
    for x, y in zip(bars[1].tolist(), bars[2].tolist(), strict=True):
        beta.update(x, y)
    assert compiled.run_beta(bars, 390.0).tolist() == beta.state


def test_concordance(compiled: ModuleType) -> None:
    bars = returns(compiled)
    link = Concordance()
    for x, y in zip(bars[1].tolist(), bars[2].tolist(), strict=True):
        link.update(x, y)
    assert compiled.run_concordance(bars).tolist() == link.state


def test_breakdown(compiled: ModuleType) -> None:
    """Nothing is known of the link at first."""
    bars = returns(compiled)
    cut = TICKS // 10
    link = Breakdown(1560.0)
    h = link.threshold(0.7, 0.01, 0.0)
    broken = []
    for i, (end, x, y) in enumerate(zip(*(column.tolist() for column in bars), strict=True)):
        link.update(x, y, end, None if i < cut else 0.7, 0.01)
        broken.append(link.onset_ns is not None)
    early = compiled.Bars(*(column[:cut] for column in bars))
    late = compiled.Bars(*(column[cut:] for column in bars))
    state, unknown = compiled.run_breakdown(early, 0.0, -0.01, 0.0)
    state, flags = compiled.run_breakdown(late, 0.7, 0.7 - 0.01, h, state)
    assert state.tolist() == link.state
    assert [*unknown.tolist(), *flags.tolist()] == broken
    assert any(broken)
    assert not all(broken[cut:])


def test_divergence(compiled: ModuleType) -> None:
    """A twentieth of the bars: each adds its whole horizon up."""
    bars = compiled.Bars(*(column[:: TICKS // 10_000] for column in returns(compiled)))
    betas = np.linspace(0.5, 2.0, len(bars.x))
    gap = Divergence(60)
    for x, y, beta in zip(bars.x.tolist(), bars.y.tolist(), betas.tolist(), strict=True):
        gap.update(x, y, beta)
    assert compiled.run_divergence(bars, betas, 60).tolist() == gap.state
    assert gap.value().value is not None


def test_a_run_goes_on_from_where_another_stopped(compiled: ModuleType) -> None:
    ticks = compiled.merge(*legs(TICKS))
    cut = TICKS // 3
    early = compiled.Ticks(*(column[:cut] for column in ticks))
    late = compiled.Ticks(*(column[cut:] for column in ticks))
    half = compiled.run_hayashi_yoshida(early, 1248.0)
    whole = compiled.run_hayashi_yoshida(ticks, 1248.0)
    assert compiled.run_hayashi_yoshida(late, 1248.0, half).tolist() == whole.tolist()


def test_no_step_reads_or_writes_outside_its_state(compiled: ModuleType) -> None:
    """The other tests once more, in a process where numba checks every index."""
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


def test_the_daemon_does_without_numba() -> None:
    found = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, daemon.app, daemon.__main__; print('numba' in sys.modules)",
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    assert found.stdout == "False\n"
