"""Whether anybody hears a rule."""

from __future__ import annotations

from collections.abc import Iterator

from alerts.rule import Rule
from config.advice.hint import Hint
from config.settings import Notifiers

_TELEGRAM = "telegram"


def audience(rule: Rule, notifiers: Notifiers) -> Iterator[Hint]:
    """A rule for Telegram alone, of a severity that all its chats have turned off."""
    telegram = notifiers.telegram
    if telegram is None or set(rule.notify) != {_TELEGRAM}:
        return
    if all(chat.loudness(rule.severity) == "off" for chat in telegram.chats):
        message = f"nobody hears it: '{rule.severity}' is off in all of Telegram's chats"
        remedy = f"notify others too, or write '{rule.severity}: silent' for a chat"
        yield Hint("notify", message, remedy)
