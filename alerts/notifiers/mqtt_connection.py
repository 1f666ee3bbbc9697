"""A connection to a broker: aiomqtt's client, and what it does not tell."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from math import inf
from socket import IPPROTO_TCP, TCP_NODELAY
from typing import Any

import paho.mqtt.client as paho
from aiomqtt import Client, Message, MqttError, ProtocolVersion, Will
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

_LARGEST_HEARD = 65_536
"""Bytes of a message; the broker keeps larger ones to itself."""
_QUEUED = 256
"""Messages heard and not yet looked at; more are left out."""
_OVERHEAD = 256
"""Bytes of a message besides topic and payload, at the most."""

_LASTING = {0x90, 0x95, 0x99}
"""Topic name invalid, packet too large, payload format invalid: so it will be next time."""
_TOO_LARGE = {0x82, 0x95}
"""Protocol error, packet too large. The first is also what paho makes of mosquitto's answer to a
message beyond its message_size_limit, which is none that MQTT allows."""


class RefusedError(Exception):
    """The broker did not take a message; `lasting` where it never will."""

    def __init__(self, reason: str, *, lasting: bool) -> None:
        super().__init__(f"the broker refused it: {reason}")
        self.lasting = lasting


_WITH_WILL = ReasonCode(PacketTypes.DISCONNECT, "Disconnect with will message")

Receipt = asyncio.Future[ReasonCode | None]
"""The broker's answer to a message; None where the connection ended before it."""

_SENT = ReasonCode(PacketTypes.PUBACK, "Success")


