"""Readings as Prometheus metrics: `corr(ETH,IWM,1h)` is `comove_correlation{pair,window}`.

What has no value is absent: Prometheus, too, knows unknown from 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client.core import GaugeMetricFamily

from streams.metric import CATALOGUE, Metric, Unit
from streams.snapshot import Reading

_NAMES = {"corr": "correlation"}
_OURS = {"corr_low", "corr_high"}
"""Calls that are one end of another's interval."""
_SUFFIX = {Unit.FRACTION: "_ratio", Unit.DURATION: "_seconds", Unit.SIGMA: "_sigmas"}
_SIDES = {"value": "", "low": "_low", "high": "_high"}
_DOCS = {"low": "Lower end of the 95 % interval. ", "high": "Upper end of the 95 % interval. "}


def reading_families(readings: Mapping[str, Reading]) -> Iterator[GaugeMetricFamily]:
    """A family for each metric, and for the ends of its interval."""
    families: dict[str, GaugeMetricFamily] = {}
    for key, reading in readings.items():
        name, _, arguments = key.removesuffix(")").partition("(")
        if name not in CATALOGUE or name in _OURS:
            continue
        metric = CATALOGUE[name]
        labels = metric_labels(metric, arguments.split(","))
        for side, ending in _SIDES.items():
            value = getattr(reading, side)
            if value is not None:
                full = f"comove_{_NAMES.get(name, name)}{ending}{_SUFFIX.get(metric.unit, '')}"
                if full not in families:
                    doc = _DOCS.get(side, "") + metric.doc
                    families[full] = GaugeMetricFamily(full, doc, labels=list(labels))
                families[full].add_metric(list(labels.values()), float(value))
    yield from families.values()


def metric_labels(metric: Metric, arguments: list[str]) -> dict[str, str]:
    """What a call is of.

    >>> metric_labels(CATALOGUE["partial"], ["ETH", "IWM", "SPY", "1d"])
    {'pair': 'ETH-IWM', 'control': 'SPY', 'window': '1d'}
    """
    if metric.over == "pair":
        x, y, *rest = arguments
        labels = {"pair": f"{x}-{y}"}
        if metric.controlled:
            labels["control"], *rest = rest
    elif metric.over == "context":
        return {}
    else:
        labels, rest = {metric.over: arguments[0]}, arguments[1:]
    if metric.window is not None:
        labels["window"] = rest[0]
    if metric.rate is not None:
        labels["budget"] = rest[-1]
    return labels
