"""The chart that goes with an alert: correlation with its interval, both prices, the divergence.

Importing this takes half a second (matplotlib): it is done in a process of its own (worker.py).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from alerts.context import short
from daemon.chart_style import DARK, LIGHT, Form, Palette, drawn
from daemon.texts import new_york
from daemon.time_axis import Floats, TimeAxis
from daemon.trail import Row, Track

_DPI = 100
_INCHES = (9.0, 6.0)
_NARROW_INCHES = (6.0, 6.4)
"""For a telephone: letters are larger against the whole."""
_LARGE = 12.0
_BOUND = 4.0
"""Standard deviations at which a divergence is worth an alert."""


def draw(
    track: Track,
    *,
    form: Form = "png",
    dark: bool = False,
    narrow: bool = False,
    mark: int | None = None,
) -> bytes:
    """PNG of 900 × 600 pixels or SVG; `mark` is an instant (ns). A track of two rows at least."""
    palette = DARK if dark else LIGHT
    inches = _NARROW_INCHES if narrow else _INCHES
    chart = _Chart(track, palette, mark)
    return drawn(lambda: chart.figure(inches), form, palette=palette, dpi=_DPI)


class _Chart:
    def __init__(self, track: Track, palette: Palette, mark: int | None) -> None:
        self._track = track
        self._colours = palette
        self._time = TimeAxis(track.rows)
        self._mark = None if mark is None else self._time.place(mark)
        self._title = _title(track, mark)
        at = len(track.rows) - 1 if self._mark is None else round(self._mark)
        self._told = track.rows[at]
        """The row of which the titles tell."""

    def figure(self, inches: tuple[float, float]) -> Figure:
        figure = Figure(figsize=inches, layout="constrained")
        figure.suptitle(self._title, fontsize=_LARGE, fontweight="bold", x=0.01, ha="left")
        panels = figure.subplots(3, 1, sharex=True, gridspec_kw={"height_ratios": [3, 3, 2]})
        for panel, fill in zip(
            panels, (self._correlation, self._prices, self._divergence), strict=True
        ):
            fill(panel)
            self._moments(panel)
        self._time.label(panels[-1])
        if self._mark is not None:
            self._point(panels[0], self._mark)
        figure.align_ylabels()
        return figure

    def _correlation(self, axes: Axes) -> None:
        value, low, high = (self._time.column(name) for name in ("corr", "low", "high"))
        axes.set_title(f"Correlation over 1h with its 95 % interval{self._corr_text()}")
        if np.isfinite(value).any():
            at, broken = self._time.places, self._time.broken
            within = broken(low), broken(high)
            axes.fill_between(at, *within, color=self._colours.x, alpha=0.2, linewidth=0)
            axes.plot(at, broken(value), color=self._colours.x, linewidth=1.6)
            axes.axhline(0.0, color=self._colours.ink, linewidth=0.8)
            axes.set_ylim(*_limits(low, high, value))
        else:
            self._empty(axes, "not known in this stretch")

    def _prices(self, axes: Axes) -> None:
        axes.set_title("Prices, first one in common = 100")
        x, y = self._time.column("x"), self._time.column("y")
        both = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        if not len(both):
            self._empty(axes, "no price of both in this stretch")
            return
        for prices, name, colour, dash in (
            (x, self._track.x, self._colours.x, "-"),
            (y, self._track.y, self._colours.y, "--"),
        ):
            last = prices[np.isfinite(prices)][-1]
            rebased = self._time.broken(100.0 * prices / prices[both[0]])
            label = f"{name} {last:,.2f}"
            axes.plot(self._time.places, rebased, dash, color=colour, linewidth=1.4, label=label)
        axes.margins(y=0.08)
        axes.legend(loc="lower right", bbox_to_anchor=(1.0, 0.96), ncols=2, borderaxespad=0.0)

    def _divergence(self, axes: Axes) -> None:
        track = self._track
        told = self._told.divergence
        text = "" if told is None else f": {_signed(told)} σ{self._when()}"
        axes.set_title(f"Divergence over 1h, {track.x} against what {track.y} implies{text}")
        values = self._time.column("divergence")
        if np.isfinite(values).any():
            at = self._time.places
            axes.plot(at, self._time.broken(values), color=self._colours.x, linewidth=1.2)
            widest = max(float(np.nanmax(np.abs(values))) * 1.1, 2.2)
            axes.set_ylim(-widest, widest)
            axes.axhline(0.0, color=self._colours.ink, linewidth=0.8)
            for side in (-_BOUND, _BOUND):
                axes.axhline(side, color=self._colours.soft, linewidth=1.0, linestyle=":")
        else:
            self._empty(axes, "not known in this stretch")

    def _corr_text(self) -> str:
        row = self._told
        if row.corr is None:
            return ""
        interval = ""
        if row.low is not None and row.high is not None:
            interval = f" ({short(row.low)} to {short(row.high)})"
        return f": {short(row.corr)}{interval}{self._when()}"

    def _when(self) -> str:
        return f" at {new_york(self._told.ts, '%H:%M')}"

    def _empty(self, axes: Axes, why: str) -> None:
        axes.text(0.5, 0.5, why, transform=axes.transAxes, ha="center", color=self._colours.soft)
        axes.set_yticks([])

    def _moments(self, axes: Axes) -> None:
        """Where trading stopped, and the moment that is marked."""
        self._time.show_stops(axes, self._colours)
        if self._mark is not None:
            axes.axvline(self._mark, color=self._colours.ink, linewidth=1.2, linestyle=(0, (4, 2)))

    def _point(self, axes: Axes, place: float) -> None:
        top = axes.get_xaxis_transform()
        axes.plot(place, 1.0, "v", ms=7, color=self._colours.ink, transform=top, clip_on=False)


def _title(track: Track, mark: int | None) -> str:
    moment = "" if mark is None else f", marked: {new_york(mark, '%a %d %b %H:%M')}"
    return f"{track.x} and {track.y}, {_span(track.rows)}{moment}"


def _span(rows: Sequence[Row]) -> str:
    first, last = new_york(rows[0].ts, "%a %d %b %H:%M"), new_york(rows[-1].ts, "%a %d %b %H:%M")
    return f"{first} to {last[-5:] if first[:-5] == last[:-5] else last}"


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")


def _limits(*columns: Floats) -> tuple[float, float]:
    """The range of a correlation's axis, in quarters, zero and some room included."""
    known = np.concatenate([column[np.isfinite(column)] for column in columns])
    low, high = min(float(known.min()), 0.0), max(float(known.max()), 0.0)
    floor, ceiling = np.floor(low * 4.0) / 4.0, np.ceil(high * 4.0) / 4.0
    return max(floor, -1.0) - 0.03, min(max(ceiling, 0.5), 1.0) + 0.03
