"""Who is let in: listed chats and users only, by number. Everybody else is told their number."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import Chat as Room
from telegram import User

from alerts.notifiers.pace import Pace
from alerts.notifiers.telegram_chat import Chat

_STRANGERS = (10, 600.0)
"""How many who are not listed are answered in so many seconds; each of them once."""


class Door:
    """Judges who speaks; knows nothing of what is said."""

    def __init__(self, chats: Sequence[Chat]) -> None:
        self._chats = chats
        self._pace = Pace(_STRANGERS)
        self._told: dict[tuple[int, int], float] = {}

    def chat(self, room: int, thread: int | None) -> Chat | None:
        """The listed chat that a message stands in; of a group's topics its own if it is listed."""
        here = [chat for chat in self._chats if chat.line.chat_id == room]
        exact = (chat for chat in here if chat.address.thread == thread)
        return next(exact, here[0] if here else None)

    @staticmethod
    def obeys(chat: Chat, user: User | None, sender: Room | None) -> bool:
        """Whether they may command there.

        One who speaks as a group or a channel (`sender`) hides who it is, and may not.
        """
        return user is not None and sender is None and chat.address.obeys(user.id)

    def refusal(self, room: int, user: int | None, now: float, *, listed: bool) -> str:
        """What to tell one who is not let in; nothing to those who were told, or are too many."""
        _, seconds = _STRANGERS
        who = (room, user or 0) if listed else (room, 0)
        self._told = {told: at for told, at in self._told.items() if now - at < seconds}
        if who in self._told or self._pace.wait(now) > 0:
            return ""
        self._told[who] = now
        self._pace.note(now)
        if not listed:
            return f"This chat is not on my list. Its id is {room}."
        if user is None:
            return "I obey people, not groups or channels: write as yourself."
        return f"You are not on my list for this chat. Your id is {user}."
