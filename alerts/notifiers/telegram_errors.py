"""Telegram's faults: which may be tried again, and how they are told without the token."""

from __future__ import annotations

from datetime import timedelta

import httpx
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from alerts.notifiers.notifier import NotifyError
from streams.redaction import Redaction

TOKEN_REFUSED_AFTER = 60.0
"""Seconds: a refused token needs a person."""

_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def notify_error(error: TelegramError, token: str) -> NotifyError:
    """The one answer to "try again?".

    Only what surely was not done is retried freely: the connection failed, or Telegram answered
    that it was not. Anything else (a time-out, a broken connection, an answer of a proxy) may have
    been done.
    """
    text = sentence(error, token)
    match error:
        case RetryAfter():
            return NotifyError(text, retry=True, after=pause(error))
        case InvalidToken():
            return NotifyError(text, retry=True, after=TOKEN_REFUSED_AFTER)
        case Forbidden() | BadRequest():
            return NotifyError(text, retry=False)
        case NetworkError() if error.__cause__ is None or isinstance(error.__cause__, _NOT_SENT):
            return NotifyError(text, retry=True)
        case _:
            return NotifyError(text, retry=True, uncertain=True)


def pause(error: RetryAfter) -> float:
    """Seconds that Telegram asks for."""
    after = error.retry_after
    return after.total_seconds() if isinstance(after, timedelta) else float(after)


def sentence(error: Exception, token: str) -> str:
    """What went wrong, for people; never with the token."""
    match error:
        case InvalidToken():
            return "Telegram refused the bot's token: check it with @BotFather"
        case Conflict():
            return (
                "another program reads this bot's updates (or a webhook is set): "
                "commands may go unheard here until it stops; alerts are sent all the same"
            )
        case _:
            return Redaction([token])(str(error) or type(error).__name__)
