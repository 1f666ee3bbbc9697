"""People who write to the stand-in's bot and press its buttons: updates, until they are fetched."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from tests.stand_ins.bot_api_rules import QUERY_LIFE, Refusal, checked_toast

FROM_PEOPLE = 1_000_000_000
"""From here on people's own messages are numbered."""

ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
"""Who an administrator is that hides behind the group."""


class People:
    """What they do, in order. `date` tells the seconds since 1970 that stand in messages."""

    def __init__(self, date: Callable[[], int]) -> None:
        self.toasts: dict[str, str] = {}
        """What the presser of a button was told, by query."""
        self.webhook = False
        self._date = date
        self._updates: list[dict[str, Any]] = []
        self._pressed: dict[str, float] = {}
        self._poller: asyncio.Event | None = None

    def write(
        self,
        chat_id: int,
        text: str,
        *,
        user: int | None = None,
        name: str = "Ann",
        thread: int | None = None,
        anonymous: bool = False,
        ago: int = 0,
    ) -> int:
        """A person writes, `ago` seconds ago; in private the chat's id is the user's.

        Answers the id of the message.
        """
        message: dict[str, Any] = {
            "message_id": FROM_PEOPLE + len(self._updates),
            "date": self._date() - ago,
            "chat": chat(chat_id),
            "text": text,
            "from": ANONYMOUS if anonymous else person(chat_id if user is None else user, name),
        }
        if anonymous:
            message["sender_chat"] = chat(chat_id)
        if thread is not None:
            message |= {"message_thread_id": thread, "is_topic_message": True}
        self._add("message", message)
        return int(message["message_id"])

    def moved(self, group: int, supergroup: int) -> None:
        """A group says that it has become a supergroup."""
        message = {"message_id": 1, "date": self._date(), "chat": chat(group)}
        self._add("message", message | {"migrate_to_chat_id": supergroup})

    def post(self, channel: int, text: str) -> None:
        """A channel speaks."""
        told = {"id": channel, "type": "channel"}
        message = {"message_id": 1, "date": self._date(), "chat": told, "sender_chat": told}
        self._add("channel_post", message | {"text": text})

    def press(self, message: dict[str, Any], data: str, *, user: int, name: str = "Ann") -> str:
        """A person presses a button under a message; answers the query's id."""
        query = f"query-{len(self._updates)}"
        self._pressed[query] = self._now()
        update = {"id": query, "from": person(user, name), "chat_instance": "1", "data": data}
        self._add("callback_query", update | {"message": message})
        return query

    def answered(self, form: dict[str, str]) -> bool:
        """A pressed button is answered: once, and in time."""
        query = form["callback_query_id"]
        pressed = self._pressed.pop(query, None)
        if pressed is None or self._now() - pressed > QUERY_LIFE:
            reason = "query is too old and response timeout expired or query ID is invalid"
            raise Refusal(400, f"Bad Request: {reason}")
        self.toasts[query] = checked_toast(form)
        return True

    @property
    def unanswered(self) -> int:
        """Buttons whose pressers still wait."""
        return len(self._pressed)

    async def poll(self, form: dict[str, str]) -> list[dict[str, Any]]:
        """Long polling; a second poller ends the first's wait with a conflict."""
        if self.webhook:
            raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active")
        self._stir()
        mine = self._poller = asyncio.Event()
        allowed = set(json.loads(form.get("allowed_updates", "[]")))
        offset = int(form.get("offset", "0"))
        until = self._now() + float(form.get("timeout", "0"))
        while not (found := self._from(offset, allowed)):
            try:
                async with asyncio.timeout_at(until):
                    await mine.wait()
            except TimeoutError:
                break
            mine.clear()
            if self._poller is not mine:
                raise Refusal(409, "Conflict: terminated by other getUpdates request")
        return found

    def _from(self, offset: int, allowed: set[str]) -> list[dict[str, Any]]:
        return [
            update
            for update in self._updates
            if update["update_id"] >= offset and (not allowed or allowed & update.keys())
        ]

    def _add(self, kind: str, content: dict[str, Any]) -> None:
        self._updates.append({"update_id": 1000 + len(self._updates), kind: content})
        self._stir()

    def _stir(self) -> None:
        if self._poller is not None:
            self._poller.set()

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


def chat(chat_id: int) -> dict[str, Any]:
    return {"id": chat_id, "type": "private" if chat_id > 0 else "supergroup"}


def person(user: int, name: str) -> dict[str, Any]:
    return {"id": user, "is_bot": False, "first_name": name}
