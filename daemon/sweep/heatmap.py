"""A grid as heat maps: what a rule costs and what it finds, by the figures in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from daemon.chart_style import Form, drawn
from daemon.sweep.grid import Axis, varying
from daemon.sweep.sweep import SHARES, Row

_LETTER = 0.12
"""Inches of a letter of the title."""
_HEADROOM = 1.25
"""The end of the colours over the largest value, so that figures stay readable."""
_DARK = 0.55
"""Share of a map's range from which figures on it are white."""


class _Map(msgspec.Struct, frozen=True):
    """One figure of a row: its title, its colours, how it is read and written."""

    title: str
    colours: str
    value: Callable[[Row], float | None]
    form: str
    top: float | None = None
    """The largest value there can be; None: the largest there is."""


def draw(title: str, axes: Sequence[Axis], rows: Sequence[Row], form: Form) -> bytes:
    """PNG or SVG: a map for each figure, by up to three axes; the same rows give the same bytes."""
    return drawn(lambda: _page(title, axes, rows), form)


def _page(title: str, axes: Sequence[Axis], rows: Sequence[Row]) -> Figure:
    across, down, beside = _roles(axes)
    maps = _maps(rows[0])
    wide = 1.4 + max(2.6, 0.62 * len(across.values)) * len(beside.values)
    wide = max(wide, _LETTER * len(title))
    high = 1.2 + max(1.3, 0.42 * len(down.values) + 0.7) * len(maps)
    page = Figure(figsize=(wide, high), layout="constrained")
    page.suptitle(title, fontsize=12, fontweight="bold", x=0.01, ha="left")
    grid = page.subplots(len(maps), len(beside.values), squeeze=False)
    for line, one in zip(grid, maps, strict=True):
        top = _top(one, rows)
        for place, (panel, value) in enumerate(zip(line, beside.values, strict=True)):
            found = _values(one, rows, across, down, (beside.name, value))
            _draw_map(panel, one, found, top)
            _label(panel, across, down, first=place == 0)
            panel.set_title(one.title + (f"; {beside.at(value)}" if beside.name else ""))
    return page


def _roles(axes: Sequence[Axis]) -> tuple[Axis, Axis, Axis]:
    """What goes across, down, and side by side; a nameless axis where there is none."""
    nothing = Axis("", ("",))
    across, down, beside = (*varying(axes), nothing, nothing)[:3]
    return across, down, beside


def _maps(first: Row) -> list[_Map]:
    maps = [_Map("alerts a day", "Blues", lambda row: row.alerts_a_day, "{:.2f}")]
    if first.causes is not None:
        maps.append(_Map("delay, minutes", "Oranges", lambda row: row.delay, "{:.0f}"))
        maps.append(_Map("right", "Greens", lambda row: row.right, "{:.0%}", top=1.0))
    elif first.measure in SHARES:
        share = SHARES[first.measure]
        maps.append(_Map(share, "Greens", lambda row: row.share, "{:.0%}", top=1.0))
    return maps


def _top(one: _Map, rows: Sequence[Row]) -> float:
    known = [value for row in rows if (value := one.value(row)) is not None]
    return one.top or max(known, default=0.0) or 1.0


def _values(
    one: _Map, rows: Sequence[Row], across: Axis, down: Axis, panel: tuple[str, str]
) -> NDArray[np.float64]:
    found = np.full((len(down.values), len(across.values)), np.nan)
    for row in rows:
        if row.cell.get(panel[0], "") != panel[1]:
            continue
        value = one.value(row)
        place = down.values.index(row.cell.get(down.name, ""))
        if value is not None:
            found[place, across.values.index(row.cell[across.name])] = value
    return found


def _draw_map(panel: Axes, one: _Map, found: NDArray[np.float64], top: float) -> None:
    panel.set_facecolor("#f0f0f0")
    panel.imshow(found, cmap=one.colours, vmin=0.0, vmax=top * _HEADROOM, aspect="auto")
    panel.grid(visible=False)
    panel.tick_params(length=0)
    for side in panel.spines.values():
        side.set_visible(False)
    for (y, x), value in np.ndenumerate(found):
        text = "–" if np.isnan(value) else one.form.format(value)
        colour = "white" if value / (top * _HEADROOM) > _DARK else "#222222"
        panel.text(x, y, text, ha="center", va="center", color=colour)


def _label(panel: Axes, across: Axis, down: Axis, *, first: bool) -> None:
    panel.set_xticks(range(len(across.values)), across.values)
    panel.set_xlabel(across.label)
    panel.set_yticks(range(len(down.values)), down.values if first else [])
    if first:
        panel.set_ylabel(down.label)
