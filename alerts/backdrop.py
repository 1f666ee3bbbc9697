"""What is going on around: volatility, rates, sentiment and odds, as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from alerts.render import MINUS, UNKNOWN
from alerts.rule import Value
from streams.metric import CONTEXT, Call
from streams.snapshot import Reading

_LABELS = {
    "vix": "VIX",
    "us2y": "2-year",
    "fear_greed": "fear & greed",
    "cut_odds": "cut odds",
    "fed_funds": "fed funds",
    "fed_target_low": "Fed target, low",
    "fed_target_high": "Fed target, high",
}
_TOLD = ("vix", "us2y", "fear_greed", "cut_odds")
"""What an alert has room for."""
_DATED = {"vix", "cut_odds"}
"""Those of which an alert says how old they are: the others move little in a day."""
_FORMS = {"vix": "{:.1f}", "fear_greed": "{:.0f}", "cut_odds": "{:.0%}"}


def backdrop_line(readings: Mapping[str, Reading]) -> str:
    """`VIX 27.4 (close of Fri, FRED) · 2-year 4.48% · fear & greed 22`: what is known of it."""
    known = ((name, readings.get(Call(name, ()).key)) for name in _TOLD)
    return " · ".join(
        f"{_LABELS[name]} {series_text(name, reading.value)}"
        + (f" ({reading.note})" if name in _DATED and reading.note else "")
        for name, reading in known
        if reading is not None and reading.value is not None
    )


def backdrop(readings: Mapping[str, Reading]) -> Iterator[tuple[str, str, Reading]]:
    """The name, the label and the reading of each series that is watched."""
    for name in sorted(CONTEXT, key=list(_LABELS).index):
        reading = readings.get(Call(name, ()).key)
        if reading is not None:
            yield name, _LABELS[name], reading


def series_text(name: str, value: Value) -> str:
    """`27.4`, `4.48%`, `61%`; `n/a` where nothing is known."""
    if value is None:
        return UNKNOWN
    return _FORMS.get(name, "{:.2%}").format(value).replace("-", MINUS)
