"""Figures and instants as reports write them; on New York's clock."""

from __future__ import annotations

from datetime import date, datetime

from alerts.context import short
from alerts.moment import NEW_YORK
from alerts.render import format_value, metric_text
from alerts.report.account import Account, Estimate
from streams.instrument import NS
from streams.metric import Unit

SERIES = {
    "vix": "VIX",
    "fear_greed": "fear & greed",
    "fed_funds": "Fed funds",
    "fed_target_low": "Fed target, low",
    "fed_target_high": "Fed target, high",
    "us2y": "2-year",
    "cut_odds": "cut odds",
}
"""The slow series, as people call them."""


def percent(value: float) -> str:
    """A change: `+0.84%`, `−2.3%`."""
    return format_value(value, Unit.FRACTION, signed=True)


def figure(value: float, decimals: int) -> str:
    """A change: `+0.8`, `−12`, `0`."""
    text = f"{abs(value):.{decimals}f}"
    if not text.strip("0."):
        return text
    return f"−{text}" if value < 0 else f"+{text}"


def points(value: float) -> str:
    """A difference of two returns: `+0.3 points`."""
    return f"{figure(100 * value, 1)} points"


def sigma(value: float) -> str:
    """`−4.2 σ`, `+3.1 σ`."""
    return format_value(value, Unit.SIGMA, signed=True)


def share(part: int, whole: int) -> str:
    """`25%`."""
    return f"{part / whole:.0%}"


def estimate(found: Estimate) -> str:
    """`.59 (.51 to .66)`."""
    if found.value is None:
        return f"n/a ({found.reason})"
    if found.low is None or found.high is None:
        return short(found.value)
    return f"{short(found.value)} ({short(found.low)} to {short(found.high)})"


def level(name: str, value: float) -> str:
    """A slow series' value: `VIX 16.40`, `fear & greed 28`."""
    text = f"{value:.0f}" if name == "fear_greed" else metric_text(value, name)
    return f"{SERIES.get(name, name)} {text}"


def at(ts: int, account: Account) -> str:
    """`11:42`; `Tue 11:42` in a report on a week."""
    return f"{_local(ts):{'%a %H:%M' if account.weekly else '%H:%M'}}"


def day_and_clock(ts: int) -> str:
    """`Wed 18 Mar 14:00`."""
    return f"{_local(ts):%a %d %b %H:%M}"


def weekday(ts: int) -> str:
    """`Tue`, of the session that ends at `ts`."""
    return f"{day(ts):%a}"


def day(end: int) -> date:
    """The date of the session that ends at `end`."""
    return _local(end - 1).date()


def span(account: Account) -> str:
    """`Tue 17 Mar`; `Week of 16 to 20 Mar`."""
    last = day(account.end)
    if not account.weekly:
        return f"{last:%a %d %b}"
    first = day(account.sessions[0].end)
    begin = f"{first:%d}" if first.month == last.month else f"{first:%d %b}"
    return f"Week of {begin} to {last:%d %b}"


def _local(ts: int) -> datetime:
    return datetime.fromtimestamp(ts // NS, NEW_YORK)