class _Closing(ssl.SSLSocket):
    """Closes itself where the handshake fails; paho leaves that to the garbage collector."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002  # ssl's signature
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise


class Connection(Client):
    """A client of MQTT 5 that is told of refusals.

    `timeout` bounds each exchange, `keepalive` finds a dead broker (seconds). `status` is the
    topic that says `offline` should the connection break. `largest` is the size in bytes from
    which on messages are not even tried, as far as is known. `on_end` is called when the connection
    ends.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        identifier: str,
        status: str,
        username: str | None,
        password: str | None,
        tls: ssl.SSLContext | None,
        keepalive: int,
        timeout: float,
        largest: float = inf,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        if tls is not None:
            tls.sslsocket_class = _Closing
        super().__init__(
            host,
            port,
            username=username,
            password=password,
            identifier=identifier,
            protocol=ProtocolVersion.V5,
            will=Will(status, "offline", qos=1, retain=True),
            timeout=timeout,
            keepalive=keepalive,
            max_queued_incoming_messages=_QUEUED,
            properties=_connect_properties(),
            tls_context=tls,
            socket_options=[(IPPROTO_TCP, TCP_NODELAY, 1)],
        )
        self._status = status
        self._bound = timeout
        self.largest = largest
        self._on_end = on_end
        self._receipts: dict[int, Receipt] = {}
        self._sizes: dict[int, int] = {}
        """Of the messages whose receipt is waited for."""

    async def open(self) -> None:
        """Connect to the end even if cancelled: it is done in a thread that goes on."""
        loop = asyncio.get_running_loop()
        entering = loop.create_task(self.__aenter__(), name="MQTT connecting")
        try:
            await asyncio.shield(entering)
        except asyncio.CancelledError:
            with suppress(MqttError):
                await entering
            self._client.disconnect()
            raise
        except MqttError:
            self._client.disconnect()  # the socket is left open where connecting failed halfway
            raise
        # Its own time-outs may swallow a cancellation (asyncio.wait_for before Python 3.12).
        self.timeout = inf

    async def leave(self) -> None:
        """A clean disconnect discards the will, so its words are said here."""
        try:
            await self.say(self._status, b"offline", qos=1, retain=True)
            async with asyncio.timeout(self._bound):
                await self.__aexit__(None, None, None)
        except (MqttError, RefusedError, TimeoutError):
            self._client.disconnect()
        if self._disconnected.done():
            self._disconnected.exception()  # looked at, or asyncio logs that nobody did

    def hang_up(self) -> None:
        """End a connection that does not answer; the broker says our will."""
        self._client.disconnect(_WITH_WILL)

    async def hear(self, *topics: str) -> list[str]:
        """Subscribe, but not to what is said here; which the broker does not allow."""
        options = SubscribeOptions(qos=1, noLocal=True)
        try:
            async with asyncio.timeout(self._bound):
                codes = await self.subscribe([(topic, options) for topic in topics])
        except TimeoutError:
            raise self._silent() from None
        return [
            topic
            for topic, code in zip(topics, codes, strict=True)
            if isinstance(code, ReasonCode) and code.is_failure
        ]

    async def say(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int,
        retain: bool = False,
        properties: Properties | None = None,
    ) -> None:
        """Publish, and wait until the broker has it (QoS 1), or raise RefusedError or MqttError."""
        await self.confirm(self.put(topic, payload, qos=qos, retain=retain, properties=properties))

    def put(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int,
        retain: bool = False,
        properties: Properties | None = None,
    ) -> Receipt:
        """Publish without waiting; what to `confirm` afterwards."""
        receipt: Receipt = asyncio.get_running_loop().create_future()
        size = len(topic) + len(payload) + _OVERHEAD
        if size >= self.largest:  # it would end the connection
            receipt.set_result(ReasonCode(PacketTypes.DISCONNECT, "Packet too large"))
            return receipt
        info = self._client.publish(topic, payload, qos, retain, properties)
        if info.rc != paho.MQTT_ERR_SUCCESS:
            receipt.set_result(None)
        elif qos == 0:
            receipt.set_result(_SENT)
        else:
            self._receipts[info.mid] = receipt
            self._sizes[info.mid] = size
        return receipt

    async def confirm(self, receipt: Receipt) -> None:
        """Wait until the broker has a message, or raise RefusedError or MqttError."""
        try:
            async with asyncio.timeout(self._bound):
                code = await receipt
        except TimeoutError:
            raise self._silent() from None
        if code is None:
            raise MqttError("the connection was lost")
        if code.is_failure:
            raise RefusedError(code.getName().lower(), lasting=code.value in _LASTING)

    def _silent(self) -> MqttError:
        return MqttError(f"no answer in {self._bound:g} s")

    def _on_connect(
        self,
        client: paho.Client,
        userdata: Any,
        flags: paho.ConnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        self.largest = min(self.largest, getattr(properties, "MaximumPacketSize", inf))
        super()._on_connect(client, userdata, flags, reason_code, properties)

    def _on_disconnect(
        self,
        client: paho.Client,
        userdata: Any,
        flags: paho.DisconnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        if reason_code.value in _TOO_LARGE and self._sizes:
            self.largest = min(self.largest, max(self._sizes.values()))
        self._on_end()
        for mid in list(self._receipts):
            self._answer(mid, None)
        super()._on_disconnect(client, userdata, flags, reason_code, properties)

    def _on_publish(
        self,
        client: paho.Client,
        userdata: Any,
        mid: int,
        reason_code: ReasonCode,
        properties: Properties,
    ) -> None:
        self._answer(mid, reason_code)
        super()._on_publish(client, userdata, mid, reason_code, properties)

    def _answer(self, mid: int, code: ReasonCode | None) -> None:
        receipt = self._receipts.pop(mid, None)
        self._sizes.pop(mid, None)
        if receipt is not None and not receipt.done():
            receipt.set_result(code)


def _connect_properties() -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho's
    properties.MaximumPacketSize = _LARGEST_HEARD
    return properties


def publish_properties(**given: Any) -> Properties:
    """Properties of a message, by MQTT's names for them; JSON unless said."""
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho's
    for name, value in {"ContentType": "application/json", **given}.items():
        setattr(properties, name, value)
    return properties


def property_of(message: Message, name: str) -> Any:
    """A message's property by MQTT's name for it, or None."""
    return getattr(message.properties, name, None)
