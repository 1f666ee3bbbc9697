"""Telegram: alerts to listed chats, and an ear for those who write to the bot."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping, Sequence
from random import Random

from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from alerts.backoff import backoff
from alerts.notifiers.notifier import NotifyError
from alerts.notifiers.pace import Pace
from alerts.notifiers.telegram_chat import Chat, bot_pace
from alerts.notifiers.telegram_errors import TOKEN_REFUSED_AFTER, pause, sentence
from alerts.transition import Transition

_log = logging.getLogger(__name__)

_ANSWER = 15.0
"""Seconds to wait for an answer: past them, whether an alert arrived is anyone's guess."""

_POLL = 25
"""Seconds that Telegram holds a request for updates open."""

_STRANGERS = (10, 600.0)
"""How many chats that are not listed are answered in so many seconds; each of them once."""


class Telegram:
    """A bot and its chats; each chat is a lane of its own, named `<name>/<chat's name>`.

    `chats` maps names to chat ids. `base_url` is where the Bot API is (the token is appended).
    """

    def __init__(
        self,
        *,
        token: str,
        chats: Mapping[str, int],
        base_url: str = "https://api.telegram.org/bot",
        rng: Random,
        name: str = "telegram",
    ) -> None:
        self.name = name
        _settle_libraries()
        request = HTTPXRequest(read_timeout=_ANSWER, write_timeout=_ANSWER, connect_timeout=_ANSWER)
        self._bot = Bot(token, base_url=base_url, request=request)
        self._rng = rng
        self._pace = bot_pace()
        self._chats = [
            Chat(self._bot, f"{name}/{label}", chat_id, self._pace)
            for label, chat_id in chats.items()
        ]
        self._offset: int | None = None
        self._failures = 0
        self._lost = False
        self._contested = False
        """Two programs that poll one bot cut each other off in turn: told once, not every turn."""
        self._strangers = Pace(_STRANGERS)
        self._told: dict[int, float] = {}

    @property
    def lanes(self) -> Sequence[Chat]:
        """The chats."""
        return self._chats

    async def notify(self, transition: Transition) -> None:
        """Deliver to every chat, or raise the first NotifyError once all were tried."""
        errors = []
        for chat in self._chats:
            try:
                await chat.notify(transition)
            except NotifyError as error:
                errors.append(error)
        if errors:
            raise errors[0]

    async def run(self) -> None:
        """Listen until cancelled. Sending does not wait for it."""
        try:
            while True:
                try:
                    await self._listen()
                except Exception as error:  # noqa: BLE001  # a garbled answer is a KeyError in PTB
                    await asyncio.sleep(self._trouble(error))
        finally:
            await self._bot.shutdown()

    async def _listen(self) -> None:
        await self._bot.initialize()
        await self._bot.delete_webhook()  # one that is set would refuse us the updates
        while True:
            updates = await self._bot.get_updates(
                offset=self._offset, timeout=_POLL, allowed_updates=["message", "channel_post"]
            )
            self._recovered()
            for update in updates:
                self._offset = update.update_id + 1
                await self._hear(update)

    def _trouble(self, error: Exception) -> float:
        """Log it, once until all is well again; seconds to wait."""
        quiet = self._lost or (isinstance(error, Conflict) and self._contested)
        level = logging.DEBUG if quiet else logging.WARNING
        _log.log(level, "%s: %s", self.name, sentence(error, self._bot.token))
        self._failures += 1
        self._lost = self._lost or not quiet
        self._contested = self._contested or isinstance(error, Conflict)
        match error:
            case RetryAfter():
                return pause(error)
            case InvalidToken() | Conflict():
                return TOKEN_REFUSED_AFTER
            case _:
                return backoff(self._failures, self._rng)

    def _recovered(self) -> None:
        if self._lost:
            _log.info("%s: listening again", self.name)
        self._lost = False
        self._failures = 0

    async def _hear(self, update: Update) -> None:
        chat = update.effective_chat
        if chat is None or chat.id in {listed.chat_id for listed in self._chats}:
            return
        if self._may_answer(chat.id):
            text = f"This chat is not on my list. Its id is {chat.id}."
            try:
                await self._bot.send_message(chat.id, text)
            except TelegramError as error:
                _log.debug("%s: %s", self.name, sentence(error, self._bot.token))

    def _may_answer(self, chat_id: int) -> bool:
        now = asyncio.get_running_loop().time()
        _, seconds = _STRANGERS
        self._told = {told: at for told, at in self._told.items() if now - at < seconds}
        if chat_id in self._told or self._strangers.wait(now) > 0 or self._pace.wait(now) > 0:
            return False
        self._told[chat_id] = now
        self._strangers.note(now)
        self._pace.note(now)
        return True


def _settle_libraries() -> None:
    """Keep the token, part of every URL, out of their logs; faults are told here instead.

    The variable is the library's own switch from a deprecated type, of which it warns otherwise.
    """
    for name, level in (
        ("httpx", logging.WARNING),
        ("httpcore", logging.WARNING),
        ("telegram", logging.CRITICAL),
    ):
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.level, level))
    os.environ.setdefault("PTB_TIMEDELTA", "true")
