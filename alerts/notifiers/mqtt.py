"""MQTT: states and metrics as retained topics, alerts as events (topics: mqtt_topics.py)."""

from __future__ import annotations

import asyncio
import logging
import ssl
from contextlib import suppress
from math import inf
from random import Random
from socket import IPPROTO_TCP, TCP_NODELAY

from aiomqtt import Client, MqttError, ProtocolVersion, Will
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from alerts.backoff import backoff
from alerts.notifiers.mqtt_topics import event_json, level, metric_json, metric_path, state_json
from alerts.notifiers.notifier import NotifyError
from alerts.transition import State, Transition
from streams.snapshot import Reading, Snapshot

_log = logging.getLogger(__name__)

_PENDING = 1000
"""Metrics published together before aiomqtt finds it worth a warning."""


class Mqtt:
    """Keeps a connection to one broker (MQTT 5).

    Durations in seconds: `keepalive` finds a dead broker, `timeout` bounds each exchange,
    `expiry` is how long the broker may hold an event for one who is away. An alert waits up to
    `patience` for the connection before it counts as failed. Nothing but the password is secret,
    and it is in no message.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int = 1883,
        base: str = "comove",
        instance: str = "main",
        username: str | None = None,
        password: str | None = None,
        tls: ssl.SSLContext | None = None,
        keepalive: int = 15,
        timeout: float = 5.0,
        expiry: int = 3600,
        patience: float = 60.0,
        rng: Random,
        name: str = "mqtt",
    ) -> None:
        self.name = name
        self._host = host
        self._port = port
        self._prefix = f"{level(base)}/{level(instance)}"
        self._identifier = f"{base}-{instance}"
        self._username = username
        self._password = password
        self._tls = tls
        self._keepalive = keepalive
        self._timeout = timeout
        self._expiry = expiry
        self._patience = patience
        self._rng = rng
        self._client: Client | None = None
        self._online = asyncio.Event()
        self._fresh = asyncio.Event()
        self._snapshot: Snapshot | None = None
        self._shown: dict[str, Reading] = {}
        """What the broker has, by `Call.key`."""
        self._states: dict[str, Transition] = {}
        """The newest transition by topic, to be told again to a broker that has forgotten."""
        self._failures = 0

    def publish(self, snapshot: Snapshot) -> None:
        """Show the readings that changed; only the newest are kept while the broker is away."""
        self._snapshot = snapshot
        self._fresh.set()

    async def notify(self, transition: Transition) -> None:
        """Set the rule's state and, if it fires or resolves, publish the event.

        A repetition does no harm (the state is the same, the event has its incident), so nothing
        here is uncertain.
        """
        place = f"{level(transition.rule)}/{level(transition.pair)}"
        try:
            async with asyncio.timeout(self._patience):
                await self._online.wait()
            await self._tell_state(f"{self._prefix}/state/{place}", transition)
            if transition.state in {State.FIRING, State.RESOLVED}:
                await self._tell_event(f"{self._prefix}/event/{place}", transition)
        except TimeoutError:
            raise NotifyError(f"not connected to {self._host}", retry=True) from None
        except MqttError as error:
            raise NotifyError(str(error), retry=True) from error

    def repeatable(self, _: Transition) -> bool:
        """Every alert: see `notify`."""
        return True

    async def run(self) -> None:
        """Connect, show, reconnect; say goodbye when cancelled."""
        while True:
            try:
                await self._session()
            except* MqttError as group:
                self._lost(group)
            self._failures += 1
            await asyncio.sleep(backoff(self._failures, self._rng))

    async def _session(self) -> None:
        client = await self._connect()
        # Its own time-outs may swallow a cancellation (asyncio.wait_for before Python 3.12).
        client.timeout = inf
        client.pending_calls_threshold = _PENDING
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_watch(client), name=f"{self.name} watch")
                group.create_task(self._show(client), name=f"{self.name} metrics")
        finally:
            self._online.clear()
            self._client = None
            await self._leave(client)

    def _lost(self, group: ExceptionGroup[MqttError]) -> None:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        level_ = logging.DEBUG if self._failures else logging.WARNING
        _log.log(level_, "no MQTT broker at %s:%d: %s", self._host, self._port, error)

    def _new_client(self) -> Client:
        return Client(
            self._host,
            self._port,
            username=self._username,
            password=self._password,
            identifier=self._identifier,
            protocol=ProtocolVersion.V5,
            will=Will(f"{self._prefix}/availability", "offline", qos=1, retain=True),
            timeout=self._timeout,
            keepalive=self._keepalive,
            max_queued_incoming_messages=1,
            tls_context=self._tls,
            socket_options=[(IPPROTO_TCP, TCP_NODELAY, 1)],
        )

    async def _connect(self) -> Client:
        """Connect to the end even if cancelled: it is done in a thread that goes on."""
        client = self._new_client()
        entering = asyncio.get_running_loop().create_task(
            client.__aenter__(), name=f"{self.name} connecting"
        )
        try:
            await asyncio.shield(entering)
        except asyncio.CancelledError:
            with suppress(MqttError):
                await entering
            _hang_up(client)
            raise
        except MqttError:
            _hang_up(client)
            raise
        return client

    async def _announce(self, client: Client) -> None:
        """Tell a broker that may have forgotten everything what there is."""
        await self._retain(client, f"{self._prefix}/availability", b"online", qos=1)
        for topic, transition in list(self._states.items()):
            await self._retain(client, topic, state_json(transition), qos=1)
        self._shown.clear()
        self._fresh.set()
        if self._failures:
            _log.info("MQTT broker at %s:%d is back", self._host, self._port)
        self._failures = 0
        self._client = client
        self._online.set()

    async def _leave(self, client: Client) -> None:
        """A clean disconnect discards the will, so its words are said here."""
        try:
            await self._retain(client, f"{self._prefix}/availability", b"offline", qos=1)
            async with asyncio.timeout(self._timeout):
                await client.__aexit__(None, None, None)
        except (MqttError, TimeoutError):
            _hang_up(client)

    async def _show(self, client: Client) -> None:
        await self._announce(client)
        while True:
            await self._fresh.wait()
            self._fresh.clear()
            if self._snapshot is not None:
                await self._show_changes(client, self._snapshot)

    async def _show_changes(self, client: Client, snapshot: Snapshot) -> None:
        """Together, since one after another takes twice as long."""
        async with asyncio.TaskGroup() as group:
            for key, reading in snapshot.readings.items():
                if self._shown.get(key) != reading:
                    self._shown[key] = reading
                    topic = f"{self._prefix}/metric/{metric_path(key)}"
                    payload = metric_json(reading, snapshot.ts)
                    group.create_task(self._retain(client, topic, payload, qos=0), name=topic)

    async def _tell_state(self, topic: str, transition: Transition) -> None:
        known = self._states.get(topic)
        if known is not None and known.ts > transition.ts:
            return
        self._states[topic] = transition
        await self._retain(self._connected(), topic, state_json(transition), qos=1)

    async def _tell_event(self, topic: str, transition: Transition) -> None:
        properties = _json_properties()
        properties.MessageExpiryInterval = self._expiry
        properties.UserProperty = ("incident", transition.incident)
        client = self._connected()
        await self._publish(client, topic, event_json(transition), qos=1, properties=properties)

    def _connected(self) -> Client:
        if self._client is None:
            raise MqttError("the connection was lost")
        return self._client

    async def _retain(self, client: Client, topic: str, payload: bytes, *, qos: int) -> None:
        properties = None if topic.endswith("/availability") else _JSON
        await self._publish(client, topic, payload, qos=qos, retain=True, properties=properties)

    async def _publish(
        self,
        client: Client,
        topic: str,
        payload: bytes,
        *,
        qos: int,
        retain: bool = False,
        properties: Properties | None,
    ) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                await client.publish(topic, payload, qos, retain, properties)
        except TimeoutError:
            raise MqttError(f"no answer in {self._timeout:g} s") from None


async def _watch(client: Client) -> None:
    """Raise MqttError when the connection ends; nothing is subscribed to, so nothing comes."""
    async for _ in client.messages:
        pass


def _hang_up(client: Client) -> None:
    """Close the socket that aiomqtt leaves open where connecting failed halfway."""
    client._client.disconnect()  # noqa: SLF001  # aiomqtt has no public way


def _json_properties() -> Properties:
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho's
    properties.ContentType = "application/json"
    return properties


_JSON = _json_properties()
"""Made once: making one takes longer than sending it."""
