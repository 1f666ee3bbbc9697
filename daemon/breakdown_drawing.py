"""The way of a detector's evidence to its threshold: of a break, then of the link's return.

Importing this takes half a second (matplotlib): it is done in a process of its own (worker.py).
"""

from __future__ import annotations

from itertools import groupby

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from daemon.chart_style import DARK, LIGHT, NARROW, WIDE, Form, Palette, drawn
from daemon.texts import new_york
from daemon.time_axis import TimeAxis
from daemon.trail import Track
from streams.detectors import Evidence
from streams.instrument import NS

_LOW, _HIGH = -0.02, 1.28
_TOP = (1.0 - _LOW) / (_HIGH - _LOW)
"""Where the threshold stands, as a share of the height."""


def draw_breakdown(
    track: Track, found: Evidence, *, form: Form = "svg", dark: bool = False, narrow: bool = False
) -> bytes:
    """A track of two rows at least, and what was `found` at its end."""
    palette = DARK if dark else LIGHT
    chart = _Chart(track, found, palette)
    return drawn(lambda: chart.figure(NARROW if narrow else WIDE), form, palette=palette, dpi=100)


class _Chart:
    def __init__(self, track: Track, found: Evidence, palette: Palette) -> None:
        self._track = track
        self._found = found
        self._colours = palette
        self._time = TimeAxis(track.rows)
        self._share = self._time.column("breakdown")
        self._onset = self._time.column("onset")

    def figure(self, inches: tuple[float, float]) -> Figure:
        figure = Figure(figsize=inches, layout="constrained")
        axes = figure.subplots()
        axes.set_title(self._title())
        self._lines(axes)
        self._threshold(axes)
        self._breaks(axes)
        self._time.show_stops(axes, self._colours)
        self._time.label(axes)
        axes.set_ylim(_LOW, _HIGH)
        axes.set_yticks([0.0, 0.5, 1.0], ["0", "half", f"{self._found.threshold:.1f}"])
        return figure

    def _title(self) -> str:
        found = self._found
        of = "the link's return" if found.broken else "a break"
        at = new_york(self._track.rows[-1].ts, "%H:%M")
        return f"Evidence of {of}: {found.total:.1f} of {found.threshold:.1f} at {at}"

    def _lines(self, axes: Axes) -> None:
        """Both kinds of evidence, and the faster detector's where there is one."""
        broken = np.isfinite(self._onset)
        warned = np.isfinite(self._time.column("warned"))
        warning = np.where(warned, np.nan, self._time.column("warning"))
        lines = (
            (np.where(broken, np.nan, self._share), "of a break", self._colours.x, "-"),
            (np.where(broken, self._share, np.nan), "of the link's return", self._colours.y, "--"),
            (warning, "faster warning", self._colours.soft, ":"),
        )
        shown = [line for line in lines if np.isfinite(line[0]).any()]
        for values, label, colour, dash in shown:
            at, broken_off = self._time.places, self._time.broken(values)
            axes.plot(at, broken_off, dash, color=colour, linewidth=1.6, label=label)
        if len(shown) > 1:
            axes.legend(loc="upper right", ncols=len(shown), borderaxespad=0.0, fontsize=8.0)

    def _threshold(self, axes: Axes) -> None:
        axes.axhline(1.0, color=self._colours.ink, linewidth=1.2, linestyle=(0, (5, 2)))
        edge = axes.get_yaxis_transform()
        axes.text(0.005, 1.02, "alarm", transform=edge, fontsize=8.0, color=self._colours.ink)

    def _breaks(self, axes: Axes) -> None:
        """Shaded from the alarm to the restoration; its onset is marked."""
        places = np.flatnonzero(np.isfinite(self._onset))
        for onset, run in groupby(places, key=lambda place: float(self._onset[place])):
            found = list(run)
            edges = found[0] - 0.5, found[-1] + 0.5
            axes.axvspan(*edges, 0.0, _TOP, fc=self._colours.grid, lw=0.0, zorder=0)
            middle = sum(edges) / 2
            axes.text(middle, 0.9, "broken", ha="center", fontsize=8.0, color=self._colours.ink)
            self._mark(axes, round(onset * NS))

    def _mark(self, axes: Axes, onset: int) -> None:
        place = self._time.place(onset)
        axes.axvline(place, 0.0, _TOP, color=self._colours.ink, linewidth=1.0, linestyle="-.")
        axes.plot(place, 1.02, "v", ms=6, color=self._colours.ink)
        text = f"onset about {new_york(onset, '%H:%M')}"
        right = place > len(self._track.rows) / 2
        axes.annotate(
            text,
            (place, 1.0),
            xytext=(-6 if right else 6, 5),
            textcoords="offset points",
            ha="right" if right else "left",
            fontsize=8.0,
        )
