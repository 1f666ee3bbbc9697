"""From configuration to the Telegram bot, and what its answers are made of."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Protocol, runtime_checkable

from alerts.desk import Desk
from alerts.notifiers.notifier import Illustrator, Notifier
from alerts.notifiers.telegram_answers import answer_calls
from config import settings
from config.settings import Config
from streams.metric import Call


@runtime_checkable
class Attended(Protocol):
    """A channel through which people ask and command."""

    def attend(self, desk: Desk, illustrator: Illustrator | None = None) -> None:
        """Obey them through this desk."""


def attend(
    channels: Iterable[Notifier], desk: Desk, illustrator: Illustrator | None = None
) -> None:
    """Let people ask and command wherever a channel takes it; before it runs."""
    for channel in channels:
        if isinstance(channel, Attended):
            channel.attend(desk, illustrator)


def answered_calls(config: Config) -> set[Call]:
    """What is computed for answers besides what rules ask for."""
    if config.notifiers.telegram is None:
        return set()
    return {call for pair in config.pairs for call in answer_calls(pair)}


def make_telegram(given: settings.Telegram, rng: Random) -> Notifier:
    """The bot."""
    # Imported when used: it costs 0.3 s and 20 MB.
    from alerts.notifiers.telegram import Telegram  # noqa: PLC0415  # as said above

    token = given.token.get_secret_value()
    if given.api_url is None:
        return Telegram(token=token, chats=given.chats, rng=rng)
    base_url = f"{given.api_url.rstrip('/')}/bot"
    return Telegram(token=token, chats=given.chats, base_url=base_url, rng=rng)
