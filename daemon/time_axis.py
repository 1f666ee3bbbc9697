"""Trading minutes side by side: closed hours take no room, and lines break where they were."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from daemon.chart_style import Palette
from daemon.ticks import tick_texts, ticks
from daemon.trail import Row
from streams.instrument import NS

Floats = NDArray[np.float64]

_GAP = 90 * NS
"""Rows further apart than this are not of one stretch."""


class TimeAxis:
    """The places of rows, two at least, and what stands at them."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self._stamps = [row.ts for row in rows]
        self._cuts = np.flatnonzero(np.diff(self._stamps) > _GAP) + 1

    def column(self, name: str) -> Floats:
        """A figure of each row, NaN where it has none."""
        values = (getattr(row, name) for row in self._rows)
        return np.array([np.nan if value is None else value for value in values])

    @property
    def places(self) -> Floats:
        """Where the values of a broken line stand."""
        return self.broken(np.arange(len(self._stamps), dtype=np.float64))

    def broken(self, values: Floats) -> Floats:
        """A line is broken where trading stopped."""
        return np.insert(values, self._cuts, np.nan)

    def place(self, ts: int) -> float:
        """Where an instant stands among the rows; the edge if it is outside of them."""
        after = bisect_left(self._stamps, ts)
        if after in {0, len(self._stamps)}:
            return float(min(after, len(self._stamps) - 1))
        before = self._stamps[after - 1]
        return after - 1 + (ts - before) / (self._stamps[after] - before)

    def show_stops(self, axes: Axes, palette: Palette) -> None:
        """A line wherever trading stopped."""
        for cut in self._cuts:
            axes.axvline(cut - 0.5, color=palette.soft, linewidth=0.8)

    def label(self, axes: Axes) -> None:
        """The rows as New York's time."""
        axes.set_xlim(-0.5, max(len(self._stamps) - 0.5, 1.0))
        places = ticks(self._stamps)
        axes.set_xticks(places, tick_texts([self._stamps[place] for place in places]))
        axes.set_xlabel("New York")
