from __future__ import annotations

import numpy as np
import pytest

from streams.estimators.divergence import HALFLIFE, SEEN, Divergence


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
