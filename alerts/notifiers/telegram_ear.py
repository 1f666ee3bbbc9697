"""What people say to the bot, in words and by buttons, and what is done about it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from telegram import Bot, CallbackQuery, MaybeInaccessibleMessage, Message, Update, User
from telegram.error import TelegramError

from alerts.desk import Desk
from alerts.notifiers.pace import Pace
from alerts.notifiers.telegram_buttons import Pressed, press
from alerts.notifiers.telegram_chat import Chat
from alerts.notifiers.telegram_commands import KNOWN, Asked, Heard, answer, heard
from alerts.notifiers.telegram_door import Door
from alerts.notifiers.telegram_errors import sentence
from alerts.notifiers.telegram_keyboard import common_commands
from streams.instrument import NS

_log = logging.getLogger(__name__)

_STALE = 300.0
"""Seconds after which a command is no longer obeyed: it was meant for another moment."""
_TOAST = 200
"""Characters of an answer to a button."""
_NAME = 64


class Ear:
    """Hears updates; without a desk only those are answered who are not listed."""

    def __init__(self, bot: Bot, name: str, chats: Sequence[Chat], together: Pace) -> None:
        self._bot = bot
        self._name = name
        self._chats = chats
        self._door = Door(chats)
        self._together = together
        self._desk: Desk | None = None

    def attend(self, desk: Desk) -> None:
        """From now on commands are obeyed."""
        self._desk = desk

    async def hear(self, update: Update) -> None:
        """Obey, answer, refuse or ignore; never raises for what one update brings."""
        try:
            if update.callback_query is not None:
                await self._pressed(update.callback_query)
            elif update.effective_message is not None:
                await self._said(update.effective_message)
        except TelegramError as error:
            _log.debug("%s: %s", self._name, sentence(error, self._bot.token))
        except Exception:  # noqa: BLE001  # one person's words must not deafen the bot to all others
            _log.exception("%s: could not answer", self._name)

    async def _said(self, message: Message) -> None:
        thread = message.message_thread_id if message.is_topic_message else None
        chat = self._door.chat(message.chat_id, thread)
        if chat is None:
            await self._refuse(message)
        elif message.migrate_to_chat_id is not None:
            chat.line.move(message.migrate_to_chat_id)
        elif self._desk is not None:
            self._command(self._desk, chat, message, thread)

    def _command(self, desk: Desk, chat: Chat, message: Message, thread: int | None) -> None:
        command = self._meant(message)
        if command is None:
            return
        group = message.chat_id < 0
        reply_to = message.message_id if group else None
        user = message.from_user
        if user is None or not self._door.obeys(chat, user, message.sender_chat):
            speaker = None if message.sender_chat is not None or user is None else user.id
            if refusal := self._door.refusal(message.chat_id, speaker, _now(), listed=True):
                chat.replies.say(refusal, reply_to=reply_to, thread=thread)
            return
        if _late(desk, message):
            text = "You asked while I was away: please ask again."
            chat.replies.say(text, reply_to=reply_to, thread=thread)
            return
        given = answer(desk, command.name, Asked(command.words, _who(user), chat.volume))
        if given.chart is not None:
            chat.replies.show(given.chart, asked=True, reply_to=reply_to, thread=thread)
        else:
            markup = None if group else common_commands()
            chat.replies.say(given.html, reply_to=reply_to, markup=markup, thread=thread)

    def _meant(self, message: Message) -> Heard | None:
        """The command that is meant for this bot; in private anything is."""
        command = heard(message.text or "")
        if message.chat_id > 0:
            return command or Heard("", "", ())
        if command is None or (not command.bot and command.name not in KNOWN):
            return None
        if command.bot and command.bot.lower() != self._bot.username.lower():
            return None
        return command

    async def _refuse(self, message: Message) -> None:
        now = _now()
        if self._together.wait(now) > 0:
            return
        if refusal := self._door.refusal(message.chat_id, None, now, listed=False):
            self._together.note(now)
            await self._bot.send_message(message.chat_id, refusal)

    async def _pressed(self, query: CallbackQuery) -> None:
        """Do what the button says; whoever pressed it is told at once, or their screen waits."""
        text = self._outcome(query)
        self._together.note(_now())
        shown = text if len(text) <= _TOAST else f"{text[: _TOAST - 1]}…"
        await self._bot.answer_callback_query(query.id, shown or None)

    def _outcome(self, query: CallbackQuery) -> str:
        message = query.message
        if message is None or self._desk is None:
            return "I cannot do that now."
        chat, incident = self._about(message)
        if chat is None or not self._door.obeys(chat, query.from_user, None):
            return f"You are not on my list for this chat. Your id is {query.from_user.id}."
        if incident is None:
            chat.replies.strip(message.message_id)
            return "This alert is over, or too old for me to know."
        who = _who(query.from_user)
        return press(self._desk, chat, Pressed(query.data or "", message.message_id, incident, who))

    def _about(self, message: MaybeInaccessibleMessage) -> tuple[Chat | None, str | None]:
        """The listed chat of a message with buttons, and the incident that it tells of."""
        answered = message.reply_to_message if isinstance(message, Message) else None
        about = (message.message_id, None if answered is None else answered.message_id)
        here = [chat for chat in self._chats if chat.line.chat_id == message.chat.id]
        for chat in here:
            if incident := chat.posts.at(*about):
                return chat, incident
        return next(iter(here), None), None


def _late(desk: Desk, message: Message) -> bool:
    if desk.snapshot is None:
        return False
    return desk.snapshot.ts / NS - message.date.timestamp() > _STALE


def _who(user: User) -> str:
    name = "".join(letter for letter in user.full_name if letter.isprintable()).strip()
    return name[:_NAME] or str(user.id)


def _now() -> float:
    return asyncio.get_running_loop().time()
