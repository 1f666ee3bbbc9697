"""The lead-lag profile of a session: how x moves with y a while later, lag by lag.

Importing this takes half a second (matplotlib): it is done in a process of its own (worker.py).
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from alerts.context import short
from daemon.chart_style import DARK, LIGHT, NARROW, WIDE, Form, Palette, drawn
from daemon.lag_text import lag_text, veto_text
from streams.lead import Profile


def draw_lead(
    profile: Profile,
    x: str,
    y: str,
    day: str,
    *,
    form: Form = "svg",
    dark: bool = False,
    narrow: bool = False,
) -> bytes:
    """A profile that has points, of legs `x` and `y`, on the `day` named."""
    palette = DARK if dark else LIGHT
    inches = NARROW if narrow else WIDE

    def figure() -> Figure:
        made = Figure(figsize=inches, layout="constrained")
        axes = made.subplots()
        axes.set_title(f"Correlation of {x} and {y} by lag, {day}")
        axes.set_xlabel(f"← {y} first · lag in seconds · {x} first →\nshaded: {veto_text(profile)}")
        _stems(axes, profile, palette)
        _veto(axes, profile, palette)
        _peak(axes, profile, palette)
        return made

    return drawn(figure, form, palette=palette, dpi=100)


def _stems(axes: Axes, profile: Profile, palette: Palette) -> None:
    """What lies within the veto is hollow."""
    lags, values = (np.array(column) for column in zip(*profile.points, strict=True))
    silent = np.abs(lags) <= profile.veto
    for these, fill, colour in ((silent, palette.paper, palette.soft), (~silent, None, palette.x)):
        axes.vlines(lags[these], 0.0, values[these], color=colour, linewidth=1.6)
        axes.plot(lags[these], values[these], "o", ms=4, color=colour, mfc=fill)
    axes.axhline(0.0, color=palette.ink, linewidth=0.8)
    axes.axvline(0.0, color=palette.ink, linewidth=0.8, linestyle=(0, (4, 2)))
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    room = 0.2 * (high - low)
    axes.set_ylim(low - (room if low < 0.0 else 0.0), high + room)


def _veto(axes: Axes, profile: Profile, palette: Palette) -> None:
    """Where a lag says nothing."""
    edge = profile.points[-1][0]
    within = min(profile.veto, edge * 1.05)
    axes.axvspan(-within, within, fc=palette.grid, lw=0.0, zorder=0)
    axes.set_xlim(-edge * 1.05, edge * 1.05)


def _peak(axes: Axes, profile: Profile, palette: Palette) -> None:
    value = dict(profile.points)[profile.peak]
    edge = profile.points[-1][0]
    left = profile.peak > edge / 2 or -edge / 2 < profile.peak < 0.0
    axes.plot(profile.peak, value, "D", ms=6, color=palette.y)
    axes.annotate(
        f"{short(value)} at {lag_text(profile.peak)}",
        (profile.peak, value),
        xytext=(-8 if left else 8, -2),
        textcoords="offset points",
        ha="right" if left else "left",
        fontweight="bold",
    )
