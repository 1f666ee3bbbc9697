"""A stand-in for Telegram's Bot API on loopback, as strict as its documentation.

It keeps to the documented limits, answers with Telegram's own errors, and fails on demand. All
time is the loop's.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from enum import StrEnum
from math import ceil
from typing import Any, Self

import msgspec

from tests.stand_ins.http import Hangup, HttpServer, Request, Response, json_response
from tests.stand_ins.telegram_html import EntityError, plain_text

TOKEN = "123456:the-secret-of-this-bot"  # noqa: S105  # of a bot that does not exist

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024


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


class Refusal(Exception):  # noqa: N818  # an answer
    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.parameters = parameters


class _Limit:
    """At most `count` in `seconds`."""

    def __init__(self, count: int, seconds: float) -> None:
        self._count = count
        self._seconds = seconds
        self._times: deque[float] = deque()

    def check(self, now: float) -> None:
        while self._times and self._times[0] <= now - self._seconds:
            self._times.popleft()
        if len(self._times) >= self._count:
            after = ceil(self._times[0] + self._seconds - now)
            raise Refusal(429, f"Too Many Requests: retry after {after}", retry_after=max(1, after))

    def note(self, now: float) -> None:
        self._times.append(now)


class BotApi:
    """`async with BotApi() as api:`, then `api.base_url`, `api.posted`, `api.faults` …

    A chat exists unless it is in `unknown`; `blocked` chats have blocked the bot, `migrated` maps
    groups to what they became. `faults` maps methods to faults that meet the next requests for
    them, in order; `refuse_for` answers 429 to a chat so many times whatever its pace.
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
        self.webhook = False
        self._http = HttpServer(self._handle)
        self._updates: list[dict[str, Any]] = []
        self._poller: asyncio.Event | None = None
        self._limits: dict[int, list[_Limit]] = {}
        self._together = _Limit(30, 1.0)

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
        """A person writes to the bot."""
        update_id = 1000 + len(self._updates)
        message = {"message_id": update_id, "date": 0, "chat": _chat(chat_id), "text": text}
        self._updates.append({"update_id": update_id, "message": message})
        self._stir()

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
            case "setMyCommands" | "answerCallbackQuery":
                pass
            case "getUpdates":
                result = await self._get_updates(form)
            case "sendMessage":
                result = self._post(form, form.get("text", ""), TEXT_LIMIT)
            case "sendPhoto":
                result = self._post(form, form.get("caption", ""), CAPTION_LIMIT, photo=True)
            case "editMessageText":
                result = self._edit(form)
            case _:
                raise Refusal(404, "Not Found")
        return result

    async def _get_updates(self, form: dict[str, str]) -> list[dict[str, Any]]:
        """Long polling; a second poller ends the first's wait with a conflict."""
        if self.webhook:
            raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active")
        self._stir()
        mine = self._poller = asyncio.Event()
        offset = int(form.get("offset", "0"))
        until = self._now() + float(form.get("timeout", "0"))
        while not (found := [u for u in self._updates if u["update_id"] >= offset]):
            try:
                async with asyncio.timeout_at(until):
                    await mine.wait()
            except TimeoutError:
                break
            mine.clear()
            if self._poller is not mine:
                raise Refusal(409, "Conflict: terminated by other getUpdates request")
        return found

    def _stir(self) -> None:
        if self._poller is not None:
            self._poller.set()

    def _post(
        self, form: dict[str, str], html: str, limit: int, *, photo: bool = False
    ) -> dict[str, Any]:
        chat_id = self._admit(form)
        text = _checked(html, form, limit, empty=photo)
        reply = json.loads(form.get("reply_parameters", "{}"))
        posted = Posted(
            message_id=1 + len(self.posted),
            chat_id=chat_id,
            at=self._now(),
            html=html,
            text=text,
            reply_to=reply.get("message_id"),
            silent=form.get("disable_notification", "").lower() == "true",
            photo=photo,
        )
        if posted.reply_to is not None and posted.reply_to not in self.posted:
            if not reply.get("allow_sending_without_reply"):
                raise Refusal(400, "Bad Request: message to be replied not found")
            posted.reply_to = None
        self.posted[posted.message_id] = posted
        return _message(posted)

    def _edit(self, form: dict[str, str]) -> dict[str, Any]:
        chat_id = self._admit(form)
        html = form.get("text", "")
        text = _checked(html, form, TEXT_LIMIT)
        posted = self.posted.get(int(form["message_id"]))
        if posted is None or posted.chat_id != chat_id:
            raise Refusal(400, "Bad Request: message to edit not found")
        if posted.html == html:
            raise Refusal(
                400,
                "Bad Request: message is not modified: specified new message content and "
                "reply markup are exactly the same",
            )
        posted.html, posted.text = html, text
        posted.edits += 1
        return _message(posted)

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

    def _limits_of(self, chat_id: int) -> list[_Limit]:
        group = [_Limit(20, 60.0)] if chat_id < 0 else []
        return self._limits.setdefault(chat_id, [_Limit(1, 1.0), *group])

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


def _checked(html: str, form: dict[str, str], limit: int, *, empty: bool = False) -> str:
    try:
        text = plain_text(html) if form.get("parse_mode") == "HTML" else html
    except EntityError as error:
        raise Refusal(400, f"Bad Request: can't parse entities: {error}") from None
    if not text.strip() and not empty:
        raise Refusal(400, "Bad Request: message text is empty")
    if len(text.encode("utf-16-le")) // 2 > limit:
        raise Refusal(400, "Bad Request: message is too long")
    return text


def _failure(refusal: Refusal) -> Response:
    answer: dict[str, Any] = {
        "ok": False,
        "error_code": refusal.code,
        "description": str(refusal),
    }
    if refusal.parameters:
        answer["parameters"] = refusal.parameters
    return json_response(refusal.code, answer)


def _chat(chat_id: int) -> dict[str, Any]:
    return {"id": chat_id, "type": "private" if chat_id > 0 else "group"}


def _message(posted: Posted) -> dict[str, Any]:
    return {
        "message_id": posted.message_id,
        "date": 0,
        "chat": _chat(posted.chat_id),
        "text": posted.text,
    }
