from __future__ import annotations

from itertools import pairwise
from math import inf, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.estimators.hayashi_yoshida import NOW, C, HayashiYoshida, squares, totals
from streams.estimators.interval import DOMINATED, TREND, correlation_interval
from streams.estimators.minutes import BLOCK

Ticks = list[tuple[float, float]]


def feed(hy: HayashiYoshida, xs: Ticks, ys: Ticks) -> None:
    x, y = dict(xs), dict(ys)
    for t in sorted({*x, *y}):
        if t in x and t in y:
            hy.both_tick(t, x[t], y[t])
        elif t in x:
            hy.x_tick(t, x[t])
        else:
            hy.y_tick(t, y[t])


def intervals(ticks: Ticks, other: Ticks) -> list[tuple[float, float, float]]:
    """(start, end, return) from the last tick at or before both legs are known."""
    both = max(ticks[0][0], other[0][0])
    first = max(i for i, (t, _) in enumerate(ticks) if t <= both)
    kept = ticks[first:]
    return [(a, b, q - p) for (a, p), (b, q) in pairwise(kept)]


def brute_force(xs: Ticks, ys: Ticks, k: float, now: float) -> tuple[float, float, float]:
    """The definition: products of returns over overlapping intervals, dated at the later end."""
    dx, dy = intervals(xs, ys), intervals(ys, xs)
    c = sum(
        rx * ry * np.exp(k * (now - max(b, d)))
        for a, b, rx in dx
        for e, d, ry in dy
        if a < d and e < b
    )
    vx = sum(r * r * np.exp(k * (now - b)) for _, b, r in dx)
    vy = sum(r * r * np.exp(k * (now - b)) for _, b, r in dy)
    return c, vx, vy


def leg() -> st.SearchStrategy[Ticks]:
    times = st.lists(st.integers(0, 300), min_size=2, max_size=30, unique=True).map(sorted)
    return times.flatmap(
        lambda ts: st.lists(st.floats(-1, 1), min_size=len(ts), max_size=len(ts)).map(
            lambda ps: [(float(t), p) for t, p in zip(ts, ps, strict=True)]
        )
    )


@settings(max_examples=150, deadline=None)
@given(leg(), leg(), st.sampled_from([inf, 40.0]))
def test_equals_the_definition_with_ties_and_decay(xs: Ticks, ys: Ticks, halflife: float) -> None:
    hy = HayashiYoshida(halflife)
    feed(hy, xs, ys)

    k = -log(2) / halflife
    expected = brute_force(xs, ys, k, hy.state[NOW])
    assert totals(hy.state, k) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def walk(seed: int, bars: int, rho: float = 0.6) -> tuple[Ticks, Ticks]:
    """Two legs that tick every 5 s, y a second after x."""
    z = np.random.default_rng(seed).standard_normal((bars, 5, 2)) * 4e-4
    z[..., 1] = rho * z[..., 0] + sqrt(1 - rho * rho) * z[..., 1]
    path = z.reshape(-1, 2).cumsum(axis=0)
    t = np.arange(5 * bars) + 1.0
    xs = [(float(u), float(p)) for u, p in zip(t[::5], path[::5, 0], strict=True)]
    ys = [(float(u), float(p)) for u, p in zip(t[1::5], path[1::5, 1], strict=True)]
    return xs, ys


