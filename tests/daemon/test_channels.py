from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from pydantic import SecretStr

from alerts.engine import Engine
from alerts.notifiers.mqtt import Mqtt
from alerts.notifiers.mqtt_regimes import regimes
from alerts.silence import Matcher, Silence
from alerts.standing import Standing
from config import settings
from config.load import load
from config.settings import Config, Notifiers
from config.shipped import CONFIG, EVENTS, RULES, shipped
from daemon.channels import Display, make_mqtt, make_webhook, shown_calls, tls_context
from daemon.wiring import make_market
from streams.instrument import NS
from streams.snapshot import Snapshot
from streams.tick import Beat
from tests.stand_ins.authority import Authority

START = 1_773_756_000 * NS
"""Tue 17 Mar 2026, 10:00 in New York."""


class Screen(Mqtt):
    """Notes what it is shown."""

    def __init__(self) -> None:
        self.snapshots: list[Snapshot] = []
        self.shown: list[Sequence[Standing]] = []

    def publish(self, snapshot: Snapshot) -> None:
        self.snapshots.append(snapshot)

    def show(self, standings: Sequence[Standing]) -> None:
        self.shown.append(standings)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """What is shipped, with Home Assistant told of it."""
    for name in (CONFIG, RULES, EVENTS):
        (tmp_path / name).write_text(shipped(name), "utf-8")
    mqtt = settings.Mqtt("localhost", 1883, "comove", discovery="homeassistant")
    return msgspec.structs.replace(load(tmp_path / CONFIG), notifiers=Notifiers(mqtt=mqtt))


def snapshots(config: Config, count: int) -> list[Snapshot]:
    market = make_market(config, shown_calls(config))
    beats = (Beat(START + second * NS) for second in range(count + 1))
    return [snapshot for beat in beats for snapshot in market.accept(beat)]


def test_standings_are_shown_at_first_and_when_one_changes(config: Config) -> None:
    engine, screen = Engine(config.rules), Screen()
    display = Display(engine, [screen])
    for number, snapshot in enumerate(snapshots(config, 5)):
        engine.update(snapshot, snapshot.ts)
        if number == 3:
            engine.silence(Silence("s1", Matcher(), START + 3600 * NS, "ann"))
        display.look(snapshot)
    assert len(screen.snapshots) == 5
    assert len(screen.shown) == 2
    assert [len(standings) for standings in screen.shown] == [len(config.rules)] * 2
    assert all("ann" in standing.muted for standing in screen.shown[1])


def test_with_discovery_every_sensor_of_home_assistant_is_computed(config: Config) -> None:
    readings = snapshots(config, 1)[0].readings
    names = {key.partition("(")[0] for key in readings}
    assert {"corr", "beta", "divergence", "lead"} <= names
    assert [regime.key for regime in regimes(readings)] == ["regime(ETH,IWM,1h)"]


def test_without_discovery_nothing_more_is_computed(config: Config) -> None:
    plain = settings.Mqtt("localhost", 1883, "comove")
    for notifiers in (Notifiers(), Notifiers(mqtt=plain)):
        assert not shown_calls(msgspec.structs.replace(config, notifiers=notifiers))


def pages(notifier: Mqtt, config: Config) -> dict[str, Any]:
    (snapshot,) = snapshots(config, 1)
    engine = Engine(config.rules)
    engine.update(snapshot, snapshot.ts)
    notifier.publish(snapshot)
    notifier.show(engine.standings())
    return {post.topic: json.loads(post.payload) for post in notifier._board.take()}


async def test_the_shipped_rules_are_entities_of_home_assistant(config: Config) -> None:
    assert config.notifiers.mqtt is not None
    found = pages(make_mqtt(config.notifiers.mqtt, "main", Random(0)), config)
    entities = [page for topic, page in found.items() if topic.startswith("homeassistant/")]
    for entity in entities:
        assert entity["state_topic"] in found
        assert entity["device"]["sw_version"]
    problems = [entity for entity in entities if entity.get("device_class") == "problem"]
    assert len(problems) == len(config.rules)


def test_with_tls_the_authority_that_is_named_is_trusted_and_no_other(tmp_path: Path) -> None:
    ca = Authority(tmp_path / "authority").ca
    given = settings.Mqtt("localhost", 8883, "comove", tls=True, ca_file=ca)
    tls = tls_context(given)
    assert tls is not None
    assert tls.check_hostname
    assert [each["subject"] for each in tls.get_ca_certs()] == [((("commonName", "nobody"),),)]
    assert tls_context(msgspec.structs.replace(given, tls=False)) is None


async def test_a_webhook_is_made_of_its_address_and_secret() -> None:
    given = settings.Webhook("https://127.0.0.1:1/", SecretStr("x"))
    assert make_webhook(given, lambda: START).name == "webhook"
