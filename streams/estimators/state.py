"""What an estimator remembers: a flat list of floats, saved and restored as it is."""

from __future__ import annotations


def restored(size: int, saved: list[float] | None) -> list[float]:
    """`saved`, or zeros where there is nothing saved; ValueError where it has another length."""
    if saved is None:
        return [0.0] * size
    if len(saved) != size:
        raise ValueError(f"a saved state of {len(saved)} figures where {size} are expected")
    return saved
