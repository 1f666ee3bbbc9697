"""From configuration to the channels that show how things stand, and what they are shown."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from random import Random

from alerts.engine import Engine
from alerts.notifiers.mqtt import Mqtt
from alerts.notifiers.mqtt_discovery import METRICS, Discovery
from alerts.notifiers.notifier import Notifier
from config import settings
from config.settings import Config
from streams.instrument import NS, Pair
from streams.metric import CATALOGUE, Call
from streams.snapshot import Snapshot


class Display:
    """Shows snapshots and standings; the latter when one has changed."""

    def __init__(self, engine: Engine, screens: Sequence[Mqtt]) -> None:
        self._engine = engine
        self._screens = screens
        self._revision: int | None = None

    def look(self, snapshot: Snapshot) -> None:
        """The newest snapshot."""
        changed = self._revision != self._engine.revision
        self._revision = self._engine.revision
        standings = self._engine.standings() if changed and self._screens else ()
        for screen in self._screens:
            screen.publish(snapshot)
            if changed:
                screen.show(standings)


def shown_calls(config: Config) -> set[Call]:
    """What is computed for Home Assistant besides what rules ask for."""
    mqtt = config.notifiers.mqtt
    if mqtt is None or mqtt.discovery is None:
        return set()
    return set(_calls(config.pairs))


def _calls(pairs: Iterable[Pair]) -> Iterable[Call]:
    for pair in pairs:
        for name in METRICS:
            yield Call(name, (pair.x, pair.y), CATALOGUE[name].window)


def make_mqtt(given: settings.Mqtt, instance: str, rng: Random) -> Mqtt:
    """The broker's notifier."""
    discovery = None
    if given.discovery is not None:
        discovery = Discovery(prefix=given.discovery, version=version("comove"))
    return Mqtt(
        host=given.host,
        port=given.port,
        base=given.base,
        instance=instance,
        username=given.username,
        password=given.password.get_secret_value() if given.password else None,
        tls=tls_context(given),
        metric_interval=given.metric_interval / NS,
        discovery=discovery,
        rng=rng,
    )


def tls_context(given: settings.Mqtt) -> ssl.SSLContext | None:
    """Whom to trust, if the connection is to be encrypted."""
    if not given.tls:
        return None
    return ssl.create_default_context(cafile=str(given.ca_file) if given.ca_file else None)


def make_webhook(given: settings.Webhook, now: Callable[[], int]) -> Notifier:
    """The notifier of a program."""
    # Imported when used: it costs 0.1 s.
    from alerts.notifiers.webhook import Webhook  # noqa: PLC0415  # as said above

    return Webhook(url=given.url, secret=given.secret.get_secret_value(), now=now)
