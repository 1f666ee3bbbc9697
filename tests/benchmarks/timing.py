"""CPU time of small things, in turns, so that a busy machine is busy for both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median
from time import process_time_ns

ROUNDS = 15
_CALLS = 2000
"""In a round, at the least."""


def alternate(
    one: Callable[[bytes], object], other: Callable[[bytes], object], sample: Sequence[bytes]
) -> tuple[float, float]:
    """CPU µs a frame of both, in turns: medians of the rounds."""
    both = [(once(one, sample), once(other, sample)) for _ in range(ROUNDS)]
    return median(first for first, _ in both), median(second for _, second in both)


def once(read: Callable[[bytes], object], sample: Sequence[bytes]) -> float:
    """CPU µs a frame over one round."""
    repeats = -(-_CALLS // len(sample))
    began = process_time_ns()
    for _ in range(repeats):
        for frame in sample:
            read(frame)
    return (process_time_ns() - began) / 1000 / len(sample) / repeats
