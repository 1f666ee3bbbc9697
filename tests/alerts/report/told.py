"""Reports to deliver."""

from __future__ import annotations

from msgspec.structs import replace

from alerts.rule import Severity
from alerts.transition import DAILY, Transition
from tests.alerts.alerts import alert


def report(
    kind: str = DAILY, *, message: str = "Moves: ETH +5.0%\nLink: no break found"
) -> Transition:
    """One of a day or a week."""
    made = alert(
        f"{kind}/ETH-IWM/2026-03-19",
        severity=Severity.INFO,
        title="Thu 19 Mar: ETH +5.0%",
        message=message,
        context=(),
    )
    figures = {
        "corr": 0.5,
        "corr_usual": 0.45,
        "2026-03-18.corr": 0.41,
        "2026-03-18.corr_low": 0.3,
        "2026-03-18.corr_high": 0.52,
        "2026-03-18.open.ETH": 2000.0,
        "2026-03-18.close.ETH": 2050.0,
        "2026-03-18.open.IWM": 250.0,
        "2026-03-18.close.IWM": 251.0,
        "2026-03-19.corr": None,
        "2026-03-19.corr_low": None,
        "2026-03-19.corr_high": None,
        "2026-03-19.open.ETH": 2060.0,
        "2026-03-19.close.ETH": 2100.0,
        "2026-03-19.open.IWM": 252.0,
        "2026-03-19.close.IWM": None,
        "prior_close.ETH": 1990.0,
    }
    return replace(made, rule=kind, since=None, values=figures)
