"""What Telegram's Bot API documents as allowed, and how it refuses the rest."""

from __future__ import annotations

import json
import re
from collections import deque
from math import ceil
from typing import Any

from tests.stand_ins.telegram_html import EntityError, plain_text

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
TOAST_LIMIT = 200
DATA_LIMIT = 64
QUERY_LIFE = 15.0
"""Seconds in which a pressed button must be answered."""

_GENERAL = 1
"""The topic that every forum has, and that is addressed by naming none."""


class Refusal(Exception):  # noqa: N818  # an answer
    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.parameters = parameters


class Limit:
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


def checked_text(html: str, form: dict[str, str], limit: int, *, empty: bool = False) -> str:
    try:
        text = plain_text(html) if form.get("parse_mode") == "HTML" else html
    except EntityError as error:
        raise Refusal(400, f"Bad Request: can't parse entities: {error}") from None
    if not text.strip() and not empty:
        raise Refusal(400, "Bad Request: message text is empty")
    if _units(text) > limit:
        raise Refusal(400, "Bad Request: message is too long")
    return text


def checked_buttons(form: dict[str, str]) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Rows of (text, data) of an inline keyboard; none where there is another, or no keyboard."""
    markup = json.loads(form.get("reply_markup", "{}"))
    rows = markup.get("inline_keyboard", [])
    for row in [*rows, *markup.get("keyboard", [])]:
        for button in row:
            if not button["text"]:
                raise Refusal(400, "Bad Request: text buttons must be non-empty")
    for row in rows:
        for button in row:
            if not 1 <= len(button.get("callback_data", "").encode()) <= DATA_LIMIT:
                raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
    return tuple(tuple((b["text"], b["callback_data"]) for b in row) for row in rows)


def keyboard(form: dict[str, str]) -> tuple[str, ...]:
    """The buttons in place of the keyboard."""
    rows = json.loads(form.get("reply_markup", "{}")).get("keyboard", [])
    return tuple(button["text"] for row in rows for button in row)


def checked_thread(form: dict[str, str], topics: set[int], closed: set[int]) -> int | None:
    if "message_thread_id" not in form:
        return None
    thread = int(form["message_thread_id"])
    if thread in closed:
        raise Refusal(400, "Bad Request: TOPIC_CLOSED")
    if thread == _GENERAL or thread not in topics:
        raise Refusal(400, "Bad Request: message thread not found")
    return thread


def checked_toast(form: dict[str, str]) -> str:
    text = form.get("text", "")
    if _units(text) > TOAST_LIMIT:
        raise Refusal(400, "Bad Request: MESSAGE_TOO_LONG")
    return text


def checked_commands(form: dict[str, str]) -> tuple[str, ...]:
    commands: list[dict[str, Any]] = json.loads(form["commands"])
    if len(commands) > 100:
        raise Refusal(400, "Bad Request: BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
            raise Refusal(400, "Bad Request: BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= 256:
            raise Refusal(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
    return tuple(command["command"] for command in commands)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
