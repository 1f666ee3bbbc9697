"""Payloads against the keys that Home Assistant documents for its MQTT integration."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import pytest

from alerts.notifiers.mqtt_discovery import Discovery, Entities
from alerts.notifiers.mqtt_regimes import NAMES
from alerts.standing import Standing
from streams.metric import REGIMES
from streams.snapshot import FeedStatus, Reading, Snapshot
from tests.alerts.alerts import START
from tests.alerts.notifiers.brokered import standing

COMMON = {
    "name", "unique_id", "default_entity_id", "state_topic", "value_template", "device", "origin",
    "availability_topic", "json_attributes_topic", "json_attributes_template", "device_class",
    "expire_after", "entity_category", "icon",
}  # fmt: skip
KEYS = {
    "sensor": COMMON
    | {"state_class", "unit_of_measurement", "suggested_display_precision", "options"},
    "binary_sensor": COMMON,
}
REQUIRED = {"name", "unique_id", "default_entity_id", "state_topic", "device", "origin"}
DEVICE = {"identifiers", "name", "manufacturer", "model", "sw_version", "configuration_url"}
CLASSES: dict[str, set[str | None]] = {
    "sensor": {"duration", "enum", None},
    "binary_sensor": {"problem", "connectivity"},
}

SNAPSHOT = Snapshot(
    ts=START,
    readings={
        "corr(ETH,IWM,1h)": Reading(0.5),
        "corr(ETH,SPY,1h)": Reading(0.5),
        "beta(ETH,IWM,4w)": Reading(1.2),
        "divergence(ETH,IWM,1h)": Reading(-1.0),
        "lead(ETH,IWM)": Reading(None, "link too weak"),
        "price(ETH)": Reading(2000.0),
        **{f"{state}(ETH,IWM,1h)": Reading(state == "quiet") for state in REGIMES},
    },
    sessions={},
    feeds=(
        FeedStatus("ETH", "coinbase", "live", active=True, age=0.5),
        FeedStatus("IWM", "yahoo", "closed", active=False, age=None),
    ),
)


def made(
    *standings: Standing, snapshot: Snapshot = SNAPSHOT, prefix: str = "comove/main"
) -> dict[str, Any]:
    discovery = Discovery(version="1.2.3", url="http://127.0.0.1:8080/")
    pages = Entities(discovery, prefix).pages(standings or [standing()], snapshot)
    return {topic: json.loads(page) for topic, page in pages.items()}


def one(part: str) -> Any:
    (found,) = (page for topic, page in made().items() if part in topic)
    return found


def test_there_is_an_entity_for_each_statistic_rule_and_feed() -> None:
    names = sorted(page["name"] for page in made().values())
    assert names == [
        "ETH and small caps have come apart",
        "ETH from coinbase",
        "ETH–IWM beta 4w",
        "ETH–IWM correlation 1h",
        "ETH–IWM divergence 1h",
        "ETH–IWM lead",
        "ETH–IWM regime 1h",
        "ETH–SPY correlation 1h",
        "IWM from yahoo",
    ]


def test_topics_and_payloads_have_the_documented_form_and_no_other_key() -> None:
    for topic, page in made().items():
        match = re.fullmatch(
            r"homeassistant/(sensor|binary_sensor)/comove_main/[A-Za-z0-9_-]+/config", topic
        )
        assert match, topic
        component = match[1]
        assert REQUIRED <= page.keys() <= KEYS[component]
        assert page["device"].keys() <= DEVICE
        assert page["origin"] == {"name": "comove", "sw_version": "1.2.3"}
        assert page["availability_topic"] == "comove/main/availability"
        assert page.get("device_class") in CLASSES[component]
        assert page["default_entity_id"].startswith(f"{component}.")
        assert re.fullmatch(r"[a-z_]+\.[a-z0-9_]+", page["default_entity_id"])


def test_all_entities_are_on_one_device_that_leads_to_the_status_page() -> None:
    devices = {json.dumps(page["device"]) for page in made().values()}
    assert [json.loads(device) for device in devices] == [
        {
            "identifiers": ["comove_main"],
            "name": "comove main",
            "manufacturer": "comove",
            "model": "ETH and small caps, watched together",
            "sw_version": "1.2.3",
            "configuration_url": "http://127.0.0.1:8080/",
        }
    ]


def test_ids_are_unique_and_stay_when_a_title_or_a_value_changes() -> None:
    def ids(pages: dict[str, Any]) -> list[str]:
        return [page["unique_id"] for page in pages.values()]

    before = ids(made())
    assert len(set(before)) == len(before)
    other = msgspec.structs.replace(SNAPSHOT, ts=START + 1)
    assert ids(made(standing(title="Another title"), snapshot=other)) == before


def test_two_instances_share_nothing() -> None:
    first, second = made(), made(prefix="comove/desk")
    assert not first.keys() & second.keys()
    for key in ("unique_id", "default_entity_id", "state_topic"):
        assert not {p[key] for p in first.values()} & {p[key] for p in second.values()}


def test_a_metric_expires_shows_its_unit_and_carries_its_interval() -> None:
    page = one("divergence")
    assert page["state_topic"] == "comove/main/metric/divergence_1h/ETH-IWM"
    assert page["json_attributes_topic"] == page["state_topic"]
    for attribute in ("n", "low", "high", "reason"):
        assert f"value_json.{attribute}" in page["json_attributes_template"]
    assert page["unit_of_measurement"] == "σ"
    assert page["state_class"] == "measurement"
    assert page["suggested_display_precision"] == 1
    assert page["expire_after"] == 180
    assert page["value_template"] == "{{ value_json.value }}"


def test_the_regime_is_one_of_a_list_and_has_neither_unit_nor_state_class() -> None:
    page = one("regime")
    assert page["device_class"] == "enum"
    assert page["options"] == list(NAMES)
    assert not {"unit_of_measurement", "state_class"} & page.keys()


def test_a_rule_is_a_problem_and_a_feed_is_a_connection() -> None:
    rule, feed = one("/state_"), one("feed_ETH")
    assert rule["device_class"] == "problem"
    assert rule["state_topic"] == "comove/main/state/small-caps-breakdown/ETH-IWM"
    assert "expire_after" not in rule
    assert feed["device_class"] == "connectivity"
    assert feed["entity_category"] == "diagnostic"
    assert feed["state_topic"] == "comove/main/feed/ETH/coinbase"


@pytest.mark.parametrize(
    ("part", "payload", "shown"),
    [
        ("/state_", {"state": "firing", "doubt": "unknown"}, "ON"),
        ("/state_", {"state": "recovering", "doubt": ""}, "ON"),
        ("/state_", {"state": "pending", "doubt": ""}, "OFF"),
        ("/state_", {"state": "inactive", "doubt": ""}, "OFF"),
        ("/state_", {"state": "inactive", "doubt": "unknown"}, "None"),
        ("/state_", {"state": "inactive", "doubt": "suspended"}, "None"),
        ("feed_ETH", {"state": "live"}, "ON"),
        ("feed_ETH", {"state": "stale"}, "OFF"),
        ("feed_ETH", {"state": "closed"}, "None"),
        ("corr_1h_ETH-IWM", {"value": 0.5}, "0.5"),
        ("corr_1h_ETH-IWM", {"value": None}, "None"),
    ],
)
def test_templates_show_unknown_as_home_assistant_s_none(
    part: str, payload: dict[str, Any], shown: str
) -> None:
    sandbox = pytest.importorskip(
        "jinja2.sandbox", reason="jinja2 renders Home Assistant's templates"
    )
    template = sandbox.SandboxedEnvironment().from_string(one(part)["value_template"])
    assert template.render(value_json=payload) == shown


def test_a_rule_over_several_pairs_names_the_pair() -> None:
    names = {page["name"] for page in made(standing(), standing(pair="BTC-SPY")).values()}
    assert "ETH and small caps have come apart (BTC-SPY)" in names
