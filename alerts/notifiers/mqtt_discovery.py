"""Home Assistant's MQTT discovery: which entities there are, and where their values stand.

<prefix>/<component>/<node>/<object>/config, retained; an empty one deletes the entity. An entity
whose template gives `None` is shown as unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from alerts.notifiers.mqtt_regimes import NAMES, regimes
from alerts.notifiers.mqtt_topics import feed_path, metric_path, state_path
from alerts.standing import Standing
from streams.instrument import NS
from streams.metric import REGIMES
from streams.snapshot import FeedStatus, Snapshot

REFRESH = 60 * NS
"""How often a metric is told again though it has not changed."""

_EXPIRE_AFTER = 180
"""Seconds without a word after which a metric counts as gone: three times that."""

_VALUE = "{{ value_json.value }}"
_FIRING = (
    "{{ 'ON' if value_json.state in ('firing', 'recovering') "
    "else 'None' if value_json.doubt else 'OFF' }}"
)
_LIVE = (
    "{{ 'ON' if value_json.state == 'live' "
    "else 'None' if value_json.state == 'closed' else 'OFF' }}"
)
_ATTRIBUTES = (
    "{{ {'n': value_json.n, 'low': value_json.low, 'high': value_json.high, "
    "'reason': value_json.reason, 'note': value_json.note} | tojson }}"
)


class Discovery(msgspec.Struct, frozen=True):
    """Where Home Assistant looks, and what it is told of this comove."""

    prefix: str = "homeassistant"
    version: str = ""
    url: str = ""
    """Of the status page, if there is one."""

    @property
    def birth(self) -> str:
        """The topic on which Home Assistant says that it is `online`."""
        return f"{self.prefix}/status"


class Origin(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who made the entity."""

    name: str
    sw_version: str = ""


class Device(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the entities are shown under."""

    identifiers: tuple[str, ...]
    name: str
    manufacturer: str
    model: str
    sw_version: str = ""
    configuration_url: str = ""


class Entity(msgspec.Struct, frozen=True, omit_defaults=True):
    """A configuration, in Home Assistant's own keys."""

    name: str
    unique_id: str
    default_entity_id: str
    state_topic: str
    value_template: str
    availability_topic: str
    device: Device
    origin: Origin
    json_attributes_topic: str
    json_attributes_template: str = ""
    device_class: str = ""
    state_class: str = ""
    unit_of_measurement: str = ""
    suggested_display_precision: int | None = None
    options: tuple[str, ...] = ()
    expire_after: int | None = None
    entity_category: str = ""
    icon: str = ""


class _Look(msgspec.Struct, frozen=True):
    """How a metric is shown."""

    name: str
    precision: int
    unit: str = ""
    device_class: str = ""
    icon: str = ""


_LOOKS = {
    "corr": _Look("correlation", 2, icon="mdi:link-variant"),
    "beta": _Look("beta", 2, icon="mdi:slope-uphill"),
    "divergence": _Look("divergence", 1, "σ", icon="mdi:call-split"),
    "lead": _Look("lead", 1, "s", "duration"),
}

METRICS = (*_LOOKS, *REGIMES)
"""Those that become sensors."""


def node(prefix: str) -> str:
    """The part of topics and ids that is this comove's own: `comove/main` → `comove_main`."""
    return _slug(prefix)


class Entities:
    """The entities of what stands below `prefix` (`comove/main`)."""

    def __init__(self, discovery: Discovery, prefix: str) -> None:
        self._discovery = discovery
        self._prefix = prefix
        self._node = node(prefix)
        name = prefix.rpartition("/")[2]
        self._origin = Origin("comove", discovery.version)
        self._device = Device(
            identifiers=(self._node,),
            name="comove" if name == "comove" else f"comove {name}",
            manufacturer="comove",
            model="ETH and small caps, watched together",
            sw_version=discovery.version,
            configuration_url=discovery.url,
        )

    @property
    def filter(self) -> str:
        """Matches the topics of all that this comove has ever told of."""
        return f"{self._discovery.prefix}/+/{self._node}/+/config"

    def pages(self, standings: Sequence[Standing], snapshot: Snapshot) -> Mapping[str, bytes]:
        """Every configuration by its topic."""
        pairs = {standing.pair for standing in standings}
        found = [
            *self._metrics(snapshot),
            *(self._rule(standing, several=len(pairs) > 1) for standing in standings),
            *(self._feed(feed) for feed in snapshot.feeds),
        ]
        return {self._topic(entity): msgspec.json.encode(entity) for entity in found}

    def _topic(self, entity: Entity) -> str:
        component = entity.default_entity_id.partition(".")[0]
        place = entity.unique_id.removeprefix(f"{self._node}_")
        return f"{self._discovery.prefix}/{component}/{self._node}/{place}/config"

    def _metrics(self, snapshot: Snapshot) -> Iterator[Entity]:
        for key in snapshot.readings:
            look = _LOOKS.get(key.partition("(")[0])
            if look is not None:
                yield self._metric(key, look)
        for regime in regimes(snapshot.readings):
            yield self._regime(regime.key)

    def _metric(self, key: str, look: _Look) -> Entity:
        entity = self._sensor(key, look.name)
        return msgspec.structs.replace(
            entity,
            state_class="measurement",
            device_class=look.device_class,
            unit_of_measurement=look.unit,
            suggested_display_precision=look.precision,
            icon=look.icon,
        )

    def _regime(self, key: str) -> Entity:
        entity = self._sensor(key, "regime")
        return msgspec.structs.replace(
            entity, device_class="enum", options=NAMES, icon="mdi:weather-partly-cloudy"
        )

    def _sensor(self, key: str, what: str) -> Entity:
        path = f"metric/{metric_path(key)}"
        entity = self._entity("sensor", _title(key, what), path, _VALUE)
        return msgspec.structs.replace(
            entity, expire_after=_EXPIRE_AFTER, json_attributes_template=_ATTRIBUTES
        )

    def _rule(self, standing: Standing, *, several: bool) -> Entity:
        name = f"{standing.title} ({standing.pair})" if several else standing.title
        path = f"state/{state_path(standing)}"
        entity = self._entity("binary_sensor", name, path, _FIRING)
        return msgspec.structs.replace(entity, device_class="problem")

    def _feed(self, feed: FeedStatus) -> Entity:
        name, path = f"{feed.instrument} from {feed.venue}", f"feed/{feed_path(feed)}"
        entity = self._entity("binary_sensor", name, path, _LIVE)
        return msgspec.structs.replace(
            entity, device_class="connectivity", entity_category="diagnostic"
        )

    def _entity(self, component: str, name: str, path: str, template: str) -> Entity:
        """`path` is where its value stands, and so its id: it stays when titles change."""
        topic, unique = f"{self._prefix}/{path}", f"{self._node}_{_slug(path)}"
        return Entity(
            name=name,
            unique_id=unique,
            default_entity_id=f"{component}.{unique.lower().replace('-', '_')}",
            state_topic=topic,
            value_template=template,
            availability_topic=f"{self._prefix}/availability",
            device=self._device,
            origin=self._origin,
            json_attributes_topic=topic,
        )


def _title(key: str, what: str) -> str:
    """`corr(ETH,IWM,1h)` → `ETH–IWM correlation 1h`."""
    words = key.removesuffix(")").partition("(")[2].split(",")
    return " ".join(["–".join(words[:2]), what, *words[2:]])


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", text)
