"""Returns to feed estimators with."""

from __future__ import annotations

import numpy as np

LOADING = np.linalg.cholesky([[1.0, 0.6, 0.5], [0.6, 1.0, 0.7], [0.5, 0.7, 1.0]])
"""Correlations of x, y and a control; the partial one of x and y is .404."""

PARTIAL = (0.6 - 0.5 * 0.7) / float(np.sqrt((1 - 0.25) * (1 - 0.49)))


def normal(rng: np.random.Generator, n: int) -> np.ndarray:
    """Returns of x, y and a control."""
    return rng.standard_normal((n, 3)) @ LOADING.T * 1e-3


def fat(rng: np.random.Generator, n: int) -> np.ndarray:
    """Likewise, t5 by a common scale."""
    return normal(rng, n) * np.sqrt(3 / rng.chisquare(5, n))[:, None]


def weights(n: int, halflife: float) -> np.ndarray:
    """Of n bars, the newest 1."""
    return 0.5 ** (np.arange(n)[::-1] / halflife)
