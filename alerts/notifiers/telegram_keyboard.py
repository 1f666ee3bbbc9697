"""Buttons: under an alert, and in place of the keyboard.

What a button carries is what to do; the message it stands under says of which incident, so that it
works after a restart too.
"""

from __future__ import annotations

from enum import StrEnum

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, KeyboardButton, ReplyKeyboardMarkup


class Button(StrEnum):
    """What a button carries; at most 64 bytes."""

    ACK = "ack"
    HOUR = "snooze-hour"
    CLOSE = "snooze-close"
    WHY = "why"
    CHART = "chart"


def alert_buttons(*, acknowledged: bool, drawable: bool, closes: bool) -> InlineKeyboardMarkup:
    """Under an alert that fires; once acknowledged it asks for nothing any more.

    `closes` where there is a market that does.
    """
    questions = [InlineKeyboardButton("❓ Why", callback_data=Button.WHY)]
    if drawable:
        questions.append(InlineKeyboardButton("📈 Chart", callback_data=Button.CHART))
    return InlineKeyboardMarkup(
        [questions] if acknowledged else [*_answers(closes=closes), questions]
    )


def reminder_buttons(*, closes: bool) -> InlineKeyboardMarkup:
    """Under a reminder."""
    return InlineKeyboardMarkup(_answers(closes=closes))


def _answers(*, closes: bool) -> list[list[InlineKeyboardButton]]:
    snoozes = [InlineKeyboardButton("💤 Snooze 1h", callback_data=Button.HOUR)]
    if closes:
        snoozes.append(InlineKeyboardButton("💤 Till close", callback_data=Button.CLOSE))
    return [[InlineKeyboardButton("✔️ Ack", callback_data=Button.ACK)], snoozes]


def common_commands() -> ReplyKeyboardMarkup:
    """In place of the keyboard, in private chats."""
    row = [KeyboardButton(command) for command in ("/status", "/alerts", "/chart")]
    return ReplyKeyboardMarkup([row], resize_keyboard=True, is_persistent=True)
