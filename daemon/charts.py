"""One page of charts of a study: prices, correlation, lead-lag profile, divergence.

Importing this takes half a second (matplotlib): do so only when a chart is asked for.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter

from daemon.chart_style import LIGHT, Form, drawn
from daemon.study.aligned import Floats, Ints
from daemon.study.divergences import BEGINS
from daemon.study.study import Study
from daemon.study.texts import figure, lag_text, value_text
from daemon.texts import new_york
from streams.instrument import NS
from streams.snapshot import Reading

_INK, _SOFT, _X, _Y = LIGHT.ink, LIGHT.soft, LIGHT.x, LIGHT.y
_MOST_TICKS = 9
_WIDE = 1.5
"""The range of log prices from which the axis is logarithmic."""


def draw(study: Study, form: Form) -> bytes:
    """The page as PNG or SVG; the same study gives the same bytes."""
    return drawn(lambda: _page(study), form)


def _page(study: Study) -> Figure:
    page = Figure(figsize=(10.5, 11.0), layout="constrained")
    page.suptitle(_title(study), fontsize=13, fontweight="bold", x=0.01, ha="left")
    prices, correlation, profile, divergence = page.subplots(
        4, 1, gridspec_kw={"height_ratios": [3, 3, 3, 2.4]}
    )
    _prices(prices, study)
    _correlation(correlation, study)
    _profile(profile, study)
    _divergence(divergence, study)
    for axes in (prices, correlation, divergence):
        _time_axis(axes, study)
    page.align_ylabels()
    return page


def _title(study: Study) -> str:
    verdict = _verdict(study)
    return f"{study.x.name} and {study.y.name}: correlation {value_text(study.whole)}, {verdict}"


def _verdict(study: Study) -> str:
    verdict = study.lead_lag.verdict
    names = {"x first": f"{study.x.name} first", "y first": f"{study.y.name} first"}
    return names.get(verdict, verdict)


def _prices(axes: Axes, study: Study) -> None:
    """Both rebased to 100; between sessions the lines break."""
    both = np.isfinite(study.aligned.x) & np.isfinite(study.aligned.y)
    first = int(np.flatnonzero(both)[0])
    for logs, name, colour, dash in (
        (study.aligned.x, study.x.name, _X, "-"),
        (study.aligned.y, study.y.name, _Y, "--"),
    ):
        rebased = 100.0 * np.exp(logs - logs[first])
        at, values = _broken(np.arange(len(logs)), rebased, study.aligned.session)
        axes.plot(at, values, dash, color=colour, linewidth=1.1, label=name)
    if max(float(np.ptp(logs[both])) for logs in (study.aligned.x, study.aligned.y)) > _WIDE:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(ScalarFormatter())
    axes.set_title("Prices, first one in common = 100")
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 0.98), ncols=2)


def _broken(at: Ints, values: Floats, session: Ints) -> tuple[Floats, Floats]:
    """A line's points, known ones only, with a gap between sessions."""
    known = np.isfinite(values)
    at, values, session = at[known], values[known], session[known]
    cuts = np.flatnonzero(np.diff(session)) + 1
    return (
        np.insert(at.astype(np.float64), cuts, np.nan),
        np.insert(values, cuts, np.nan),
    )


def _correlation(axes: Axes, study: Study) -> None:
    curve = study.curve
    value, low, high = (_column(curve.readings, side) for side in ("value", "low", "high"))
    axes.fill_between(curve.at, low, high, color=_X, alpha=0.18, linewidth=0)
    axes.plot(curve.at, value, color=_X, linewidth=1.2)
    axes.axhline(0.0, color=_INK, linewidth=0.8)
    if study.whole.value is not None:
        axes.axhline(float(study.whole.value), color=_SOFT, linewidth=1.0, linestyle=":")
    for found in study.breaks.found:
        end = study.aligned.ts[-1] if found.restored is None else found.restored
        first, last = (float(p) for p in np.searchsorted(study.aligned.ts, [found.onset, end]))
        axes.axvspan(first, last, facecolor="none", edgecolor=_SOFT, hatch="///", linewidth=0.8)
    axes.set_ylim(-1.0, 1.0)
    breaks = ", breaks hatched" if study.breaks.found else ""
    axes.set_title(f"Correlation over {curve.window} with 95 % interval; whole file dotted{breaks}")


def _column(readings: tuple[Reading, ...], side: str) -> Floats:
    values = (getattr(reading, side) for reading in readings)
    return np.array([np.nan if value is None else float(value) for value in values])


def _profile(axes: Axes, study: Study) -> None:
    profile, found = study.lead_lag.profile, study.lead_lag
    readings = profile.readings()
    value, low, high = (_column(readings, side) for side in ("value", "low", "high"))
    unit, name = _unit(int(profile.lags[-1]))
    lags = profile.lags / unit
    axes.vlines(lags, 0.0, value, color=_X, linewidth=2.2)
    error = np.clip(np.vstack([value - low, high - value]), 0.0, None)
    axes.errorbar(lags, value, error, fmt="o", ms=4, color=_X, ecolor=_SOFT, elinewidth=1)
    axes.axhline(0.0, color=_INK, linewidth=0.8)
    if found.lag:
        place = found.lag / unit, float(found.at_peak.value or 0.0)
        first = study.x.name if found.lag > 0 else study.y.name
        label = f"{figure(place[1])}, {first} first by {lag_text(found.lag)}"
        axes.annotate(label, place, xytext=(8, -2), textcoords="offset points")
    axes.set_xlabel(f"← {study.y.name} first · lag in {name} · {study.x.name} first →")
    axes.set_title(f"Lead-lag profile with 95 % intervals: {_verdict(study)}")


def _unit(most: int) -> tuple[int, str]:
    if most >= 2 * 86_400 * NS:
        return 86_400 * NS, "closes"
    return (60 * NS, "minutes") if most >= 120 * NS else (NS, "seconds")


def _divergence(axes: Axes, study: Study) -> None:
    found = study.divergences
    axes.set_title(
        f"Divergence over {found.horizon}: {study.x.name} against what {study.y.name} implies, in σ"
    )
    if not len(found.z):
        axes.text(0.5, 0.5, "too short a file", transform=axes.transAxes, ha="center")
        return
    at, z = _broken(found.at, found.z, study.aligned.session[found.at])
    axes.plot(at, z, color=_X, linewidth=0.9)
    axes.axhline(0.0, color=_INK, linewidth=0.8)
    for side in (-BEGINS, BEGINS):
        axes.axhline(side, color=_SOFT, linewidth=1.0, linestyle=":")


def _time_axis(axes: Axes, study: Study) -> None:
    """Places of the grid as dates: closed hours take no room."""
    both = np.flatnonzero(np.isfinite(study.aligned.x) & np.isfinite(study.aligned.y))
    first, last = int(both[0]), int(both[-1])
    axes.set_xlim(first, max(last, first + 1))
    days = [new_york(int(ts) - 1, "%Y-%m-%d") for ts in study.aligned.ts[first : last + 1]]
    begin = [i for i in range(len(days)) if i == 0 or days[i] != days[i - 1]]
    chosen = begin[:: -(-len(begin) // _MOST_TICKS)]
    axes.set_xticks([first + i for i in chosen], [days[i] for i in chosen])
