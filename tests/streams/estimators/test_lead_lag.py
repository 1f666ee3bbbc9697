from __future__ import annotations

from itertools import pairwise
from math import inf, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.estimators.lead_lag import HEAD, NX, NY, VX, VY, LeadLag, grid

Ticks = list[tuple[float, float]]

LAGS = grid(12.0, 1.5)


def feed(pair: LeadLag, xs: Ticks, ys: Ticks) -> None:
    """Merged in time; of ticks at one instant x's come first."""
    for t, is_y, price in sorted(
        [(t, False, p) for t, p in xs] + [(t, True, p) for t, p in ys], key=lambda tick: tick[:2]
    ):
        (pair.y_tick if is_y else pair.x_tick)(t, price)


def intervals(ticks: Ticks, other: Ticks, *, ties_before: bool) -> list[tuple[float, float, float]]:
    """(start, end, return) from the last tick when both legs are known; x's come before y's."""
    first = 0
    for i, (t, _) in enumerate(ticks):
        if t < other[0][0] or (ties_before and t == other[0][0]):
            first = i
    return [(a, b, q - p) for (a, p), (b, q) in pairwise(ticks[first:])]


def brute_force(xs: Ticks, ys: Ticks, lags: tuple[float, ...], k: float) -> list[float]:
    """The definition, each product dated at the end of the x interval; then both variations."""
    dx, dy = intervals(xs, ys, ties_before=True), intervals(ys, xs, ties_before=False)
    now = dx[-1][1]
    sums = [
        sum(
            rx * ry * np.exp(k * (now - b))
            for a, b, rx in dx
            for c, d, ry in dy
            if a + lag < d and c < b + lag
        )
        for lag in lags
    ]
    ends = [b for _, b, _ in dx]
    dated = ((next((e for e in ends if e >= d), now), ry) for _, d, ry in dy)
    return [
        *sums,
        sum(rx * rx * np.exp(k * (now - b)) for _, b, rx in dx),
        sum(ry * ry * np.exp(k * (now - at)) for at, ry in dated),
    ]


def found(pair: LeadLag, lags: tuple[float, ...] = LAGS) -> list[float]:
    s = pair.state
    return [*s[HEAD : HEAD + len(lags)], s[VX], s[VY]]


def leg() -> st.SearchStrategy[Ticks]:
    times = st.lists(st.integers(0, 120), min_size=2, max_size=40, unique=True).map(sorted)
    return times.flatmap(
        lambda ts: st.lists(st.floats(-1, 1), min_size=len(ts), max_size=len(ts)).map(
            lambda ps: [(t / 2, p) for t, p in zip(ts, ps, strict=True)]
        )
    )


@settings(max_examples=150, deadline=None)
@given(leg(), leg(), st.sampled_from([inf, 20.0]))
def test_equals_the_definition_with_ties_and_decay(xs: Ticks, ys: Ticks, halflife: float) -> None:
    pair = LeadLag(LAGS, halflife)
    feed(pair, xs, ys)
    pair.break_()

    if not intervals(xs, ys, ties_before=True):
        assert pair.state[NX] == 0.0
        return
    expected = brute_force(xs, ys, LAGS, -log(2) / halflife)
    assert found(pair) == pytest.approx(expected, rel=1e-10, abs=1e-12)


def walk(seed: int, seconds: float, lag: float = 0.0, rho: float = 0.6) -> tuple[Ticks, Ticks]:
    """Ticks of a Brownian pair at 2 and 0.5 a second; x leads by `lag`."""
    rng = np.random.default_rng(seed)
    tx = np.sort(rng.uniform(0, seconds, int(2 * seconds)))
    ty = np.sort(rng.uniform(0, seconds, int(seconds / 2)))
    at = np.union1d(tx, ty - lag)
    common = (rng.standard_normal(at.size) * np.sqrt(np.diff(at, prepend=at[0]))).cumsum() * 1e-4
    own = (rng.standard_normal(ty.size) * np.sqrt(np.diff(ty, prepend=0))).cumsum() * 1e-4
    x = common[np.searchsorted(at, tx)]
    y = rho * common[np.searchsorted(at, ty - lag)] + np.sqrt(1 - rho * rho) * own
    return list(zip(tx.tolist(), x.tolist(), strict=True)), list(
        zip(ty.tolist(), y.tolist(), strict=True)
    )


@pytest.mark.parametrize(("lag", "sign"), [(4.0, 1), (-4.0, -1)])
def test_the_lag_is_found_and_the_leader_is_positive_for_x(lag: float, sign: int) -> None:
    pair = LeadLag(grid(10.0, 0.5))
    feed(pair, *walk(1, 3600.0, lag))

    assert pair.value().value == pytest.approx(lag, abs=0.5)
    llr = pair.llr(beyond=2.0)
    assert llr is not None
    assert sign * log(llr) > 1.0


def test_without_a_lag_sparse_ticks_make_none() -> None:
    lags, ratios = [], []
    for seed in range(20):
        pair = LeadLag(grid(10.0, 0.5))
        feed(pair, *walk(seed, 3600.0))
        lags.append(pair.value().value)
        ratios.append(log(pair.llr() or 0.0))
    assert max(abs(lag or 0.0) for lag in lags) <= 0.5
    assert abs(np.mean(ratios)) < 0.1


