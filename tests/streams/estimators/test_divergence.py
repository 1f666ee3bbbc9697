from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.estimators.divergence import (
    AT,
    BARS,
    HALFLIFE,
    HEAD,
    SEEN,
    SUM,
    TAILS,
    VAR,
    Divergence,
    limit,
)


class Reference:
    """The same from lists of all residuals, without a ring."""

    def __init__(self, horizon: int, opening: float) -> None:
        self.horizon, self.opening = horizon, opening
        self.sessions: list[list[float]] = [[]]
        self.missed = [0]

    def z(self) -> float:
        f = 0.5 ** (1 / HALFLIFE)
        *earlier, now = self.sessions
        *before, missed = self.missed
        learned = [
            (i, e) for m, day in zip(before, earlier, strict=True) for i, e in enumerate(day, m)
        ]
        learned += list(enumerate(now[: max(0, len(now) - self.horizon)], missed))
        var = 0.0
        for seen, (i, e) in enumerate(learned):
            square = (e / (self.opening if i < 15 else 1.0)) ** 2
            if seen >= 120:
                square = min(square, 64 * var)
            var += max(1 - f, 1 / (seen + 1)) * (square - var)
        held = list(enumerate(now, missed))[-self.horizon :]
        usual = sum(self.opening**2 if i < 15 else 1.0 for i, _ in held) * var
        return float(sum(e for _, e in held) / np.sqrt(usual))


@pytest.mark.parametrize("horizon", [10, 20, 60])
@pytest.mark.parametrize("opening", [1.0, 1.85])
def test_equals_the_definition_at_every_bar(horizon: int, opening: float) -> None:
    rng = np.random.default_rng(1)
    gap, reference = Divergence(horizon, opening), Reference(horizon, opening)
    for missed in (0, 5, 200, 0):
        for rx, ry in rng.normal(0.0, 1e-3, (int(rng.integers(40, 120)), 2)).tolist():
            gap.update(rx, ry, beta=0.7)
            reference.sessions[-1].append(rx - 0.7 * ry)
            found = gap.value().value
            if found is not None:
                assert found == pytest.approx(reference.z(), rel=1e-9, abs=1e-12)
        gap.new_session(missed)
        reference.sessions.append([])
        reference.missed.append(missed)
    assert gap.state[SEEN] > 120


def test_without_divergence_it_is_one_standard_deviation() -> None:
    rng = np.random.default_rng(2)
    gap = Divergence(60)
    values = []
    for _ in range(60):
        scale = np.where(np.arange(390) < 15, 1.85, 1.0) * 1e-3
        for i, e in enumerate((rng.standard_normal(390) * scale).tolist()):
            gap.update(e, 0.0, beta=1.0)
            if i in {14, 59, 119, 179, 239, 299, 359} and gap.value().value is not None:
                values.append(gap.value().value)
        gap.new_session()
    assert np.std(np.array(values, dtype=float)) == pytest.approx(1.0, abs=0.1)


def quiet(gap: Divergence, bars: int) -> None:
    for bar in range(bars):
        gap.update(0.001 if bar % 2 else -0.001, 0.0, beta=1.0)


def test_a_divergence_does_not_widen_its_own_measure() -> None:
    gap = Divergence(60, opening=1.0)
    quiet(gap, 300)
    for _ in range(60):
        gap.update(0.0005, 0.0, beta=1.0)
    # 60 bars of half a standard deviation: 30 / sqrt(60).
    assert gap.value().value == pytest.approx(30 / np.sqrt(60), rel=1e-9)


def test_what_y_implies_is_no_divergence() -> None:
    gap = Divergence(60)
    quiet(gap, 300)
    for _ in range(60):
        gap.update(0.0008, 0.001, beta=0.8)
    assert gap.value().value == pytest.approx(0.0, abs=1e-9)


def test_nothing_is_summed_across_sessions() -> None:
    gap = Divergence(60, opening=1.0)
    quiet(gap, 300)
    for _ in range(20):
        gap.update(0.01, 0.0, beta=1.0)
    gap.new_session()

    assert (gap.value().value, gap.value().reason) == (None, "warming up 0/15")
    quiet(gap, 16)
    assert gap.value().value == pytest.approx(0.0, abs=1e-9)


def test_one_bad_print_does_not_hide_what_follows() -> None:
    gap = Divergence(60, opening=1.0)
    quiet(gap, 300)
    gap.update(2.3, 0.0, beta=1.0)
    gap.new_session()
    for _ in range(60):
        gap.update(0.0005, 0.0, beta=1.0)
    assert gap.value().value == pytest.approx(30 / np.sqrt(60), rel=0.1)


def test_warming_up_by_session_then_by_history() -> None:
    gap = Divergence(60)
    quiet(gap, 14)
    assert gap.value().reason == "warming up 14/15"
    quiet(gap, 100)
    assert gap.value().reason == "volatility warming up 54/120"
    quiet(gap, 66)
    assert gap.value().value is not None


def test_a_session_joined_at_noon_has_no_opening_in_it() -> None:
    joined, plain = Divergence(60), Divergence(60, opening=1.0)
    for gap in (joined, plain):
        gap.new_session(150)
        quiet(gap, 200)
        gap.new_session(150)
        for _ in range(15):
            gap.update(0.001, 0.0, beta=1.0)
    assert joined.value() == plain.value()


def test_residuals_of_nothing_are_constant() -> None:
    gap = Divergence(60)
    for _ in range(200):
        gap.update(0.001, 0.001, beta=1.0)
    assert gap.value().reason == "constant"


