"""A stand-in for Telegram's Bot API on loopback, as strict as its documentation.

It keeps to the documented limits, answers with Telegram's own errors, and fails on demand. All
time is the loop's.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from enum import StrEnum
from itertools import count
from typing import Any, Self

import msgspec

from tests.stand_ins.bot_api_people import FROM_PEOPLE, People, chat
from tests.stand_ins.bot_api_rules import (
    CAPTION_LIMIT,
    TEXT_LIMIT,
    Limit,
    Refusal,
    checked_buttons,
    checked_commands,
    checked_text,
    checked_thread,
    keyboard,
)
from tests.stand_ins.http import Hangup, HttpServer, Request, Response, json_response

TOKEN = "123456:the-secret-of-this-bot"  # noqa: S105  # of a bot that does not exist

EPOCH = 1_773_930_665
"""When the loop's clock was 0: Thu 19 Mar 2026, 14:31:05 UTC."""

_NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and "
    "reply markup are exactly the same"
)


class Fault(StrEnum):
    """How a request for a method goes wrong."""

    ERROR = "error"
    """500 with a JSON answer: it was not done."""
    PROXY = "proxy"
    """502 with HTML, as from a proxy."""
    GARBAGE = "garbage"
    """200 and no JSON; it was done."""
    SILENT = "silent"
    """Done, and never answered."""
    HANGUP = "hangup"
    """Not done, and the connection is cut."""


class Posted(msgspec.Struct):
    """A message in a chat, as it stands."""

    message_id: int
    chat_id: int
    at: float
    html: str
    text: str
    reply_to: int | None = None
    silent: bool = False
    edits: int = 0
    photo: bool = False
    buttons: tuple[tuple[tuple[str, str], ...], ...] = ()
    """Rows of (text, data)."""
    keyboard: tuple[str, ...] = ()
    thread: int | None = None

    @property
    def data(self) -> list[str]:
        """What its buttons carry."""
        return [data for row in self.buttons for _, data in row]


