"""The line to one Telegram chat: requests of the Bot API, and what to change where it refuses."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from telegram import (
    Bot,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    ReplyKeyboardMarkup,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated

from alerts.notifiers.telegram_address import Address
from alerts.notifiers.telegram_text import plain

_log = logging.getLogger(__name__)

OWN = 0
"""The topic that the line leads to."""

Markup = InlineKeyboardMarkup | ReplyKeyboardMarkup

_GENERAL = 1
"""The topic that every forum has; it is addressed by naming none."""

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class TryAgainError(Exception):
    """Not done, and something was changed so that it will be: ask again."""


class Line:
    """Sends to a chat, or to its topic; pacing is the caller's.

    Methods raise TryAgainError and TelegramError. `moved` is told when the chat's id has changed:
    what was posted before cannot be edited any more.
    """

    def __init__(self, bot: Bot, address: Address, moved: Callable[[], object]) -> None:
        self.chat_id = address.chat_id
        self.token = bot.token
        self._bot = bot
        self._thread = None if address.thread == _GENERAL else address.thread
        self._name = address.label
        self._moved = moved
        self._unreadable: deque[str] = deque(maxlen=10)

    async def send(
        self,
        html: str,
        *,
        silent: bool = False,
        reply_to: int | None = None,
        markup: Markup | None = None,
        thread: int | None = OWN,
    ) -> int:
        """A message, in the line's own topic or another (None: outside topics); its id."""
        async with self._adapting(html, thread):
            message = await self._bot.send_message(
                self.chat_id,
                self._readable(html),
                parse_mode=self._mode(html),
                disable_notification=silent,
                link_preview_options=_NO_PREVIEW,
                reply_parameters=_reply(reply_to),
                reply_markup=markup,
                message_thread_id=self._thread if thread == OWN else thread,
            )
        return message.message_id

    async def edit(
        self, message_id: int, html: str, *, markup: InlineKeyboardMarkup | None = None
    ) -> None:
        """Another text; without `markup` the buttons go."""
        async with self._adapting(html):
            await self._bot.edit_message_text(
                self._readable(html),
                self.chat_id,
                message_id,
                parse_mode=self._mode(html),
                link_preview_options=_NO_PREVIEW,
                reply_markup=markup,
            )

    async def photo(
        self, png: bytes, caption: str, *, reply_to: int | None = None, thread: int | None = OWN
    ) -> None:
        """A picture, without a sound."""
        async with self._adapting("", thread):
            await self._bot.send_photo(
                self.chat_id,
                png,
                caption=caption,
                filename="chart.png",
                disable_notification=True,
                reply_parameters=_reply(reply_to),
                message_thread_id=self._thread if thread == OWN else thread,
            )

    async def strip(self, message_id: int) -> None:
        """Take the buttons from a message."""
        async with self._adapting():
            await self._bot.edit_message_reply_markup(self.chat_id, message_id)

    def move(self, chat_id: int) -> None:
        """A group became a supergroup: follow it. Its old messages stay where they were."""
        if chat_id == self.chat_id:
            return
        _log.warning("chat %d is now %d: put that into the configuration", self.chat_id, chat_id)
        self.chat_id = chat_id
        self._moved()

    @asynccontextmanager
    async def _adapting(self, html: str = "", thread: int | None = OWN) -> AsyncIterator[None]:
        try:
            yield
        except ChatMigrated as error:
            old = self.chat_id
            self.move(error.new_chat_id)
            raise TryAgainError(f"chat {old} is now {self.chat_id}") from None
        except BadRequest as error:
            refusal = str(error).lower()
            astray = "thread not found" in refusal or "topic" in refusal
            if astray and thread == OWN and self._thread is not None:
                self._leave_topic(str(error))
            elif html and "parse entities" in refusal:
                self._unreadable.append(html)
                _log.warning("%s: sent without markup: %s", self._name, error)
            else:
                raise
            raise TryAgainError(str(error)) from None

    def _leave_topic(self, why: str) -> None:
        """An alert in the wrong place is better than none."""
        _log.warning("%s: topic %s: %s; told outside it", self._name, self._thread, why)
        self._thread = None

    def _readable(self, html: str) -> str:
        return plain(html) if html in self._unreadable else html

    def _mode(self, html: str) -> ParseMode | None:
        return None if html in self._unreadable else ParseMode.HTML


def _reply(message_id: int | None) -> ReplyParameters | None:
    if message_id is None:
        return None
    return ReplyParameters(message_id, allow_sending_without_reply=True)
