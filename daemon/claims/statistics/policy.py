"""The days on which a policy rate is moved."""

from __future__ import annotations

import numpy as np

from daemon.study.aligned import Floats, Ints
from streams.context.series import Series

_AROUND = 5
"""Days on either side that must differ too: a rate that markets set has days of its own."""


def steps(rate: Series, size: float) -> tuple[Ints, Floats]:
    """The first day of each new level, `size` or more from the old one, and by how much it moved.

    A rate takes its new level the day after the decision.
    """
    change = np.diff(rate.values)
    places = np.flatnonzero(np.abs(change) >= size) + 1
    places = places[(places >= _AROUND) & (places + _AROUND <= len(rate.values))]
    moved = np.array([_moved(rate.values, int(at)) for at in places])
    kept = np.flatnonzero(np.abs(moved) >= size)
    days = rate.days[places[kept]]
    # One step may take two days in a market's rate.
    first = np.diff(days, prepend=days[0] - _AROUND - 1 if len(days) else 0) > _AROUND
    return days[first], moved[kept][first]


def _moved(values: Floats, at: int) -> float:
    return float(np.median(values[at : at + _AROUND]) - np.median(values[at - _AROUND : at]))