class BotApi:
    """`async with BotApi() as api:`, then `api.base_url`, `api.posted`, `api.faults` …

    A chat exists unless it is in `unknown`; `blocked` chats have blocked the bot, `migrated` maps
    groups to what they became, `topics` are those of forums. `faults` maps methods to faults that
    meet the next requests for them, in order; `refuse_for` answers 429 to a chat so many times
    whatever its pace. `people` write to the bot.
    """

    def __init__(self, token: str = TOKEN) -> None:
        self.token = token
        self.posted: dict[int, Posted] = {}
        self.requests: list[tuple[float, str, dict[str, str]]] = []
        self.faults: dict[str, deque[Fault]] = {}
        self.unknown: set[int] = set()
        self.blocked: set[int] = set()
        self.migrated: dict[int, int] = {}
        self.refuse_for: dict[int, int] = {}
        self.limited = 0
        """Requests answered 429."""
        self.topics: dict[int, set[int]] = {}
        self.closed_topics: set[int] = set()
        self.strict_about: str | None = None
        """Markup that holds this is refused."""
        self.commands: tuple[str, ...] = ()
        self.people = People(lambda: EPOCH + int(self._now()))
        self._ids = count(1)
        self._http = HttpServer(self._handle)
        self._limits: dict[int, list[Limit]] = {}
        self._together = Limit(30, 1.0)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._http.port}/bot"

    async def __aenter__(self) -> Self:
        await self._http.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.stop()

    async def down(self) -> None:
        """Stop listening: connections are refused."""
        await self._http.stop()

    async def up(self) -> None:
        await self._http.start()

    def fail(self, method: str, *faults: Fault) -> None:
        self.faults.setdefault(method, deque()).extend(faults)

    def chat(self, chat_id: int) -> list[Posted]:
        """The chat's messages, oldest first."""
        return [posted for posted in self.posted.values() if posted.chat_id == chat_id]

    def write_to_bot(self, chat_id: int, text: str) -> None:
        """A person writes to the bot in private; more in `people`."""
        self.people.write(chat_id, text)

    def press(self, posted: Posted, data: str, *, user: int, name: str = "Ann") -> str:
        """A person presses a button that stands, or stood, under a message."""
        message = _message(posted)
        if posted.reply_to is not None:
            message["reply_to_message"] = _message(self.posted[posted.reply_to])
        return self.people.press(message, data, user=user, name=name)

    @property
    def webhook(self) -> bool:
        """Whether one is set, which leaves no updates to fetch."""
        return self.people.webhook

    @webhook.setter
    def webhook(self, value: bool) -> None:
        self.people.webhook = value

    async def _handle(self, request: Request) -> Response:
        _, bot, method = request.path.split("/")
        self.requests.append((self._now(), method, request.form))
        if bot != f"bot{self.token}":
            return _failure(Refusal(401, "Unauthorized"))
        waiting = self.faults.get(method)
        fault = waiting.popleft() if waiting else None
        match fault:
            case Fault.ERROR:
                return _failure(Refusal(500, "Internal Server Error"))
            case Fault.PROXY:
                return Response(502, b"<html>502 Bad Gateway</html>", "text/html")
            case Fault.HANGUP:
                raise Hangup
        response = await self._answer(method, request.form)
        match fault:
            case Fault.GARBAGE:
                return Response(200, b"{]", "text/html")
            case Fault.SILENT:
                await asyncio.get_running_loop().create_future()
        return response

    async def _answer(self, method: str, form: dict[str, str]) -> Response:
        try:
            result = await self._result(method, form)
        except Refusal as refusal:
            self.limited += refusal.code == 429
            return _failure(refusal)
        return json_response(200, {"ok": True, "result": result})

    async def _result(self, method: str, form: dict[str, str]) -> Any:
        result: Any = True
        match method:
            case "getMe":
                result = {"id": 123456, "is_bot": True, "first_name": "comove", "username": "c_bot"}
            case "deleteWebhook":
                self.webhook = False
            case "setMyCommands":
                self.commands = checked_commands(form)
            case "answerCallbackQuery":
                result = self.people.answered(form)
            case "getUpdates":
                result = await self.people.poll(form)
            case "sendMessage":
                result = self._post(form, form.get("text", ""), TEXT_LIMIT)
            case "sendPhoto":
                result = self._post(form, form.get("caption", ""), CAPTION_LIMIT, photo=True)
            case "editMessageText":
                result = self._edit(form)
            case "editMessageReplyMarkup":
                result = self._edit_buttons(form)
            case _:
                raise Refusal(404, "Not Found")
        return result

    def _post(
        self, form: dict[str, str], html: str, limit: int, *, photo: bool = False
    ) -> dict[str, Any]:
        chat_id = self._admit(form)
        text = self._checked(html, form, limit, empty=photo)
        if photo and not form.get("photo"):
            raise Refusal(400, "Bad Request: file must be non-empty")
        posted = Posted(
            message_id=next(self._ids),
            chat_id=chat_id,
            at=self._now(),
            html=html,
            text=text,
            reply_to=self._replied(form, chat_id),
            silent=form.get("disable_notification", "").lower() == "true",
            photo=photo,
            buttons=checked_buttons(form),
            keyboard=keyboard(form),
            thread=checked_thread(form, self.topics.get(chat_id, set()), self.closed_topics),
        )
        self.posted[posted.message_id] = posted
        return _message(posted)

    def _replied(self, form: dict[str, str], chat_id: int) -> int | None:
        reply = json.loads(form.get("reply_parameters", "{}"))
        if not reply:
            return None
        message_id = int(reply["message_id"])
        if message_id >= FROM_PEOPLE:
            return message_id
        posted = self.posted.get(message_id)
        if posted is not None and posted.chat_id == chat_id:
            return message_id
        if not reply.get("allow_sending_without_reply"):
            raise Refusal(400, "Bad Request: message to be replied not found")
        return None

    def _edit(self, form: dict[str, str]) -> dict[str, Any]:
        posted = self._edited(form)
        if posted.photo:
            raise Refusal(400, "Bad Request: there is no text in the message to edit")
        html, buttons = form.get("text", ""), checked_buttons(form)
        text = self._checked(html, form, TEXT_LIMIT)
        if (posted.html, posted.buttons) == (html, buttons):
            raise Refusal(400, _NOT_MODIFIED)
        posted.html, posted.text, posted.buttons = html, text, buttons
        posted.edits += 1
        return _message(posted)

    def _edit_buttons(self, form: dict[str, str]) -> dict[str, Any]:
        posted, buttons = self._edited(form), checked_buttons(form)
        if posted.buttons == buttons:
            raise Refusal(400, _NOT_MODIFIED)
        posted.buttons = buttons
        return _message(posted)

    def _edited(self, form: dict[str, str]) -> Posted:
        chat_id = self._admit(form)
        posted = self.posted.get(int(form["message_id"]))
        if posted is None or posted.chat_id != chat_id:
            raise Refusal(400, "Bad Request: message to edit not found")
        return posted

    def _checked(self, html: str, form: dict[str, str], limit: int, *, empty: bool = False) -> str:
        strict = form.get("parse_mode") == "HTML" and self.strict_about
        if strict and strict in html:
            raise Refusal(400, "Bad Request: can't parse entities: strict today")
        return checked_text(html, form, limit, empty=empty)

    def _admit(self, form: dict[str, str]) -> int:
        """The chat, if it is there and its limits leave room."""
        chat_id = int(form["chat_id"])
        if chat_id in self.migrated:
            raise Refusal(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=self.migrated[chat_id],
            )
        if chat_id in self.unknown:
            raise Refusal(400, "Bad Request: chat not found")
        if chat_id in self.blocked:
            raise Refusal(403, "Forbidden: bot was blocked by the user")
        if self.refuse_for.get(chat_id, 0) > 0:
            self.refuse_for[chat_id] -= 1
            raise Refusal(429, "Too Many Requests: retry after 7", retry_after=7)
        limits = [*self._limits_of(chat_id), self._together]
        for limit in limits:
            limit.check(self._now())
        for limit in limits:
            limit.note(self._now())
        return chat_id

    def _limits_of(self, chat_id: int) -> list[Limit]:
        group = [Limit(20, 60.0)] if chat_id < 0 else []
        return self._limits.setdefault(chat_id, [Limit(1, 1.0), *group])

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


def _failure(refusal: Refusal) -> Response:
    answer: dict[str, Any] = {
        "ok": False,
        "error_code": refusal.code,
        "description": str(refusal),
    }
    if refusal.parameters:
        answer["parameters"] = refusal.parameters
    return json_response(refusal.code, answer)


def _message(posted: Posted) -> dict[str, Any]:
    return {
        "message_id": posted.message_id,
        "date": 0,
        "chat": chat(posted.chat_id),
        "text": posted.text,
    }
