"""How figures and instants are written for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from streams.instrument import NS
from streams.metric import duration_text
from streams.snapshot import Reading


def utc_text(ts: int) -> str:
    """An instant (ns UTC) as ISO 8601, to the second."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=ts // NS)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def figure(value: float | None) -> str:
    """Two decimals with a true minus, nothing where there is no value.

    >>> figure(-0.004), figure(-0.25)
    ('0.00', '−0.25')
    """
    if value is None:
        return ""
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


def reading_text(reading: Reading) -> str:
    """`0.52 (0.46 to 0.57)`, or the reason why there is none."""
    if reading.value is None:
        return f"n/a ({reading.reason})"
    text = figure(float(reading.value))
    if reading.low is None or reading.high is None:
        return text
    return f"{text} ({figure(reading.low)} to {figure(reading.high)})"


def value_text(reading: Reading) -> str:
    """Without the interval."""
    return f"n/a ({reading.reason})" if reading.value is None else figure(float(reading.value))


def lag_text(lag: int) -> str:
    """A lag (ns), whichever its sign."""
    return duration_text(abs(lag) / NS)


def p_text(p_value: float) -> str:
    """Two decimals, four below a hundredth."""
    return f"{p_value:.2f}" if p_value >= 0.01 else f"{p_value:.4f}"
