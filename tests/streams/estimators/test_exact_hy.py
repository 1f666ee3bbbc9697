from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.estimators.exact_hy import ExactHayashiYoshida, totals
from streams.estimators.hayashi_yoshida import NOW
from streams.estimators.interval import Squares, correlation_interval

Ticks = list[tuple[float, float]]


def feed(hy: ExactHayashiYoshida, xs: Ticks, ys: Ticks) -> None:
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
    return [(a, b, q - p) for (a, p), (b, q) in pairwise(ticks[first:])]


def contributions(xs: Ticks, ys: Ticks) -> list[tuple[float, int, float]]:
    """The definition: (when, 0 for a product, 1 for x squared, 2 for y squared, what)."""
    dx, dy = intervals(xs, ys), intervals(ys, xs)
    products = [(max(b, d), 0, rx * ry) for a, b, rx in dx for e, d, ry in dy if a < d and e < b]
    squares = [(b, leg, r * r) for leg, side in ((1, dx), (2, dy)) for _, b, r in side]
    return products + squares


def leg() -> st.SearchStrategy[Ticks]:
    times = st.lists(st.integers(0, 300), min_size=2, max_size=40, unique=True).map(sorted)
    return times.flatmap(
        lambda ts: st.lists(st.floats(-1, 1), min_size=len(ts), max_size=len(ts)).map(
            lambda ps: [(float(t), p) for t, p in zip(ts, ps, strict=True)]
        )
    )


@settings(max_examples=150, deadline=None)
@given(leg(), leg(), st.sampled_from([20.0, 90.0, 400.0]))
def test_equals_the_definition_over_the_window_with_ties(
    xs: Ticks, ys: Ticks, window: float
) -> None:
    hy = ExactHayashiYoshida(window, slots=100)
    feed(hy, xs, ys)

    expected = [0.0, 0.0, 0.0]
    for when, which, what in contributions(xs, ys):
        if when > hy.state[NOW] - window:
            expected[which] += what
    assert totals(hy.state) == pytest.approx(tuple(expected), rel=1e-12, abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(leg(), leg())
def test_the_legs_may_be_named_the_other_way_round(xs: Ticks, ys: Ticks) -> None:
    there, back = ExactHayashiYoshida(90.0, slots=100), ExactHayashiYoshida(90.0, slots=100)
    feed(there, xs, ys)
    feed(back, ys, xs)
    c, vx, vy = totals(there.state)
    assert totals(back.state) == pytest.approx((c, vy, vx), rel=1e-12, abs=1e-15)


def walk(seed: int, minutes: int, rho: float = 0.6) -> tuple[Ticks, Ticks]:
    """Two legs that tick every 5 s, y two seconds after x."""
    z = np.random.default_rng(seed).standard_normal((12 * minutes, 2)) * 4e-4
    z[:, 1] = rho * z[:, 0] + np.sqrt(1 - rho * rho) * z[:, 1]
    path = z.cumsum(axis=0)
    xs = [(5.0 * i, float(p)) for i, p in enumerate(path[:, 0])]
    ys = [(5.0 * i + 2.0, float(p)) for i, p in enumerate(path[:, 1])]
    return xs, ys


def test_the_interval_is_the_sandwich_over_minutes() -> None:
    xs, ys = walk(1, 90)
    hy = ExactHayashiYoshida(1800.0)
    feed(hy, xs, ys)

    minutes = np.zeros((100, 3))
    for when, which, what in contributions(xs, ys):
        if when > hy.state[NOW] - 1800.0:
            minutes[int(when // 60), which] += what
    c, vx, vy = minutes.sum(axis=0)
    rho = c / np.sqrt(vx * vy)
    part, legs = minutes[:, 0] / np.sqrt(vx * vy), minutes[:, 1:] / [vx, vy]
    share = legs.mean(axis=1)
    squares = Squares(part @ part, part @ share, share @ share, (legs**2).sum(axis=0).max())

    found = hy.value()
    assert found.value == pytest.approx(rho)
    assert (found.low, found.high) == pytest.approx(correlation_interval(float(rho), squares))
    assert found.n == np.count_nonzero(minutes[:, 1])
    assert not found.note


def test_the_interval_covers_under_clustered_volatility() -> None:
    rng = np.random.default_rng(2)
    covered = 0
    for path in range(200):
        scale = np.repeat(np.sqrt(3 / rng.chisquare(5, 70)), 12)[:, None]
        z = rng.standard_normal((840, 2))
        z[:, 1] = 0.6 * z[:, 0] + 0.8 * z[:, 1]
        prices = (z * scale * 1e-4).cumsum(axis=0)
        hy = ExactHayashiYoshida(3600.0)
        for i, (x, y) in enumerate(prices.tolist()):
            hy.both_tick(5.0 * i, x, y)
        found = hy.value()
        assert found.low is not None, path
        assert found.high is not None
        covered += found.low <= 0.6 <= found.high
    assert 0.90 <= covered / 200 <= 0.99


def test_a_bad_print_is_gone_to_the_last_bit_when_it_has_left() -> None:
    xs, ys = walk(3, 120)
    bad = list(xs)
    bad[300] = (xs[300][0], 9.0e4)
    clean, dirty = ExactHayashiYoshida(1800.0), ExactHayashiYoshida(1800.0)
    feed(clean, xs, ys)
    feed(dirty, bad, ys)
    assert totals(dirty.state) == totals(clean.state)
    assert dirty.value() == clean.value()


def test_more_ticks_than_slots_shorten_the_window_and_say_so() -> None:
    xs, ys = walk(4, 60)
    hy = ExactHayashiYoshida(3600.0, slots=400)
    feed(hy, xs, ys)

    recent = contributions(xs, ys)
    cut = sorted({when for when, _, _ in recent})[-400]
    expected = [sum(w for when, k, w in recent if k == which and when >= cut) for which in range(3)]
    assert totals(hy.state) == pytest.approx(tuple(expected), rel=1e-9)
    assert hy.value().note == "the last 400 ticks only"


def test_a_break_is_not_a_return() -> None:
    xs, ys = walk(5, 40)
    hy = ExactHayashiYoshida(3600.0)
    feed(hy, xs[:240], ys[:240])
    before = totals(hy.state)
    hy.break_()
    hy.x_tick(1201.0, 5.0)
    hy.x_tick(1206.0, 6.0)
    assert totals(hy.state) == before


def test_a_leg_still_for_the_window_is_constant() -> None:
    xs, ys = walk(6, 30)
    hy = ExactHayashiYoshida(900.0)
    feed(hy, xs, ys)
    last = ys[-1][1]
    for i in range(1, 240):
        hy.x_tick(1800.0 + 5.0 * i, 1e-3 * (i % 2))
        hy.y_tick(1802.0 + 5.0 * i, last)
        if 5.0 * i > 905.0:
            assert hy.value().reason == "constant"
    assert hy.value().value is None


def test_warming_up_counts_minutes_with_a_move() -> None:
    xs, ys = walk(7, 5)
    hy = ExactHayashiYoshida(3600.0)
    assert hy.value().reason == "warming up 0/10"
    feed(hy, xs, ys)
    assert hy.value().reason == "warming up 5/10"
    assert hy.value(min_blocks=5).value is not None
