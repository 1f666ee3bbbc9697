"""Units: how they are written, and which of them go together."""

from __future__ import annotations

from alerts.language.errors import did_you_mean
from streams.metric import Unit

SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
"""Duration units."""

LITERALS = {
    "": (Unit.NUMBER, 1.0),
    "%": (Unit.FRACTION, 0.01),
    "bp": (Unit.FRACTION, 0.0001),
    "sigma": (Unit.SIGMA, 1.0),
    **{name: (Unit.DURATION, size) for name, size in SECONDS.items()},
}
"""Unit as written → what it measures, and its size."""

WORDS = {
    Unit.NUMBER: "a plain number",
    Unit.CORRELATION: "a correlation",
    Unit.FRACTION: "a percentage",
    Unit.SIGMA: "a number of standard deviations",
    Unit.PRICE: "a price",
    Unit.DURATION: "a duration",
    Unit.TRUTH: "a yes or no",
    Unit.INSTANT: "an instant",
}

_HABITS = {
    "percent": "%",
    "pct": "%",
    "bps": "bp",
    "sd": "sigma",
    "std": "sigma",
    "sigmas": "sigma",
    "sec": "s",
    "secs": "s",
    "second": "s",
    "seconds": "s",
    "min": "m",
    "mins": "m",
    "minute": "m",
    "minutes": "m",
    "hr": "h",
    "hour": "h",
    "hours": "h",
    "day": "d",
    "days": "d",
    "week": "w",
    "weeks": "w",
}

_FITS_PLAIN = frozenset({Unit.SIGMA, Unit.CORRELATION, Unit.PRICE})
"""What a plain number may be compared with: units that people write without a sign."""


def unit_remedy(written: str) -> str:
    """What to write instead of a unit that does not exist."""
    if habit := _HABITS.get(written.lower()):
        return f"did you mean '{habit}'?"
    return did_you_mean(written, (name for name in LITERALS if name))


def agreed(left: Unit, right: Unit, plain: tuple[float | None, float | None]) -> Unit | None:
    """The unit in which two values can be compared or added; None where they cannot.

    `plain` has the values of those sides that are constants without a unit.
    """
    if left == right:
        return left
    for unit, value in ((right, plain[0]), (left, plain[1])):
        if value is not None and (unit in _FITS_PLAIN or (value == 0 and unit != Unit.TRUTH)):
            return unit
    return None


_STRENGTH = (
    Unit.NUMBER,
    Unit.CORRELATION,
    Unit.SIGMA,
    Unit.FRACTION,
    Unit.PRICE,
    Unit.DURATION,
)
"""Of two units multiplied the later one is the product's."""

_DIMENSIONS = frozenset({Unit.PRICE, Unit.DURATION})
_SCALARS = frozenset({Unit.NUMBER, Unit.CORRELATION})


def product(left: Unit, right: Unit) -> Unit | None:
    """The unit of left × right; None where it has no name here."""
    if Unit.TRUTH in {left, right} or {left, right} <= _DIMENSIONS:
        return None
    strongest = max(left, right, key=_STRENGTH.index)
    return Unit.NUMBER if left == right else strongest


def quotient(left: Unit, right: Unit) -> Unit | None:
    """The unit of left ÷ right; None where it has no name here."""
    if Unit.TRUTH in {left, right}:
        return None
    if left == right:
        return Unit.NUMBER
    return left if right in _SCALARS else None
