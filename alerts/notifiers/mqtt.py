"""MQTT: states, metrics and feeds as retained topics, alerts as events (topics: mqtt_topics.py)."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable, Sequence
from functools import partial
from math import inf
from random import Random

from aiomqtt import MqttError

from alerts.backoff import backoff
from alerts.notifiers.mqtt_board import Board
from alerts.notifiers.mqtt_commands import Commands, Desk
from alerts.notifiers.mqtt_connection import Connection, RefusedError, publish_properties
from alerts.notifiers.mqtt_discovery import Discovery
from alerts.notifiers.mqtt_session import Session
from alerts.notifiers.mqtt_topics import level
from alerts.notifiers.notifier import NotifyError
from alerts.notifiers.payload import event_json, report_json
from alerts.standing import Standing
from alerts.transition import State, Transition
from streams.instrument import NS
from streams.snapshot import Snapshot

_log = logging.getLogger(__name__)

_REFUSED_AFTER = 60.0
"""Seconds: what the broker does not allow needs a person."""


class Mqtt:
    """Keeps a connection to one broker (MQTT 5).

    Durations in seconds: `keepalive` finds a dead broker, `timeout` bounds each exchange,
    `expiry` is how long the broker may hold an event for one who is away. An alert waits up to
    `patience` for the connection before it counts as failed. A metric is published once in
    `metric_interval` at most. Nothing but the password is secret, and it is in no message.
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
        metric_interval: float = 10.0,
        discovery: Discovery | None = None,
        rng: Random,
        name: str = "mqtt",
    ) -> None:
        self.name = name
        self._place = f"{host}:{port}"
        self._prefix = f"{base}/{level(instance)}"
        self._dial: Callable[..., Connection] = partial(
            Connection,
            host,
            port,
            identifier=f"{base}-{instance}",
            status=f"{self._prefix}/availability",
            username=username,
            password=password,
            tls=tls,
            keepalive=keepalive,
            timeout=timeout,
        )
        self._expiry = expiry
        self._patience = patience
        self._discovery = discovery
        self._board = Board(self._prefix, interval=round(metric_interval * NS), discovery=discovery)
        self._commands: Commands | None = None
        self._rng = rng
        self._connection: Connection | None = None
        self._online = asyncio.Event()
        self._fresh = asyncio.Event()
        self._failures = 0
        self._largest = inf
        self.losses = 0
        """How often the broker went away, or was not there at first."""

    @property
    def online(self) -> bool:
        """Whether there is a connection."""
        return self._connection is not None

    def publish(self, snapshot: Snapshot) -> None:
        """Show the readings that changed; only the newest are kept while the broker is away."""
        self._board.publish(snapshot)
        self._fresh.set()

    def show(self, standings: Sequence[Standing]) -> None:
        """Show how the rules stand, at once; what is not among them is taken away."""
        self._board.show(standings)
        self._fresh.set()

    def obey(self, desk: Desk) -> None:
        """Take commands, from the next connection on."""
        self._commands = Commands(desk)

    async def notify(self, transition: Transition) -> None:
        """Publish the event of an alert that fires or resolves, or a report.

        A repetition does no harm (the event has its incident), so nothing here is uncertain.
        """
        if transition.state not in {State.FIRING, State.RESOLVED}:
            return
        say = self._say_report if transition.is_report else self._say_event
        try:
            connection = await self._connected()
        except TimeoutError:
            raise NotifyError(f"not connected to {self._place}", retry=True) from None
        try:
            await say(connection, transition)
        except MqttError as error:
            # A frozen broker would find each further attempt in the same socket, and tell them all.
            connection.hang_up()
            raise NotifyError(str(error), retry=True) from error
        except RefusedError as error:
            after = None if error.lasting else _REFUSED_AFTER
            raise NotifyError(str(error), retry=not error.lasting, after=after) from None

    async def _say_event(self, connection: Connection, transition: Transition) -> None:
        topic = f"{self._prefix}/event/{level(transition.rule)}/{level(transition.pair)}"
        properties = publish_properties(
            MessageExpiryInterval=self._expiry, UserProperty=("incident", transition.incident)
        )
        await connection.say(topic, event_json(transition), qos=1, properties=properties)

    async def _say_report(self, connection: Connection, report: Transition) -> None:
        """The newest of a pair stays until the next."""
        topic = f"{self._prefix}/{report.rule}/{level(report.pair)}"
        await connection.say(
            topic, report_json(report), qos=1, retain=True, properties=publish_properties()
        )

    async def _connected(self) -> Connection:
        async with asyncio.timeout(self._patience):
            while self._connection is None:
                await self._online.wait()
            return self._connection

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
            if _cancelled():
                raise asyncio.CancelledError
            self._failures += 1
            await asyncio.sleep(backoff(self._failures, self._rng))

    async def _session(self) -> None:
        connection = self._dial(largest=self._largest, on_end=self._end)
        await connection.open()
        session = Session(
            connection,
            prefix=self._prefix,
            board=self._board,
            fresh=self._fresh,
            discovery=self._discovery,
            commands=self._commands,
        )
        try:
            await session.run(lambda: self._ready(connection))
        finally:
            self._end()
            self._largest = connection.largest
            await connection.leave()

    def _ready(self, connection: Connection) -> None:
        if self._failures:
            _log.info("MQTT broker at %s is back", self._place)
        self._failures = 0
        self._connection = connection
        self._online.set()

    def _end(self) -> None:
        """Alerts wait for the next connection."""
        self._online.clear()
        self._connection = None

    def _lost(self, group: ExceptionGroup[MqttError]) -> None:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        level_ = logging.DEBUG if self._failures else logging.WARNING
        self.losses += not self._failures
        _log.log(level_, "no MQTT broker at %s: %s", self._place, error)


def _cancelled() -> bool:
    """Whether a cancellation is due that a TaskGroup swallowed.

    It does so where one of its tasks fails in the same turn (Python 3.11).
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
