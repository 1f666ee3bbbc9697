"""What a metric can be at all, and which metrics hang together."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from config.advice.interval import ANY, Interval
from streams.lead import LAGS
from streams.metric import CATALOGUE, Call, Unit

_POSITIVE = Interval(0.0, inf, low_open=True)
_NOT_NEGATIVE = Interval(0.0)

_RANGES: Mapping[str, Interval] = {
    "volatility": _NOT_NEGATIVE,
    "return": Interval(-1.0, inf, low_open=True),
    "drawdown": Interval(-1.0, 0.0),
    "drawup": _NOT_NEGATIVE,
    "age": _NOT_NEGATIVE,
    "since": _NOT_NEGATIVE,
    "until": _NOT_NEGATIVE,
    "lead": Interval(min(LAGS), max(LAGS)),
    "llr": _NOT_NEGATIVE,
    "vix": _NOT_NEGATIVE,
    "fear_greed": Interval(0.0, 100.0),
    "cut_odds": Interval(0.0, 1.0),
}
_OF_UNIT: Mapping[Unit, Interval] = {
    Unit.CORRELATION: Interval(-1.0, 1.0),
    Unit.PRICE: _POSITIVE,
}


def range_of(call: Call) -> Interval:
    """Every value that it can have."""
    unit = CATALOGUE[call.metric].unit
    return _RANGES.get(call.metric) or _OF_UNIT.get(unit, ANY)


_FEEDS = "feeds"
_FAMILIES: Mapping[str, str] = {
    "age": _FEEDS,
    "stale": _FEEDS,
    "breakdown": "link",
    "breakdown_warning": "link",
    "since": "events",
    "until": "events",
}


def hang_together(one: str, other: str) -> bool:
    """Whether the value of one may rule out values of the other, as far as is known here.

    What feeds are doing decides over all else. Prices and what is made of them are one family: a
    regime rules out another, a return a drawdown. So are all correlations.
    """
    families = _family(one), _family(other)
    return _FEEDS in families or families[0] == families[1]


def _family(metric: str) -> str:
    if CATALOGUE[metric].over == "context":
        return metric
    return _FAMILIES.get(metric) or str(
        "correlations" if CATALOGUE[metric].unit is Unit.CORRELATION else "prices"
    )
