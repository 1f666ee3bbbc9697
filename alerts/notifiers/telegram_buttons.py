"""What the buttons under an alert do."""

from __future__ import annotations

import msgspec

from alerts.desk import Desk, DeskError
from alerts.notifiers.telegram_charts import CHARTED, Order
from alerts.notifiers.telegram_chat import Chat
from alerts.notifiers.telegram_keyboard import Button
from alerts.notifiers.telegram_text import marked, text_html
from streams.instrument import NS

_HOUR = 3600.0
_LONGEST = 7 * 86_400.0
"""Seconds that a chart shows at most."""


class Pressed(msgspec.Struct, frozen=True):
    """A button, the message under which it stands, its incident, and who pressed it."""

    button: str
    message_id: int
    incident: str
    who: str


def press(desk: Desk, chat: Chat, pressed: Pressed) -> str:
    """Do it; answers with a short text for the one who pressed."""
    try:
        return _press(desk, chat, pressed)
    except DeskError as error:
        return f"{str(error)[:1].upper()}{str(error)[1:]}."


def _press(desk: Desk, chat: Chat, pressed: Pressed) -> str:
    match pressed.button:
        case Button.ACK:
            return desk.acknowledge(pressed.incident, pressed.who)
        case Button.HOUR:
            return _snooze(desk, chat, pressed, _HOUR)
        case Button.CLOSE:
            return _snooze(desk, chat, pressed, None)
        case Button.WHY:
            chat.replies.say(text_html(desk.why(pressed.incident)), reply_to=pressed.message_id)
            return ""
        case Button.CHART:
            chat.replies.show(_chart(desk, pressed), asked=True, reply_to=pressed.message_id)
            return "Drawing …"
        case _:
            return "This button is from another version of me."


def _snooze(desk: Desk, chat: Chat, pressed: Pressed, seconds: float | None) -> str:
    """The others in a group should know of it too."""
    said = desk.snooze(pressed.incident, pressed.who, seconds)
    if chat.line.chat_id < 0:
        html = f"💤 {marked(pressed.who)}: {marked(said)}"
        chat.replies.say(html, reply_to=pressed.message_id)
    return said


def _chart(desk: Desk, pressed: Pressed) -> Order:
    """Up to now, from before the alert."""
    for standing in desk.incidents():
        if standing.incident == pressed.incident:
            now = standing.since if desk.snapshot is None else desk.snapshot.ts
            seconds = max(CHARTED, _whole_hours(now - standing.since) + _HOUR)
            return Order(standing.pair, min(seconds, _LONGEST), standing.since)
    raise DeskError("this alert is over")


def _whole_hours(ns: int) -> float:
    return -(-ns // round(_HOUR * NS)) * _HOUR
