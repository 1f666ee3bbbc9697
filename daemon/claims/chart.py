"""One page of charts of the claims: each figure with its interval, beside the bounds.

Importing this takes half a second (matplotlib): do so only when a chart is asked for.
"""

from __future__ import annotations

import textwrap
from datetime import date

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from daemon.chart_style import LIGHT, Form, drawn
from daemon.claims.finding import Row
from daemon.claims.texts import figure_text
from daemon.claims.trial import Trial, Tried

_COLOURS = {"supported": "#17692f", "refuted": "#a3261c", "undecided": LIGHT.soft}
LEGEND = (
    "Bars are 95 % intervals, the dotted line is the bound that decides. The first row's figure is "
    "judged, in the colour of its verdict; the others are shown."
)
_CORRELATIONS = {"correlation", "difference"}
_JUDGED = "judged"
_LABEL, _TITLE = 46, 90
"""The most characters of each."""

_WIDTH, _LABELS, _PANELS = 15.0, 2.9, 4.3
"""Inches: of the page, of a column's labels and of its panels."""
_ROW, _AROUND, _LINES = 0.2, 0.8, 1.6
"""Inches: of a row, of what a panel needs beside its rows, of a panel of lines."""
_EPOCH = date(1970, 1, 1).toordinal()


def draw(trial: Trial, form: Form) -> bytes:
    """The page as PNG or SVG; the same trial gives the same bytes."""
    return drawn(lambda: _page(trial), form)


def _page(trial: Trial) -> Figure:
    columns = _columns([tried for tried in trial.claims if tried.finding.paths or _rows(tried)])
    tall = max(sum(_height(tried) for tried in column) for column in columns) + 0.5
    page = Figure(figsize=(_WIDTH, tall))
    page.text(0.02, 0.1 / tall, LEGEND, color=LIGHT.soft, va="bottom")
    for place, column in enumerate(columns):
        left = _WIDTH / 2.0 * place + _LABELS
        top = tall
        for tried in column:
            top -= _height(tried)
            body = _height(tried) - _AROUND
            spot = (left / _WIDTH, (top + 0.4) / tall, _PANELS / _WIDTH, body / tall)
            _panel(page.add_axes(spot), tried)
    return page


def _columns(claims: list[Tried]) -> list[list[Tried]]:
    """Two of about the same height, in order."""
    half, so_far = sum(map(_height, claims)) / 2.0, 0.0
    left: list[Tried] = []
    for tried in claims:
        if so_far >= half:
            break
        left.append(tried)
        so_far += _height(tried)
    return [left, claims[len(left) :]]


def _height(tried: Tried) -> float:
    return _AROUND + (_LINES if tried.finding.paths else _ROW * len(_rows(tried)))


def _rows(tried: Tried) -> list[Row]:
    """The judged figure first, then those of its unit beside it."""
    judged, rows = tried.finding.estimate, tried.finding.rows
    unit = judged.unit if judged else next((r.estimate.unit for r in rows if r.estimate), None)
    alike = _CORRELATIONS if unit in _CORRELATIONS else {unit}
    beside = [row for row in rows if row.estimate and row.estimate.unit in alike]
    return [*([Row(_JUDGED, judged)] if judged else []), *beside]


def _panel(axes: Axes, tried: Tried) -> None:
    # Beyond the labels, where there is room for a sentence.
    title = f"{tried.statement.words} {tried.verdict.word.capitalize()}."
    text = textwrap.shorten(title, _TITLE, placeholder=" …")
    spot, offset = (0.0, 1.0), (-72.0 * _LABELS + 20.0, 7.0)
    axes.annotate(
        text, spot, offset, "axes fraction", "offset points", weight="bold", fontsize="large"
    )
    if tried.finding.paths:
        _lines(axes, tried)
    else:
        _intervals(axes, tried)


def _intervals(axes: Axes, tried: Tried) -> None:
    rows = _rows(tried)
    for place, row in enumerate(rows):
        _mark(axes, place, row, _COLOURS[tried.verdict.word] if row.label == _JUDGED else LIGHT.x)
    for bound in _bounds(tried):
        axes.axvline(bound, color=LIGHT.y, linewidth=1.0, linestyle=":")
    axes.xaxis.set_major_formatter(_ticks(rows[0]))
    labels = [textwrap.shorten(row.label, _LABEL, placeholder=" …") for row in rows]
    axes.set_yticks(range(len(rows)), labels)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.grid(visible=True, axis="x")


def _mark(axes: Axes, place: int, row: Row, colour: str) -> None:
    if row.estimate is None:
        return
    low, high = row.estimate.interval() or (row.estimate.value, row.estimate.value)
    axes.hlines(place, low, high, color=colour, linewidth=1.6)
    axes.plot(row.estimate.value, place, "o", markersize=4.5, color=colour)


def _lines(axes: Axes, tried: Tried) -> None:
    """The way from the low, and the day on which the bound was first passed."""
    bounds = _bounds(tried)
    for path, colour, dash in zip(tried.finding.paths, (LIGHT.x, LIGHT.soft), "-:", strict=False):
        days = [date.fromordinal(int(day) + _EPOCH) for day in path.days]
        axes.plot(days, path.above, dash, color=colour, linewidth=1.2, label=path.label)  # type: ignore[arg-type]  # dates are drawn
        passed = np.flatnonzero(path.above >= max(bounds, default=np.inf))
        if len(passed) and colour == LIGHT.x:
            at = int(passed[0])
            spot = (path.days[at], bounds[-1])
            axes.annotate(f"{days[at]}", spot, xytext=(-64, 8), textcoords="offset points")
    for bound in bounds:
        axes.axhline(bound, color=LIGHT.y, linewidth=1.0, linestyle=":")
    axes.yaxis.set_major_formatter(_ticks(_rows(tried)[0]))
    axes.legend(loc="lower right")


def _bounds(tried: Tried) -> list[float]:
    sides = (tried.statement.supported, tried.statement.refuted)
    return sorted({side.bound for side in sides if side is not None})


def _ticks(row: Row) -> FuncFormatter:
    unit = row.estimate.unit if row.estimate else "correlation"
    return FuncFormatter(lambda value, _: figure_text(value, unit))