def test_swapping_the_legs_mirrors_the_profile() -> None:
    xs, ys = walk(3, 1800.0, 2.0)
    one, other = LeadLag(LAGS), LeadLag(LAGS)
    feed(one, xs, ys)
    feed(other, ys, xs)
    one.break_()
    other.break_()

    assert [rho for _, rho in one.profile()] == pytest.approx(
        [rho for _, rho in reversed(other.profile())], abs=1e-3
    )


def test_a_small_capacity_changes_nothing_while_both_legs_tick() -> None:
    xs, ys = walk(4, 3600.0, 2.0)
    roomy, tight = LeadLag(LAGS, 900.0, capacity=8192), LeadLag(LAGS, 900.0, capacity=128)
    feed(roomy, xs, ys)
    feed(tight, xs, ys)

    assert found(tight) == found(roomy)
    assert tight.gap == roomy.gap


@pytest.mark.parametrize("silent", ["x", "y"])
def test_a_silence_longer_than_the_capacity_is_a_break(silent: str) -> None:
    xs, ys = walk(5, 1800.0)
    pair = LeadLag(LAGS, capacity=64)
    feed(pair, xs[:1000], ys[: len([t for t, _ in ys if t < xs[1000][0]])])
    ticks = (pair.x_tick, pair.y_tick) if silent == "y" else (pair.y_tick, pair.x_tick)
    for i in range(200):
        ticks[0](1000.0 + i, 1e-4 * (i % 2))
    before = found(pair)

    ticks[1](1300.0, 7.0)
    for i in range(20):
        ticks[0](1301.0 + i, 0.0)

    assert found(pair) == before


def test_a_break_is_not_a_return() -> None:
    xs, ys = walk(6, 1800.0, 2.0)
    pairs = []
    for jump in (0.0, 0.5):
        pair = LeadLag(LAGS, 600.0)
        feed(pair, [(t, p) for t, p in xs if t < 900], [(t, p) for t, p in ys if t < 900])
        pair.break_()
        feed(
            pair,
            [(t, p + jump) for t, p in xs if t >= 900],
            [(t, p - jump) for t, p in ys if t >= 900],
        )
        pairs.append(pair)

    assert found(pairs[1]) == pytest.approx(found(pairs[0]), rel=1e-8, abs=1e-13)


def test_of_ticks_at_one_instant_the_last_counts() -> None:
    xs, ys = walk(7, 600.0)
    once, twice = LeadLag(LAGS), LeadLag(LAGS)
    feed(once, xs, ys)
    feed(twice, [t for u, p in xs for t in ((u, p + 1.0), (u, p))], ys)
    assert found(twice) == found(once)


def test_time_that_steps_back_stands_still() -> None:
    one, other = LeadLag(LAGS), LeadLag(LAGS)
    xs, ys = walk(8, 600.0)
    for pair in (one, other):
        feed(pair, xs, ys)
    now = max(xs[-1][0], ys[-1][0])
    one.x_tick(now - 100.0, 1.0)
    other.x_tick(now, 1.0)
    assert one.state == other.state


def test_the_gap_is_that_of_the_slower_leg() -> None:
    pair = LeadLag(LAGS)
    assert pair.gap is None
    feed(pair, *walk(9, 3600.0))
    assert pair.gap == pytest.approx(2.0, rel=0.02)
    assert pair.state[NY] == pytest.approx(1800, rel=0.02)


def test_warming_up_counts_the_slower_leg() -> None:
    pair = LeadLag(LAGS)
    assert pair.value().reason == "warming up 0/100"
    feed(pair, *walk(10, 100.0))
    assert pair.value().reason.startswith("warming up 4")
    assert pair.value(min_ticks=20).value is not None


def test_a_leg_that_never_moved_is_constant() -> None:
    pair = LeadLag(LAGS)
    for i in range(400):
        pair.both_tick(float(i), 1e-3 * (i % 2), 5.3)
    assert (pair.value().value, pair.value().reason) == (None, "constant")
    assert pair.llr() is None


def test_a_new_session_remembers_nothing() -> None:
    pair = LeadLag(LAGS)
    feed(pair, *walk(11, 600.0))
    pair.new_session()
    assert pair.state == LeadLag(LAGS).state


def test_a_saved_state_goes_on_bit_for_bit() -> None:
    xs, ys = walk(12, 1200.0, 2.0)
    whole, first = LeadLag(LAGS, 300.0), LeadLag(LAGS, 300.0)
    early = [(t, p) for t, p in xs if t < 500], [(t, p) for t, p in ys if t < 500]
    late = [(t, p) for t, p in xs if t >= 500], [(t, p) for t, p in ys if t >= 500]
    feed(whole, *early)
    feed(first, *early)
    second = LeadLag(LAGS, 300.0, state=list(first.state))
    feed(whole, *late)
    feed(second, *late)
    assert second.state == whole.state


@pytest.mark.parametrize("lags", [(), (0.0, 1.0), (1.0, 0.0, -1.0), (-1.0, -1.0, 1.0)])
def test_an_unfair_grid_is_refused(lags: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="symmetrically"):
        LeadLag(lags)