def test_the_variance_is_the_sandwich_over_blocks() -> None:
    xs, ys = walk(1, 200)
    halflife = 300.0
    hy = HayashiYoshida(halflife)
    feed(hy, xs, ys)

    k = -log(2) / halflife
    now = hy.state[NOW]
    dx, dy = intervals(xs, ys), intervals(ys, xs)
    blocks = np.zeros((int(now // BLOCK) + 1, 3))
    for a, b, rx in dx:
        blocks[int(b // BLOCK), 1] += rx * rx * np.exp(k * (now - b))
        for e, d, ry in dy:
            if a < d and e < b:
                end = max(b, d)
                blocks[int(end // BLOCK), 0] += rx * ry * np.exp(k * (now - end))
    for _, b, ry in dy:
        blocks[int(b // BLOCK), 2] += ry * ry * np.exp(k * (now - b))
    c, vx, vy = blocks.sum(axis=0)
    rho = c / np.sqrt(vx * vy)
    influence = blocks @ np.array([1 / np.sqrt(vx * vy), -rho / 2 / vx, -rho / 2 / vy])
    shares = ((blocks[:, 1:] / [vx, vy]) ** 2).sum(axis=0)

    found = squares(hy.state, k, *totals(hy.state, k)[1:])
    assert found.influence(rho) == pytest.approx((influence**2).sum(), rel=1e-9)
    assert found.leg == pytest.approx(shares.max(), rel=1e-9)
    reading = hy.value()
    assert reading.value == pytest.approx(rho)
    assert (reading.low, reading.high) == correlation_interval(reading.value or 0, found)


def garch_t5(rng: np.random.Generator, paths: int, minutes: int, rho: float) -> np.ndarray:
    """Returns of 5 s: GARCH(1,1) by the minute with a common t5 scale; (minute, 12, path, leg)."""
    z = rng.standard_normal((minutes, 12, paths, 2)) / sqrt(12)
    z[..., 1] = rho * z[..., 0] + sqrt(1 - rho * rho) * z[..., 1]
    square = np.ones(paths)
    for minute in range(minutes):
        scale = 3.0 / rng.chisquare(5, paths)
        z[minute] *= np.sqrt(square * scale)[:, None]
        square = 0.02 + 0.05 * z[minute, ..., 0].sum(axis=0) ** 2 + 0.93 * square
    return z * 1e-3


@pytest.mark.parametrize("halflife", [1248.0, 2520.0])
def test_the_interval_covers_under_fat_tails_and_clustered_volatility(halflife: float) -> None:
    paths, minutes = 300, 90
    prices = garch_t5(np.random.default_rng(11), paths, minutes, 0.6)
    prices = prices.reshape(-1, paths, 2).cumsum(axis=0)
    covered = 0
    for path in range(paths):
        hy = HayashiYoshida(halflife)
        for i, (x, y) in enumerate(prices[:, path].tolist()):
            hy.both_tick(5.0 * i, x, y)
        found = hy.value()
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 0.6 <= found.high
    assert 0.915 <= covered / paths <= 0.98


def jumped(seed: int, size: float, rho: float = 0.6) -> HayashiYoshida:
    """After 80 calm minutes, the 70th `size` times as volatile; a tick of both each 5 s."""
    z = np.random.default_rng(seed).standard_normal((80, 12, 2)) * 3e-4
    z[..., 1] = rho * z[..., 0] + sqrt(1 - rho * rho) * z[..., 1]
    z[70] *= size
    hy = HayashiYoshida(1248.0)
    for i, (x, y) in enumerate(z.reshape(-1, 2).cumsum(axis=0).tolist()):
        hy.both_tick(5.0 * i, x, y)
    return hy


@pytest.mark.parametrize("size", [3.0, 5.0, 6.5, 8.0])
def test_beside_a_jump_the_interval_still_covers(size: float) -> None:
    """From a tenth to six tenths of all variation is that minute's."""
    told = [found for seed in range(300) if (found := jumped(seed, size).value()).low is not None]
    covered = [(found.low or 0.0) <= 0.6 <= (found.high or 0.0) for found in told]
    assert len(told) > 20
    assert sum(covered) / len(told) >= 0.93


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(20.0, 1e4))
def test_a_minute_with_most_of_the_variation_is_no_correlation(seed: int, size: float) -> None:
    reading = jumped(seed, size).value()
    assert (reading.value, reading.reason) == (None, DOMINATED)


def trending(size: float) -> HayashiYoshida:
    """Legs that rise by `size` of a step's deviation at each step; ticks of y lie between x's."""
    z = np.random.default_rng(1).standard_normal((960, 2)) * 1e-4 + size * 1e-4
    xs, ys = z.cumsum(axis=0).T.tolist()
    hy = HayashiYoshida(1248.0)
    feed(
        hy,
        [(5.0 * i, x) for i, x in enumerate(xs)],
        [(5.0 * i + 2.5, y) for i, y in enumerate(ys)],
    )
    return hy


@pytest.mark.parametrize("size", [2.0, -5.0])
def test_a_trend_of_both_that_counts_twice_is_no_correlation(size: float) -> None:
    assert (trending(size).value().value, trending(size).value().reason) == (None, TREND)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.9, 1.0), st.floats(0.1, 2.0))
def test_no_interval_is_a_point(seed: int, rho: float, late: float) -> None:
    """Not even where legs are one but for when they tick, and the ratio is above 1 by chance."""
    z = np.random.default_rng(seed).standard_normal((1200, 2, 2)) * 2e-4
    z[..., 1] = rho * z[..., 0] + sqrt(1 - rho * rho) * z[..., 1]
    path = z.reshape(-1, 2).cumsum(axis=0)
    hy = HayashiYoshida(1248.0)
    for i, (x, _) in enumerate(path[::2].tolist()):
        hy.x_tick(5.0 * i, x)
        hy.y_tick(5.0 * i + late, path[2 * i + 1, 1])
    reading = hy.value()
    if reading.low is not None and reading.high is not None:
        assert reading.high - reading.low > 1e-4


def test_a_break_is_not_a_return() -> None:
    xs, ys = walk(2, 300)
    whole, broken = HayashiYoshida(600.0), HayashiYoshida(600.0)
    for hy, jump in ((whole, 0.0), (broken, 0.5)):
        feed(hy, xs[:150], ys[:150])
        hy.break_()
        feed(hy, [(t, p + jump) for t, p in xs[150:]], [(t, p - jump) for t, p in ys[150:]])

    assert whole.value().value == pytest.approx(0.5, abs=0.2)
    assert broken.value().value == pytest.approx(whole.value().value, rel=1e-9)


def test_after_a_break_one_leg_alone_is_not_enough() -> None:
    xs, ys = walk(3, 200)
    hy = HayashiYoshida(600.0)
    feed(hy, xs, ys)
    before = list(hy.state[C:])

    hy.break_()
    hy.x_tick(1001.0, 5.0)
    hy.x_tick(1006.0, 6.0)

    assert hy.state[C:] == before


def test_a_break_longer_than_the_window_leaves_nothing_constant() -> None:
    xs, ys = walk(7, 200)
    hy = HayashiYoshida(600.0)
    feed(hy, xs, ys)

    hy.break_()
    hy.both_tick(6000.0, 0.0, 0.0)
    hy.x_tick(6005.0, 1e-4)

    assert hy.value().value is not None


def test_warming_up_counts_minutes_with_movement() -> None:
    hy = HayashiYoshida(1248.0)
    for i in range(3 * 12 + 1):
        hy.both_tick(5.0 * i, 1e-3 * (i % 2), 1e-3 * (i % 3))

    reading = hy.value()
    assert (reading.value, reading.reason) == (None, "warming up 3/10")
    assert hy.value(min_blocks=3).value is not None
    assert HayashiYoshida(1248.0).value().reason == "warming up 0/10"


def test_a_leg_that_never_moved_is_constant() -> None:
    hy = HayashiYoshida(inf)
    for i in range(200):
        hy.both_tick(5.0 * i, 1e-3 * (i % 2), 5.3)
    assert (hy.value().value, hy.value().reason) == (None, "constant")


@pytest.mark.parametrize("silent", [False, True])
def test_a_leg_quiet_for_a_whole_window_is_constant_and_no_breakdown(*, silent: bool) -> None:
    window = 3600.0
    hy = HayashiYoshida(window / 2 * log(2))
    xs, ys = walk(4, 300)
    feed(hy, xs, ys)
    assert hy.value().value is not None

    t, last = ys[-1]
    for i in range(1, 800):
        hy.x_tick(t + 5.0 * i, 1e-3 * (i % 2))
        if not silent:
            hy.y_tick(t + 5.0 * i + 1.0, last)
        quiet = hy.state[NOW] - t > window
        assert (hy.value().reason == "constant") == quiet


def test_identical_legs_are_perfectly_correlated() -> None:
    xs, _ = walk(5, 300)
    hy = HayashiYoshida(1248.0)
    for t, p in xs:
        hy.both_tick(t, p, -3.0 * p)
    assert hy.value().value == pytest.approx(-1.0, abs=1e-12)
    assert hy.value().low is not None


def test_time_that_steps_back_stands_still() -> None:
    xs, ys = walk(6, 200)
    hy = HayashiYoshida(60.0)
    feed(hy, xs, ys)
    before = totals(hy.state, -log(2) / 60.0)

    hy.x_tick(xs[-1][0] - 500.0, xs[-1][1])

    assert totals(hy.state, -log(2) / 60.0) == before
