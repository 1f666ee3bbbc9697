"""Least squares, exponentially weighted, O(columns²) a bar: Gentleman's rotations (AS 274).

A row holds k regressors, then what they explain, m columns in all. It is rotated into a triangle
whose row i has the weighted square of regressor i, given those before it, and the coefficients of
every later column on it. No matrix is inverted and no square is subtracted from another, so a bad
print decays like any other row, and a regressor that says nothing new is passed over.

What is left of a row are its residuals against the coefficients known before it, and the weight
`w` at which they count: sums of `w * residual * residual` are the residual sums of squares.
"""

from __future__ import annotations


def size(k: int, m: int) -> int:
    """Length of the state for k regressors among m columns: the row, then the triangle."""
    return m + k * m - k * (k - 1) // 2


def rotate(s: list[float], at: int, k: int, m: int, f: float) -> float:
    """Rotate in the row that stands at `at`, leaving residuals there; answers their weight.

    Earlier weights shrink by `f`.

    >>> s = [0.0] * size(1, 2)
    >>> for z, x in ((1.0, 2.0), (2.0, 4.5), (3.0, 6.0)):
    ...     s[0], s[1] = z, x
    ...     _ = rotate(s, 0, 1, 2, 1.0)
    >>> round(s[3], 4), (2.0 + 9.0 + 18.0) / 14.0
    (2.0714, 2.0714285714285716)
    """
    w = 1.0
    p = at + m
    for i in range(k):
        z = s[at + i]
        before = s[p] * f
        after = before + w * z * z
        s[p] = after
        if w * z * z > 0.0:
            gain = w * z / after
            w *= before / after
            for j in range(i + 1, m):
                s[at + j] -= z * s[p + j - i]
                s[p + j - i] += gain * s[at + j]
        p += m - i
    return w


def square(s: list[float], at: int, m: int, i: int) -> float:
    """Weighted sum of squares of regressor i, given those before it."""
    return s[at + m + i * m - i * (i - 1) // 2]
