"""How charts look, wherever they are drawn: colours for light and dark, fonts, file forms.

Importing this takes half a second (matplotlib): do so only when a chart is asked for.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Literal

import matplotlib as mpl
import msgspec
from matplotlib.figure import Figure

Form = Literal["png", "svg"]
DPI = 110
WIDE, NARROW = (6.2, 3.3), (4.3, 3.2)
"""Inches of a picture that takes half of a page's width, and all of a telephone's."""


class Palette(msgspec.Struct, frozen=True):
    """Colours by what they are for; `x` and `y` differ in lightness too, for those who see none."""

    ink: str
    soft: str
    grid: str
    paper: str
    x: str
    y: str


LIGHT = Palette("#222222", "#8a8a8a", "#e4e4e4", "#ffffff", "#1f5fa8", "#c2570c")
DARK = Palette("#e6e6e6", "#8c939c", "#2c333c", "#14181d", "#6fb1f5", "#f0a35e")


def drawn(
    make: Callable[[], Figure], form: Form, *, palette: Palette = LIGHT, dpi: int = DPI
) -> bytes:
    """What `make` draws, in comove's style; the same figure gives the same bytes."""
    with mpl.rc_context(_style(palette)):  # type: ignore[arg-type]  # a Literal of every name
        out = io.BytesIO()
        make().savefig(out, format=form, dpi=dpi, metadata=_metadata(form))
    return out.getvalue()


def _metadata(form: Form) -> dict[str, str | None]:
    return {"Date": None, "Creator": "comove"} if form == "svg" else {"Software": "comove"}


def _style(palette: Palette) -> dict[str, object]:
    return {
        "font.family": "DejaVu Sans",
        "font.size": 9.0,
        "axes.titlesize": 10.0,
        "axes.titlelocation": "left",
        "axes.titleweight": "bold",
        "axes.facecolor": palette.paper,
        "axes.edgecolor": palette.soft,
        "axes.labelcolor": palette.ink,
        "axes.titlecolor": palette.ink,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "figure.facecolor": palette.paper,
        "savefig.facecolor": palette.paper,
        "grid.color": palette.grid,
        "grid.linewidth": 0.6,
        "hatch.color": palette.soft,
        "xtick.color": palette.ink,
        "ytick.color": palette.ink,
        "text.color": palette.ink,
        "legend.frameon": False,
        "svg.fonttype": "none",
        "svg.hashsalt": "comove",
    }
