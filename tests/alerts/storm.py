"""A storm: 500 alerts in a second to several chats, MQTT and the log, as they arrive.

In simulated time, through the real outbox, store and Telegram notifier.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import msgspec

from alerts.notifiers.log import Log
from alerts.notifiers.pace import Pace
from alerts.notifiers.telegram import Telegram
from alerts.notifiers.telegram_address import Address
from alerts.outbox import Outbox
from alerts.rule import Severity
from alerts.store import Store
from alerts.transition import Transition
from tests.alerts.alerts import NS, START, alert
from tests.stand_ins.bot_api import TOKEN, BotApi

ALERTS = 500
REFUSED = Address(1, "refused")
"""Telegram answers 429 to this one."""
PRIVATE = (Address(2, "ann"), Address(3, "bob"), Address(4, "cleo"))
GROUPS = (Address(-5, "desk"), Address(-6, "risk"))
CHATS = (REFUSED, *PRIVATE, *GROUPS)
_HOURS = 4
"""Within which all must be told: a group bears 20 messages a minute."""
_NUMBER = re.compile(r"no\. (\d+)\b")


class Mix(msgspec.Struct, frozen=True):
    """How many of the alerts are critical and warnings; the rest are infos."""

    criticals: int = 12
    warnings: int = 60


class Message(msgspec.Struct, frozen=True):
    """What stands in a chat: when it came, in seconds of the storm, and the alerts it names."""

    at: float
    names: tuple[int, ...]


class Storm(msgspec.Struct, frozen=True):
    """What became of it."""

    severities: tuple[Severity, ...]
    decided: tuple[float, ...]
    """When, in seconds of the storm; by number."""
    chats: Mapping[str, tuple[Message, ...]]
    beside: Mapping[str, Counter[str]]
    """How often each incident was told on MQTT and in the log."""
    limited: int
    """Requests answered 429."""
    unsettled: int
    """Deliveries that the store would make again after a restart."""

    def lost(self, chat: str) -> set[int]:
        """Alerts that the chat was never told of."""
        told = {number for message in self.chats[chat] for number in message.names}
        return set(range(len(self.severities))) - told

    def numbers(self, severity: Severity) -> list[int]:
        """The alerts of that severity, oldest first."""
        return [n for n, each in enumerate(self.severities) if each is severity]

    def arrivals(self, chat: str) -> dict[int, float]:
        """When each alert was first told there."""
        first: dict[int, float] = {}
        for message in self.chats[chat]:
            for number in message.names:
                first.setdefault(number, message.at)
        return first

    def delays(self, chat: Address) -> list[float]:
        """Of each critical, in seconds after it could have been told had there been nothing else.

        The budget is Telegram's: one message a second in a chat, 20 a minute in a group.
        """
        budget = Pace((1, 1.0), (20, 60.0)) if chat.chat_id < 0 else Pace((1, 1.0))
        numbers = self.numbers(Severity.CRITICAL)
        arrivals = self.arrivals(chat.label)
        told = sorted(arrivals[number] for number in numbers)
        delays = []
        for number, at in zip(numbers, told, strict=True):
            best = self.decided[number] + budget.wait(self.decided[number])
            budget.note(best)
            delays.append(at - best)
        return delays


class _Recording:
    """A channel that takes everything at once."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.told: Counter[str] = Counter()

    async def run(self) -> None:
        await asyncio.get_running_loop().create_future()

    async def notify(self, transition: Transition) -> None:
        self.told[transition.incident] += 1


def severities(mix: Mix) -> tuple[Severity, ...]:
    """In the order in which they are decided: any."""
    infos = ALERTS - mix.criticals - mix.warnings
    drawn = [
        *[Severity.CRITICAL] * mix.criticals,
        *[Severity.WARNING] * mix.warnings,
        *[Severity.INFO] * infos,
    ]
    Random(4).shuffle(drawn)
    return tuple(drawn)


def storm_alert(number: int, severity: Severity, ts: int, notify: Sequence[str]) -> Transition:
    """One of them."""
    return alert(
        f"i{number}", severity=severity, ts=ts, since=ts, message=f"no. {number}", notify=notify
    )


async def storm(
    state: Path, *, chats: Sequence[Address] = CHATS, refusals: int = 0, mix: Mix | None = None
) -> Storm:
    """Let it pass, in the time of a PacedLoop; `refusals` are what REFUSED gets."""
    kinds = severities(mix or Mix())
    log, mqtt = _Recording("log"), _Recording("mqtt")
    shown = Log(lambda transition, _: log.told.update([transition.incident]))
    decided: list[float] = []
    async with BotApi() as api:
        api.refuse_for[REFUSED.chat_id] = refusals
        bot = Telegram(token=TOKEN, chats=chats, base_url=api.base_url, rng=Random(0))
        store = Store(state)
        box = Outbox([bot, shown, mqtt], now=_now, rng=Random(0), store=store)
        async with _running(box):
            began = asyncio.get_running_loop().time()
            for number, severity in enumerate(kinds):
                decided.append(asyncio.get_running_loop().time() - began)
                box.submit(storm_alert(number, severity, _now(), ("telegram", "mqtt", "log")))
                await asyncio.sleep(1 / ALERTS)
            await box.drain(_HOURS * 3600)
        await store.close()
        told = {chat.label: _messages(api, chat, began) for chat in chats}
    return Storm(
        severities=kinds,
        decided=tuple(decided),
        chats=told,
        beside={"mqtt": mqtt.told, "log": log.told},
        limited=api.limited,
        unsettled=await _left(state),
    )


def _messages(api: BotApi, chat: Address, began: float) -> tuple[Message, ...]:
    return tuple(
        Message(posted.at - began, tuple(_names(posted.text))) for posted in api.chat(chat.chat_id)
    )


def _names(text: str) -> Iterable[int]:
    return map(int, _NUMBER.findall(text))


async def _left(state: Path) -> int:
    store = Store(state)
    await store.close()
    return len(store.left.rows)


def _now() -> int:
    return START + round(asyncio.get_running_loop().time() * NS)


@asynccontextmanager
async def _running(box: Outbox) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as group:
        task = group.create_task(box.run(), name="outbox")
        yield
        task.cancel()
