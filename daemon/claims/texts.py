"""How figures of claims are written for people."""

from __future__ import annotations

from daemon.claims.estimate import Estimate, Unit
from daemon.claims.statement import Side

_AFTER: dict[Unit, str] = {
    "share": " %",
    "unexplained": " %",
    "per 10 bp": " %",
    "times": " ×",
}


def figure_text(value: float, unit: Unit) -> str:
    """With its unit and a true minus.

    >>> figure_text(-0.004, "correlation"), figure_text(0.42, "share"), figure_text(2, "times")
    ('0.00', '42 %', '2.00 ×')
    """
    digits = 0 if unit in {"share", "unexplained"} else 2
    after = _AFTER.get(unit, "")
    scaled = round(value * (100.0 if after == " %" else 1.0), digits) + 0.0
    return f"{scaled:,.{digits}f}{after}".replace("-", "−")


def interval_text(estimate: Estimate) -> str:
    """`0.12 to 0.20`; of what is read off nothing."""
    ends = estimate.interval()
    if ends is None:
        return "read off"
    low, high = (figure_text(end, estimate.unit) for end in ends)
    unit = next((sign for sign in (" %", " ×") if low.endswith(sign)), "")
    return f"{low.removesuffix(unit)} to {high}"


def estimate_text(estimate: Estimate) -> str:
    """`0.12 (0.10 to 0.14)`."""
    value = figure_text(estimate.value, estimate.unit)
    return value if estimate.error is None else f"{value} ({interval_text(estimate)})"


def bound_text(side: Side, unit: Unit) -> str:
    """`above 0.10`."""
    return f"{'above' if side.below is None else 'below'} {figure_text(side.bound, unit)}"
