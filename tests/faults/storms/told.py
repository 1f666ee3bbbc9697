"""What was decided, and what each channel has told of it."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import Counter
from collections.abc import Callable
from html import unescape
from typing import Any

import msgspec

from alerts.moment import instant
from alerts.transition import State, Transition
from tests.stand_ins.bot_api import BotApi
from tests.stand_ins.http import Hangup, Request, Response

CHAT = 4711
TELEGRAM = f"telegram/{CHAT}"
LANES = ("log", "mqtt", TELEGRAM)
_TOLD = {State.FIRING, State.RESOLVED}
_PATIENCE = 30.0
"""Seconds after which an answer that never comes ends its connection."""

Key = tuple[str, str]


class Sum(msgspec.Struct):
    """What became of the alerts of one channel."""

    told: int = 0
    lost: int = 0
    twice: int = 0
    oftener: int = 0


class Told:
    """Holds decisions against what was told, a day at a time."""

    def __init__(self) -> None:
        self.decided: list[Transition] = []
        self.heard: dict[str, Counter[Key]] = {lane: Counter() for lane in LANES}
        self.sums = {lane: Sum() for lane in LANES}
        self.lost: list[str] = []
        """The first that were lost, for people."""

    def settle(self) -> None:
        """Nothing waits any more: judge, and forget."""
        for transition in self.decided:
            if transition.incident and transition.state in _TOLD:
                for lane in LANES:
                    if lane.partition("/")[0] in transition.notify or lane in transition.notify:
                        self._judge(transition, lane)
        self.decided.clear()
        for heard in self.heard.values():
            heard.clear()

    def _judge(self, transition: Transition, lane: str) -> None:
        of, times = self.sums[lane], self.heard[lane][_key(transition, lane)]
        of.told += 1
        of.lost += times == 0
        of.twice += times == 2
        of.oftener += times > 2
        if times != 1 and len(self.lost) < 50 and (times == 0 or times > 2):
            self.lost.append(f"{lane}: {transition.incident} {transition.state}: {times} times")


def _key(transition: Transition, lane: str) -> Key:
    if lane == "mqtt" and transition.is_report:
        return transition.rule, str(transition.ts)
    if lane != TELEGRAM:
        return transition.incident, transition.state.value
    over = "resolved " if transition.state is State.RESOLVED else ""
    return over + transition.title, instant(transition.ts)


def events_to(heard: Counter[Key]) -> Callable[[str, bytes], None]:
    """Counts what the broker hears of alerts and reports."""

    def note(topic: str, payload: bytes) -> None:
        if "/event/" in topic:
            event: dict[str, Any] = msgspec.json.decode(payload)
            heard[event["incident"], event["state"]] += 1
        elif "/report/" in topic:
            report: dict[str, Any] = msgspec.json.decode(payload)
            heard[report["rule"], str(report["ts"])] += 1

    return note


class Lines(logging.Handler):
    """Counts what the daemon's log says of alerts."""

    def __init__(self, heard: Counter[Key]) -> None:
        super().__init__()
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        """One alert."""
        fields: dict[str, str] = record.__dict__["comove"]
        self._heard[fields["incident"], fields["state"]] += 1


_HEADING = re.compile(r"<b>(?:(Resolved) after [^:]*: )?(.*?)</b>")
_INSTANT = re.compile(r"· ([^·]*UTC\))</i>")


class Chat(BotApi):
    """The stand-in Bot API, which also counts what was said in the chat, edits included."""

    def __init__(self, heard: Counter[Key]) -> None:
        super().__init__()
        self._heard = heard

    def _post(
        self, form: dict[str, str], html: str, limit: int, *, photo: bool = False
    ) -> dict[str, Any]:
        answer = super()._post(form, html, limit, photo=photo)
        self._note(html)
        return answer

    def _edit(self, form: dict[str, str]) -> dict[str, Any]:
        answer = super()._edit(form)
        self._note(form["text"])
        return answer

    def _note(self, html: str) -> None:
        heading, foot = _HEADING.search(html), _INSTANT.search(html)
        if heading and foot:
            over = "resolved " if heading[1] else ""
            self._heard[over + unescape(heading[2]), foot[1]] += 1

    async def _handle(self, request: Request) -> Response:
        try:
            async with asyncio.timeout(_PATIENCE):
                return await super()._handle(request)
        except TimeoutError:
            raise Hangup from None
