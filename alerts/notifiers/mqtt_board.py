"""The retained topics: what the broker ought to hold, and what it is known to hold. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from alerts.notifiers.mqtt_discovery import REFRESH, Discovery, Entities
from alerts.notifiers.mqtt_metrics import Metrics
from alerts.notifiers.mqtt_topics import feed_json, feed_path, state_json, state_path
from alerts.standing import Standing
from streams.snapshot import Snapshot

_GONE = b""
"""An empty retained payload takes the topic away."""


class Post(msgspec.Struct, frozen=True):
    """A topic to be retained anew."""

    topic: str
    payload: bytes
    qos: int


class Board:
    """What stands below `prefix` (`comove/main`), and for Home Assistant with `discovery`.

    Metrics change at most every `interval` ns.
    """

    def __init__(self, prefix: str, *, interval: int, discovery: Discovery | None = None) -> None:
        self._prefix = prefix
        self._metrics = Metrics(interval, None if discovery is None else REFRESH)
        self._entities = None if discovery is None else Entities(discovery, prefix)
        self._standings: Sequence[Standing] | None = None
        self._snapshot: Snapshot | None = None
        self._described: tuple[object, ...] = ()
        """What the entities were made from."""
        self._wanted: dict[str, Mapping[str, bytes]] = {}
        """By kind, then by topic; a kind is absent until it is known."""
        self._held: dict[str, bytes] = {}
        self._strays: set[str] = set()
        """What the broker held before and nobody here has asked for yet."""

    @property
    def filters(self) -> list[str]:
        """Match all that an earlier run may have left on the broker."""
        own = [f"{self._prefix}/{kind}/+/+" for kind in ("state", "metric", "feed")]
        return own if self._entities is None else [*own, self._entities.filter]

    def show(self, standings: Iterable[Standing]) -> None:
        """How the rules stand; one that is not among them is gone."""
        self._standings = tuple(standings)

    def publish(self, snapshot: Snapshot) -> None:
        """The readings and the feeds; those that are not among them are gone."""
        self._snapshot = snapshot

    def found(self, topic: str) -> None:
        """The broker holds this from before."""
        self._strays.add(topic)

    def forget(self) -> None:
        """Nothing is known any more of what the broker holds."""
        self._held.clear()
        self._strays.clear()

    def introduce(self) -> None:
        """Home Assistant has begun anew: tell it of every entity again."""
        for topic in self._wanted.get("config", ()):
            self._held.pop(topic, None)

    def take(self) -> list[Post]:
        """What to publish now; it counts as held."""
        self._compose()
        posts = [
            Post(topic, payload, 0 if kind == "metric" else 1)
            for kind, pages in self._wanted.items()
            for topic, payload in pages.items()
            if self._held.get(topic) != payload
        ]
        for post in posts:
            self._held[post.topic] = post.payload
        return posts + self._swept()

    def _compose(self) -> None:
        if self._standings is not None:
            pages = {state_path(one): state_json(one) for one in self._standings}
            self._want("state", self._below("state", pages))
        if self._snapshot is not None:
            feeds = {feed_path(feed): feed_json(feed) for feed in self._snapshot.feeds}
            self._want("feed", self._below("feed", feeds))
            self._want("metric", self._below("metric", self._metrics.pages(self._snapshot)))
        if self._standings is not None and self._snapshot is not None:
            self._describe(self._standings, self._snapshot)

    def _below(self, kind: str, pages: Mapping[str, bytes]) -> Mapping[str, bytes]:
        return {f"{self._prefix}/{kind}/{path}": payload for path, payload in pages.items()}

    def _describe(self, standings: Sequence[Standing], snapshot: Snapshot) -> None:
        if self._entities is None:
            return
        rules = tuple((one.rule, one.pair, one.title) for one in standings)
        feeds = tuple((feed.instrument, feed.venue) for feed in snapshot.feeds)
        described = (rules, feeds, tuple(snapshot.readings))
        if described != self._described:
            self._described = described
            self._want("config", self._entities.pages(standings, snapshot))

    def _want(self, kind: str, pages: Mapping[str, bytes]) -> None:
        self._strays.update(self._wanted.get(kind, {}).keys() - pages.keys())
        self._wanted[kind] = pages

    def _swept(self) -> list[Post]:
        """Strays of the kinds that are known by now, to be taken away."""
        wanted = {topic for pages in self._wanted.values() for topic in pages}
        gone = {topic for topic in self._strays - wanted if self._kind(topic) in self._wanted}
        self._strays -= gone | wanted
        for topic in gone:
            self._held.pop(topic, None)
        return [Post(topic, _GONE, 1) for topic in sorted(gone)]

    def _kind(self, topic: str) -> str:
        place = topic.removeprefix(f"{self._prefix}/")
        return "config" if place == topic else place.partition("/")[0]
