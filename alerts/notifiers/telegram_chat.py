"""One Telegram chat: an incident is one message, edited when it resolves."""

from __future__ import annotations

import asyncio

import msgspec
from telegram import Bot, LinkPreviewOptions, Message, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, TelegramError

from alerts.notifiers.notifier import NotifyError
from alerts.notifiers.pace import Pace
from alerts.notifiers.telegram_errors import notify_error
from alerts.notifiers.telegram_text import alert_html, reminder_html
from alerts.rule import Severity
from alerts.transition import State, Transition

_SECOND = 1.05
_MINUTE = 60.5
"""A little over, since what is paced here is heard elsewhere."""

_TIMER = 0.001
"""Seconds: timers are no finer, and a sleep may end that much early."""

_REMEMBERED = 1000
"""Incidents whose message can still be edited."""


def bot_pace() -> Pace:
    """Telegram's limit for a bot, all chats taken together."""
    return Pace((30, _SECOND))


def chat_pace(chat_id: int) -> Pace:
    """Telegram's limit for a chat; the id of a group is negative."""
    return Pace((1, _SECOND), (20, _MINUTE)) if chat_id < 0 else Pace((1, _SECOND))


class _Posted(msgspec.Struct, frozen=True):
    """The message that tells of an incident."""

    message_id: int
    text: str


class Chat:
    """A chat to which alerts are sent.

    `notify` does one request at most. Where it must wait, or take another way, it raises
    NotifyError with `after`, so that by then a more urgent alert can go first.
    """

    def __init__(self, bot: Bot, name: str, chat_id: int, together: Pace) -> None:
        self.name = name
        self.chat_id = chat_id
        self._bot = bot
        self._together = together
        self._pace = chat_pace(chat_id)
        self._posted: dict[str, _Posted] = {}

    async def notify(self, transition: Transition) -> None:
        """Send, reply to or edit the incident's message; states short of firing are not told."""
        posted = self._posted.get(transition.incident)
        match transition.state:
            case State.FIRING if transition.repeat:
                await self._send(transition, reminder_html(transition), reply_to=posted)
            case State.FIRING:
                message = await self._send(transition, alert_html(transition))
                self.remember(transition.incident, message.message_id, transition.message)
            case State.RESOLVED if posted is not None:
                await self._edit(transition, posted)
            case State.RESOLVED:
                await self._send(transition, alert_html(transition))

    def repeatable(self, transition: Transition) -> bool:
        """An edit: made twice it is the same as once."""
        return transition.state is State.RESOLVED and transition.incident in self._posted

    def message_of(self, incident: str) -> int | None:
        """The message that tells of an incident, while it can still be edited."""
        posted = self._posted.get(incident)
        return None if posted is None else posted.message_id

    def remember(self, incident: str, message_id: int, text: str) -> None:
        """The message that told of an incident, and the alert's message in it."""
        self._posted[incident] = _Posted(message_id, text)
        if len(self._posted) > _REMEMBERED:
            del self._posted[next(iter(self._posted))]

    async def _send(
        self, transition: Transition, html: str, reply_to: _Posted | None = None
    ) -> Message:
        self._take_turn()
        try:
            return await self._bot.send_message(
                self.chat_id,
                html,
                parse_mode=ParseMode.HTML,
                disable_notification=transition.severity is Severity.INFO,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                reply_parameters=_reply(reply_to),
            )
        except ChatMigrated as moved:
            raise self._moved(moved) from None
        except TelegramError as error:
            raise notify_error(error, self._bot.token) from None

    async def _edit(self, transition: Transition, posted: _Posted) -> None:
        self._take_turn()
        try:
            await self._bot.edit_message_text(
                alert_html(transition, posted.text),
                self.chat_id,
                posted.message_id,
                parse_mode=ParseMode.HTML,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
        except ChatMigrated as moved:
            raise self._moved(moved) from None
        except BadRequest as error:
            if "not modified" not in str(error).lower():
                del self._posted[transition.incident]
                raise NotifyError(f"cannot edit ({error})", retry=True, after=0.0) from None
        except TelegramError as error:
            refusal = notify_error(error, self._bot.token)
            refusal.uncertain = False  # an edit made twice is the same as once
            raise refusal from None
        self._posted.pop(transition.incident, None)

    def _moved(self, moved: ChatMigrated) -> NotifyError:
        """A group became a supergroup: follow it. Its old messages stay where they were."""
        old, self.chat_id = self.chat_id, moved.new_chat_id
        self._posted.clear()
        return NotifyError(
            f"chat {old} is now {self.chat_id}: put that into the configuration",
            retry=True,
            after=0.0,
        )

    def _take_turn(self) -> None:
        now = asyncio.get_running_loop().time()
        wait = max(self._pace.wait(now), self._together.wait(now))
        if wait > _TIMER:
            raise NotifyError("keeping Telegram's pace", retry=True, after=wait)
        self._pace.note(now)
        self._together.note(now)


def _reply(posted: _Posted | None) -> ReplyParameters | None:
    if posted is None:
        return None
    return ReplyParameters(posted.message_id, allow_sending_without_reply=True)
