"""One connection to a broker, from its beginning to its end: what is told, and what is heard."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

import msgspec
from aiomqtt import Message

from alerts.notifiers.mqtt_board import Board, Post
from alerts.notifiers.mqtt_commands import Answer, Commands
from alerts.notifiers.mqtt_connection import (
    Connection,
    Receipt,
    RefusedError,
    property_of,
    publish_properties,
)
from alerts.notifiers.mqtt_discovery import Discovery

_log = logging.getLogger("alerts.notifiers.mqtt")

_TOGETHER = 50
"""Topics published before their receipts are waited for: one after another takes twice as long."""
_JSON = publish_properties()
"""Made once: making one takes longer than sending it."""


class Session:
    """Keeps what stands below `prefix` as the board has it; `fresh` is set when it has changed."""

    def __init__(
        self,
        connection: Connection,
        *,
        prefix: str,
        board: Board,
        fresh: asyncio.Event,
        discovery: Discovery | None,
        commands: Commands | None,
    ) -> None:
        self._connection = connection
        self._prefix = prefix
        self._board = board
        self._fresh = fresh
        self._birth = None if discovery is None else discovery.birth
        self._commands = commands
        self._complained = False

    async def run(self, ready: Callable[[], None]) -> None:
        """Run until the connection ends (MqttError); `ready` is called once it stands."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._hear(), name="MQTT hearing")
            await self._tell(ready)

    async def _tell(self, ready: Callable[[], None]) -> None:
        await self._begin()
        ready()
        while True:
            self._fresh.clear()
            posts = self._board.take()
            for first in range(0, len(posts), _TOGETHER):
                await self._post(posts[first : first + _TOGETHER])
            await self._fresh.wait()

    async def _begin(self) -> None:
        """Tell a broker that may have forgotten everything that we are here, and listen."""
        self._board.forget()
        await self._post([Post(f"{self._prefix}/availability", b"online", 1)])
        ears = self._board.filters
        ears += [] if self._birth is None else [self._birth]
        ears += [] if self._commands is None else [f"{self._prefix}/command/+"]
        for topic in await self._connection.hear(*ears):
            self._complain(f"it does not let us hear {topic}")

    async def _post(self, posts: Sequence[Post]) -> None:
        for post, receipt in [(post, self._put(post)) for post in posts]:
            try:
                await self._connection.confirm(receipt)
            except RefusedError as error:
                self._complain(f"{post.topic}: {error}")

    def _put(self, post: Post) -> Receipt:
        properties = None if post.topic.endswith("/availability") else _JSON
        return self._connection.put(
            post.topic, post.payload, qos=post.qos, retain=True, properties=properties
        )

    def _complain(self, sentence: str) -> None:
        """Once a connection: what one topic is refused, many are."""
        level = logging.DEBUG if self._complained else logging.WARNING
        _log.log(level, "MQTT: %s", sentence)
        self._complained = True

    async def _hear(self) -> None:
        commands = f"{self._prefix}/command/"
        async for message in self._connection.messages:
            topic, payload = message.topic.value, _bytes(message)
            if topic.startswith(commands):
                await self._obey(message, topic.removeprefix(commands), payload)
            elif topic == self._birth:
                if payload == b"online":
                    self._board.introduce()
                    self._fresh.set()
            elif message.retain and payload:
                self._board.found(topic)
                self._fresh.set()

    async def _obey(self, message: Message, what: str, payload: bytes) -> None:
        if self._commands is None:
            return
        now = asyncio.get_running_loop().time()
        answer = self._commands.obey(what, payload, now, retained=message.retain)
        if answer is None:
            return
        _log.info("MQTT command %s: %s", what, answer.text)
        try:
            await self._answer(message, answer)
        except RefusedError as error:
            self._complain(f"the answer to {what}: {error}")

    async def _answer(self, message: Message, answer: Answer) -> None:
        """Where the asker wants it, with the asker's token; MQTT 5 has both."""
        asked = property_of(message, "ResponseTopic")
        topic = asked if self._lets_answer(asked) else f"{self._prefix}/answer"
        token = property_of(message, "CorrelationData")
        given = {} if token is None else {"CorrelationData": token}
        payload = msgspec.json.encode(answer)
        properties = publish_properties(**given)
        await self._connection.say(topic, payload, qos=1, properties=properties)

    def _lets_answer(self, topic: str | None) -> bool:
        """Whether a topic that someone else chose is one to publish on: none of our own is."""
        if not topic or set("+#") & set(topic) or topic.startswith("$"):
            return False
        return not topic.startswith(f"{self._prefix}/")


def _bytes(message: Message) -> bytes:
    return message.payload if isinstance(message.payload, bytes) else b""