def test_the_shares_add_up_to_the_move() -> None:
    rng = np.random.default_rng(5)
    gap = Divergence(20)
    returns = rng.normal(0.0, 1e-3, (90, 3))
    for rx, ry, rz in returns.tolist():
        gap.update(rx, ry, beta=0.5, rz=rz, beta_z=0.8)
    shares = gap.shares()
    assert shares is not None
    assert shares.y == pytest.approx(0.5 * returns[-20:, 1].sum())
    assert shares.z == pytest.approx(0.8 * returns[-20:, 2].sum())
    assert shares.move == pytest.approx(returns[-20:, 0].sum())


def test_before_the_first_bar_there_are_no_shares() -> None:
    gap = Divergence(20)
    assert gap.shares() is None
    gap.update(0.001, 0.001, beta=1.0)
    gap.new_session()
    assert gap.shares() is None


def test_what_a_second_market_implies_is_no_divergence() -> None:
    gap = Divergence(60)
    quiet(gap, 300)
    for _ in range(60):
        gap.update(0.0008 + 0.0009, 0.001, beta=0.8, rz=0.001, beta_z=0.9)
    assert gap.value().value == pytest.approx(0.0, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(1e-3, 1e3), st.sampled_from([-1.0, 1.0]))
def test_does_not_depend_on_scale_and_changes_sign_with_the_legs(
    seed: int, scale: float, sign: float
) -> None:
    returns = np.random.default_rng(seed).standard_t(5, (200, 2)) * 1e-3
    one, other = Divergence(30), Divergence(30)
    for rx, ry in returns.tolist():
        one.update(rx, ry, beta=0.7)
        other.update(sign * scale * rx, sign * scale * ry, beta=0.7)
    assert one.value().value is not None
    assert other.value().value == pytest.approx(sign * float(one.value().value or 0.0), rel=1e-9)


def test_a_scale_of_its_own_stands_for_the_opening_rule() -> None:
    rng = np.random.default_rng(6)
    ruled, scaled = Divergence(30), Divergence(30)
    for _ in range(3):
        for bar, (rx, ry) in enumerate(rng.normal(0.0, 1e-3, (100, 2)).tolist()):
            ruled.update(rx, ry, beta=0.7)
            scaled.update(rx, ry, beta=0.7, scale=1.85 if bar < 15 else 1.0)
            assert scaled.value() == ruled.value()
        ruled.new_session()
        scaled.new_session()


def test_a_volatile_minute_is_held_to_its_own_measure() -> None:
    plain, scaled = Divergence(20, opening=1.0), Divergence(20, opening=1.0)
    quiet(plain, 300)
    quiet(scaled, 300)
    for gap in (plain, scaled):
        gap.new_session()
        for _ in range(20):
            gap.update(0.002, 0.0, beta=1.0, scale=3.0 if gap is scaled else None)
    assert plain.value().value == pytest.approx(40 / np.sqrt(20), rel=1e-6)
    assert scaled.value().value == pytest.approx(40 / 3 / np.sqrt(20), rel=1e-6)


def test_a_print_that_is_taken_back_is_no_divergence_at_any_bar() -> None:
    gap = Divergence(60, opening=1.0)
    quiet(gap, 301)
    usual = gap.state[VAR]
    worst = 0.0
    for bar in range(130):
        jump = {10: 2.3, 11: -2.3}.get(bar, 0.0)
        gap.update(jump + (0.001 if bar % 2 else -0.001), 0.0, beta=1.0)
        worst = max(worst, abs(float(gap.value().value or 0.0)))
    assert worst <= 9.5 / np.sqrt(60)
    assert gap.state[VAR] == pytest.approx(usual, rel=0.05)


def test_a_jump_that_stays_is_told_in_full_a_bar_later() -> None:
    gap = Divergence(60, opening=1.0)
    quiet(gap, 300)
    gap.update(0.05, 0.0, beta=1.0)
    assert gap.value().value == pytest.approx(8 / np.sqrt(60), abs=0.2)
    gap.update(0.0, 0.0, beta=1.0)
    assert gap.value().value == pytest.approx(50 / np.sqrt(60), abs=0.2)


def test_it_is_told_as_early_as_asked() -> None:
    gap = Divergence(60, min_bars=5)
    quiet(gap, 300)
    gap.new_session()
    quiet(gap, 4)
    assert gap.value().reason == "warming up 4/5"
    quiet(gap, 1)
    assert gap.value().value is not None


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 2, 3, 20]))
def test_the_sums_are_those_of_the_bars_held(seed: int, horizon: int) -> None:
    """Jumps, and prints that the next bar takes back, among them."""
    rng = np.random.default_rng(seed)
    gap = Divergence(horizon, min_bars=1)
    rows = rng.standard_normal((200, 3)) * 1e-3
    bad = rng.integers(1, 199, 6)
    rows[bad, 0] += 0.5
    rows[bad[:3] + 1, 0] -= 0.5
    for bar, (x, y, z) in enumerate(rows.tolist()):
        if bar == 150:
            gap.new_session()
        gap.update(x, y, 0.5, rz=z, beta_z=0.2, scale=1.0 + abs(y))
        s = gap.state
        held = [s[HEAD + 8 * place : HEAD + 8 * place + 4] for place in range(horizon)]
        newest = held[(int(s[AT]) - 1) % horizon]
        most = limit(s, newest[1])
        newest[0] = max(-most, min(most, newest[0]))
        count = min(int(s[BARS]), horizon)
        sums = np.sum([held[(int(s[AT]) - 1 - n) % horizon] for n in range(count)], axis=0)
        assert s[SUM:TAILS] == pytest.approx(sums, rel=1e-9, abs=1e-12)
