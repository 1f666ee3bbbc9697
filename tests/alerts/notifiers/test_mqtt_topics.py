from __future__ import annotations

import pytest

from alerts.notifiers.mqtt_topics import level, metric_path
from streams.metric import CATALOGUE, Call


@pytest.mark.parametrize(
    ("call", "path"),
    [
        (Call("corr", ("ETH", "IWM"), 3600), "corr_1h/ETH-IWM"),
        (Call("beta", ("ETH", "IWM"), 604800), "beta_1w/ETH-IWM"),
        (Call("breakdown", ("ETH", "IWM"), rate=1 / 21), "breakdown_1_month/ETH-IWM"),
        (Call("return", ("ETH",), 3600), "return_1h/ETH"),
        (Call("price", ("IWM",)), "price/IWM"),
    ],
)
def test_a_metrics_topic_is_its_name_and_what_it_is_of(call: Call, path: str) -> None:
    assert metric_path(call.key) == path


def test_every_metric_but_those_of_the_context_has_a_topic_of_two_levels() -> None:
    for metric in CATALOGUE.values():
        if metric.over == "context":
            continue
        instruments = ("ETH", "IWM") if metric.over == "pair" else ("ETH",)
        call = Call(metric.name, instruments, metric.window, metric.rate)
        assert metric_path(call.key).count("/") == 1


def test_a_metric_of_no_instrument_is_its_name() -> None:
    assert metric_path("vix()") == "vix"


def test_wildcards_and_separators_are_no_part_of_a_level() -> None:
    assert level("BRK/B+#") == "BRK_B__"
