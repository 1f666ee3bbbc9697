"""Telegram: alerts to listed chats, and an ear for those who write to the bot."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Iterable, Sequence
from random import Random

from telegram import Bot
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from alerts.backoff import backoff
from alerts.desk import Desk
from alerts.notifiers.notifier import Illustrator, NotifyError
from alerts.notifiers.telegram_address import Address
from alerts.notifiers.telegram_charts import Charts
from alerts.notifiers.telegram_chat import Chat
from alerts.notifiers.telegram_commands import COMMANDS
from alerts.notifiers.telegram_ear import Ear
from alerts.notifiers.telegram_errors import TOKEN_REFUSED_AFTER, pause, sentence
from alerts.notifiers.telegram_turns import Turns, bot_pace, chat_pace
from alerts.transition import Transition

_log = logging.getLogger(__name__)

_ANSWER = 15.0
"""Seconds to wait for an answer: past them, whether an alert arrived is anyone's guess."""

_POLL = 25
"""Seconds that Telegram holds a request for updates open."""

_HEARD = ("message", "channel_post", "callback_query")


class Telegram:
    """A bot and its chats; each chat is a lane of its own, named `<name>/<chat's label>`.

    `base_url` is where the Bot API is (the token is appended). With a desk, people are obeyed;
    with an illustrator, alerts have charts.
    """

    def __init__(
        self,
        *,
        token: str,
        chats: Iterable[Address],
        base_url: str = "https://api.telegram.org/bot",
        rng: Random,
        name: str = "telegram",
        desk: Desk | None = None,
        illustrator: Illustrator | None = None,
    ) -> None:
        self.name = name
        settle_libraries()
        request = HTTPXRequest(read_timeout=_ANSWER, write_timeout=_ANSWER, connect_timeout=_ANSWER)
        self._bot = Bot(token, base_url=base_url, request=request)
        self._rng = rng
        together = bot_pace()
        addresses = tuple(chats)
        # Topics of one group share its pace.
        turns = {
            number: Turns(chat_pace(number), together)
            for number in {address.chat_id for address in addresses}
        }
        self._charts = Charts(name)
        self._chats = [
            Chat(
                self._bot,
                f"{name}/{address.label}",
                address,
                turns=turns[address.chat_id],
                charts=self._charts,
            )
            for address in addresses
        ]
        self._ear = Ear(self._bot, name, self._chats, together)
        self._offset: int | None = None
        self._failures = 0
        self._lost = False
        self._contested = False
        """Two programs that poll one bot cut each other off in turn: told once, not every turn."""
        self._menu = False
        """Whether there is to be one."""
        if desk is not None:
            self.attend(desk, illustrator)

    @property
    def lanes(self) -> Sequence[Chat]:
        """The chats."""
        return self._chats

    def attend(self, desk: Desk, illustrator: Illustrator | None = None) -> None:
        """Obey people through this desk, and have charts drawn; to be called before `run`."""
        self._charts.attend(illustrator)
        self._ear.attend(desk)
        self._menu = True
        for chat in self._chats:
            chat.buttons = True

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
        """Listen, answer and draw until cancelled. Alerts do not wait for it."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._charts.run(), name=f"{self.name} charts")
                for chat in self._chats:
                    tasks.create_task(chat.run(), name=f"{chat.name} answers")
                await self._keep_listening()
        finally:
            await self._bot.shutdown()

    async def _keep_listening(self) -> None:
        while True:
            try:
                await self._listen()
            except Exception as error:  # noqa: BLE001  # a garbled answer is a KeyError in PTB
                await asyncio.sleep(self._trouble(error))

    async def _listen(self) -> None:
        await self._bot.initialize()
        await self._bot.delete_webhook()  # one that is set would refuse us the updates
        await self._show_menu()
        while True:
            updates = await self._bot.get_updates(
                offset=self._offset, timeout=_POLL, allowed_updates=_HEARD
            )
            self._recovered()
            for update in updates:
                self._offset = update.update_id + 1
                await self._ear.hear(update)

    async def _show_menu(self) -> None:
        """Commands work without it."""
        if not self._menu:
            return
        try:
            await self._bot.set_my_commands([(each.name, each.doc) for each in COMMANDS])
        except TelegramError as error:
            _log.debug("%s: no menu: %s", self.name, sentence(error, self._bot.token))
        else:
            self._menu = False

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


def settle_libraries() -> None:
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
