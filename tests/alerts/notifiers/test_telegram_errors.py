from __future__ import annotations

import httpx
import pytest
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    TelegramError,
    TimedOut,
)

from alerts.notifiers.telegram_errors import notify_error, sentence


def caused(error: TelegramError, cause: Exception) -> TelegramError:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "retry", "uncertain"),
    [
        (caused(NetworkError("no route"), httpx.ConnectError("")), True, False),
        (caused(TimedOut(), httpx.ConnectTimeout("")), True, False),
        (caused(TimedOut(), httpx.PoolTimeout("")), True, False),
        (caused(TimedOut(), httpx.ReadTimeout("")), True, True),
        (caused(TimedOut(), httpx.WriteTimeout("")), True, True),
        (caused(NetworkError("cut"), httpx.ReadError("")), True, True),
        (caused(NetworkError("cut"), httpx.RemoteProtocolError("")), True, True),
        (caused(NetworkError("Bad Gateway"), TelegramError("no JSON")), True, True),
        (NetworkError("Internal Server Error"), True, False),
        (TelegramError("Invalid server response"), True, True),
        (BadRequest("chat not found"), False, False),
        (Forbidden("blocked"), False, False),
        (InvalidToken(), True, False),
    ],
)
def test_only_what_was_surely_not_done_is_retried_freely(
    error: TelegramError, *, retry: bool, uncertain: bool
) -> None:
    answer = notify_error(error, "1:secret")
    assert (answer.retry, answer.uncertain) == (retry, uncertain)


@pytest.mark.parametrize(
    "error",
    [
        NetworkError("GET http://127.0.0.1/bot1:secret/getMe failed"),
        InvalidToken("The token `1:secret` was rejected by the server."),
        Conflict("1:secret"),
        ValueError("1:secret"),
    ],
)
def test_no_fault_is_told_with_the_token(error: Exception) -> None:
    assert "secret" not in sentence(error, "1:secret")


def test_a_fault_without_words_is_told_by_its_name() -> None:
    assert sentence(KeyError(), "1:secret") == "KeyError"
