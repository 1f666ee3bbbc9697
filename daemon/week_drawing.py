"""The chart of a weekly report: correlation by session with its interval, and both prices.

All that is drawn is in the report's figures, so the same report gives the same picture.

Importing this takes half a second (matplotlib): it is done in a process of its own (worker.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from alerts.context import short
from alerts.transition import Transition
from daemon.chart_style import LIGHT, Palette, drawn

_DPI = 100
_INCHES = (9.0, 6.0)
_CORR = ".corr"
_BEFORE = -0.6
"""Where the close before the first session stands."""
_SIDE = 0.3
"""From the middle of a session to its open and to its close, in sessions."""


class Session(msgspec.Struct, frozen=True):
    """One session: correlation and prices, None where there are none."""

    day: date
    corr: float | None
    low: float | None
    high: float | None
    x: tuple[float | None, float | None]
    """At the open and at the close."""
    y: tuple[float | None, float | None]


def sessions_of(report: Transition) -> list[Session]:
    """Those in a weekly report's figures, oldest first."""
    x, _, y = report.pair.partition("-")
    dates = sorted(key.removesuffix(_CORR) for key in report.values if key.endswith(_CORR))

    def figure(name: str) -> float | None:
        value = report.values.get(name)
        return None if value is None else float(value)

    return [
        Session(
            date.fromisoformat(each),
            figure(f"{each}.corr"),
            figure(f"{each}.corr_low"),
            figure(f"{each}.corr_high"),
            (figure(f"{each}.open.{x}"), figure(f"{each}.close.{x}")),
            (figure(f"{each}.open.{y}"), figure(f"{each}.close.{y}")),
        )
        for each in dates
    ]


def draw_week(report: Transition) -> bytes:
    """PNG of 900 × 600 pixels."""
    chart = _Week(report, LIGHT)
    return drawn(chart.figure, "png", dpi=_DPI)


class _Week:
    def __init__(self, report: Transition, palette: Palette) -> None:
        self._report = report
        self._colours = palette
        self._sessions = sessions_of(report)

    def figure(self) -> Figure:
        figure = Figure(figsize=_INCHES, layout="constrained")
        upper, lower = figure.subplots(2, 1, sharex=True)
        figure.suptitle(
            f"{self._report.pair.replace('-', ' and ')}, {self._span()}",
            fontsize=12.0,
            fontweight="bold",
            x=0.01,
            ha="left",
        )
        self._correlation(upper)
        self._prices(lower)
        lower.set_xticks(
            range(len(self._sessions)), [f"{each.day:%a %d %b}" for each in self._sessions]
        )
        lower.set_xlim(-0.7, len(self._sessions) - 0.5)
        return figure

    def _correlation(self, axes: Axes) -> None:
        axes.set_title(f"Correlation of each session with its 95 % interval{self._usual(axes)}")
        for place, each in enumerate(self._sessions):
            if each.corr is None:
                axes.annotate("n/a", (place, 0.0), ha="center", va="bottom")
                continue
            if each.low is not None and each.high is not None:
                axes.vlines(place, each.low, each.high, color=self._colours.x, linewidth=2.0)
            axes.plot(place, each.corr, "o", color=self._colours.x, ms=7)
            axes.annotate(
                short(each.corr),
                (place, each.corr),
                (9, 0),
                textcoords="offset points",
                va="center",
            )
        axes.axhline(0.0, color=self._colours.ink, linewidth=0.8)
        axes.set_ylim(*_limits(self._sessions))

    def _usual(self, axes: Axes) -> str:
        """Mark what is usual; how the title tells of it."""
        usual = self._report.values.get("corr_usual")
        if usual is None:
            return ""
        axes.axhline(usual, color=self._colours.soft, linewidth=1.2, linestyle="--")
        return f"; dashed: usual, {short(usual)}"

    def _prices(self, axes: Axes) -> None:
        axes.set_title("Prices at each open and close, the close before = 100")
        x, _, y = self._report.pair.partition("-")
        for name, prices, colour, dash in (
            (x, [each.x for each in self._sessions], self._colours.x, "-"),
            (y, [each.y for each in self._sessions], self._colours.y, "--"),
        ):
            points = _points(self._report.values.get(f"prior_close.{name}"), prices)
            if not points:
                continue
            base = points[0][1]
            places, values = zip(*((at, 100.0 * price / base) for at, price in points), strict=True)
            label = f"{name} {points[-1][1]:,.2f}"
            axes.plot(places, values, dash, marker="o", ms=3, color=colour, label=label)
        axes.margins(y=0.1)
        if axes.get_legend_handles_labels()[0]:
            axes.legend(loc="best", ncols=2)

    def _span(self) -> str:
        first, last = self._sessions[0].day, self._sessions[-1].day
        return f"{first:%a %d %b} to {last:%a %d %b %Y}"


def _points(
    before: float | None, prices: Sequence[tuple[float | None, float | None]]
) -> list[tuple[float, float]]:
    """Where each known price stands, and the price; that of the close before first."""
    first = [] if before is None else [(_BEFORE, before)]
    return first + [
        (place + side, price)
        for place, both in enumerate(prices)
        for side, price in zip((-_SIDE, _SIDE), both, strict=True)
        if price is not None
    ]


def _limits(sessions: Sequence[Session]) -> tuple[float, float]:
    ends = [end for each in sessions for end in (each.corr, each.low, each.high) if end is not None]
    return max(min([0.0, *ends]) - 0.08, -1.05), min(max([0.5, *ends]) + 0.08, 1.05)
