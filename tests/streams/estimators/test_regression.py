from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.estimators.regression import rotate, size, square


def rotated(rows: np.ndarray, k: int, f: float) -> tuple[list[float], list[list[float]]]:
    """The state after all rows, and the weighted residuals as they came."""
    m = rows.shape[1]
    s = [0.0] * size(k, m)
    left = []
    for row in rows.tolist():
        s[:m] = row
        w = rotate(s, 0, k, m, f)
        left.append([np.sqrt(w) * e for e in s[k:m]])
    return s, left


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4), st.integers(0, 2**32 - 1), st.sampled_from([1.0, 0.97]))
def test_residual_sums_are_those_of_weighted_least_squares(k: int, seed: int, f: float) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((60, k + 2))
    _, left = rotated(rows, k, f)

    weights = f ** np.arange(60)[::-1]
    root = np.sqrt(weights)[:, None]
    fit, *_ = np.linalg.lstsq(root * rows[:, :k], root * rows[:, k:], rcond=None)
    residuals = rows[:, k:] - rows[:, :k] @ fit
    expected = (weights[:, None] * residuals).T @ residuals
    found = (weights[:, None] * np.array(left)).T @ np.array(left)

    assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_a_regressor_that_repeats_another_changes_nothing() -> None:
    rng = np.random.default_rng(2)
    rows = rng.standard_normal((80, 3))
    twice = np.column_stack([rows[:, 0], 2.0 * rows[:, 0], rows[:, 1:]])

    once = np.square(np.array(rotated(rows, 1, 0.99)[1])).sum(axis=0)
    again = np.square(np.array(rotated(twice, 2, 0.99)[1])).sum(axis=0)

    assert again == pytest.approx(once, rel=1e-9)


def test_a_regressor_of_zeros_explains_nothing() -> None:
    rows = np.random.default_rng(3).standard_normal((30, 3))
    rows[:, 0] = 0.0
    s, left = rotated(rows, 1, 0.9)
    assert square(s, 0, 3, 0) == 0.0
    assert np.array(left) == pytest.approx(rows[:, 1:])


def test_a_bad_row_decays_like_any_other() -> None:
    rows = np.random.default_rng(4).standard_normal((2000, 3))
    bad = rows.copy()
    bad[100] = 1e6
    f = 0.5 ** (1 / 20)
    assert rotated(bad, 1, f)[0][3:] == pytest.approx(rotated(rows, 1, f)[0][3:], rel=1e-6)
