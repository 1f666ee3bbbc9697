from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from alerts.notifiers.mqtt_metrics import Metrics
from alerts.notifiers.mqtt_regimes import NAMES, regimes
from streams.metric import CATALOGUE, REGIMES
from streams.snapshot import Reading, Snapshot
from tests.alerts.alerts import NS, START

INTERVAL = 10 * NS
CORR = "corr(ETH,IWM,1h)"


def shown(metrics: Metrics, second: float, reading: Reading, key: str = CORR) -> tuple[object, int]:
    """Value and instant on the page."""
    (page,) = metrics.pages(at(second, {key: reading})).values()
    payload = json.loads(page)
    return payload["value"], (payload["ts"] - START) // NS


def at(second: float, readings: Mapping[str, Reading]) -> Snapshot:
    return Snapshot(ts=START + round(second * NS), readings=readings, sessions={})


def test_a_value_that_moves_all_the_time_is_published_once_an_interval() -> None:
    metrics = Metrics(INTERVAL)
    told = [shown(metrics, second, Reading(second / 100))[1] for second in range(31)]
    assert sorted(set(told)) == [0, 10, 20, 30]


def test_the_newest_value_is_published_when_the_interval_is_over_though_it_moved_earlier() -> None:
    metrics = Metrics(INTERVAL)
    shown(metrics, 0, Reading(0.1))
    assert shown(metrics, 1, Reading(0.2)) == (0.1, 0)
    assert shown(metrics, 10, Reading(0.2)) == (0.2, 10)


def test_a_value_that_stood_still_for_longer_than_the_interval_is_published_at_once() -> None:
    metrics = Metrics(INTERVAL)
    for second in (0, 50):
        shown(metrics, second, Reading(0.1))
    assert shown(metrics, 51, Reading(0.2)) == (0.2, 51)


@pytest.mark.parametrize(
    ("before", "now"),
    [(0.5, None), (None, 0.5), (False, True), (True, False)],
)
def test_what_turns_is_published_at_once(before: float | None, now: float | None) -> None:
    metrics = Metrics(INTERVAL)
    shown(metrics, 0, Reading(before))
    assert shown(metrics, 1, Reading(now)) == (now, 1)


def test_a_reason_that_counts_up_waits_for_its_turn() -> None:
    metrics = Metrics(INTERVAL)
    shown(metrics, 0, Reading(None, "warming up 1/60"))
    assert shown(metrics, 1, Reading(None, "warming up 2/60")) == (None, 0)


def test_an_unchanged_value_is_told_again_only_where_a_refresh_is_asked_for() -> None:
    silent, chatty = Metrics(INTERVAL), Metrics(INTERVAL, refresh=60 * NS)
    told = [
        (shown(silent, second, Reading(0.5))[1], shown(chatty, second, Reading(0.5))[1])
        for second in (0, 59, 60, 119, 120)
    ]
    assert told == [(0, 0), (0, 0), (0, 60), (0, 60), (0, 120)]


def test_a_metric_that_is_no_longer_read_has_no_page() -> None:
    metrics = Metrics(INTERVAL)
    assert len(metrics.pages(at(0, {CORR: Reading(0.5), "price(ETH)": Reading(2e3)}))) == 2
    assert list(metrics.pages(at(1, {CORR: Reading(0.5)}))) == ["corr_1h/ETH-IWM"]


def states(holding: str | None, reason: str = "") -> dict[str, Reading]:
    return {
        f"{state}(ETH,IWM,1h)": Reading(None, reason) if reason else Reading(state == holding)
        for state in REGIMES
    }


def test_the_states_of_the_regime_are_the_catalogue_s() -> None:
    assert set(REGIMES) <= CATALOGUE.keys()


@pytest.mark.parametrize(("state", "name"), [*zip(REGIMES, NAMES, strict=True)])
def test_the_regime_is_the_name_of_the_state_that_holds(state: str, name: str) -> None:
    (found,) = regimes(states(state))
    assert (found.key, found.name) == ("regime(ETH,IWM,1h)", name)


def test_an_unknown_regime_has_no_name_but_a_reason() -> None:
    (found,) = regimes(states(None, "closed"))
    assert found.name is None
    assert found.reading.reason == "closed"


def test_of_some_of_its_states_no_regime_is_made() -> None:
    found = states("quiet")
    del found["risk_off(ETH,IWM,1h)"]
    assert not list(regimes(found))


def test_a_regime_that_changes_is_published_at_once_under_a_topic_of_its_own() -> None:
    metrics = Metrics(INTERVAL)
    for second, holding in ((0, "quiet"), (1, "risk_off")):
        pages = metrics.pages(at(second, states(holding)))
        payload = json.loads(pages["regime_1h/ETH-IWM"])
        assert payload["value"] == holding.replace("_", "-")
        assert payload["ts"] == START + second * NS
