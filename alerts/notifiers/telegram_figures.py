"""Readings as a chat shows them: each figure with its interval and n, or why there is none."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.context import short
from alerts.notifiers.telegram_text import marked
from alerts.render import metric_text
from streams.metric import CATALOGUE, Call, Unit
from streams.snapshot import Reading

_NAMES = {"corr": "correlation", "llr": "lead-lag ratio"}


def figure_lines(call: Call, reading: Reading, name: str = "") -> Iterator[str]:
    """The named figure, and what a person should know beside it."""
    yield named_figure(call, reading, name)
    if reading.value is not None and reading.note:
        yield f"<i>{marked(reading.note)}</i>"


def named_figure(call: Call, reading: Reading, name: str = "") -> str:
    """`correlation 1h <b>.58</b> (.49 to .66; n 240)`, as HTML."""
    name = name or _NAMES.get(call.metric, call.metric.replace("_", " "))
    window = f" {call.window_text}" if call.window_text else ""
    return f"{marked(name)}{window} {figure(call, reading)}"


def figure(call: Call, reading: Reading) -> str:
    """`<b>.58</b> (.49 to .66; n 240)`, or `n/a (closed)`, as HTML."""
    if reading.value is None:
        return f"n/a ({marked(reading.reason)})"
    detail = "; ".join(_details(reading, call.metric))
    return f"<b>{_text(reading.value, call.metric)}</b>" + (f" ({detail})" if detail else "")


def _details(reading: Reading, metric: str) -> list[str]:
    details = []
    if reading.low is not None and reading.high is not None:
        details.append(f"{_text(reading.low, metric)} to {_text(reading.high, metric)}")
    if reading.n is not None:
        details.append(f"n {reading.n:,.0f}")
    return details


def _text(value: float, metric: str) -> str:
    correlation = CATALOGUE[metric].unit is Unit.CORRELATION
    return short(float(value)) if correlation else metric_text(value, metric)
