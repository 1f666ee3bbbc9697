"""A bot with its chats, the rules behind it and a desk between, on the stand-in Bot API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from random import Random

import msgspec

from alerts.desk import Desk
from alerts.engine import Engine
from alerts.notifiers.notifier import Illustrator
from alerts.notifiers.telegram import Telegram
from alerts.notifiers.telegram_address import Address
from alerts.outbox import Outbox
from alerts.rule import Rule
from alerts.transition import Transition
from streams.instrument import NS
from streams.sessions import calendar
from streams.snapshot import Reading, Snapshot
from tests.alerts.rules import CALL, HIGH, LOW, rule
from tests.stand_ins.bot_api import EPOCH, TOKEN, BotApi, Posted

ANN, BOB = 4567, 8910
"""Users, and their private chats."""
GROUP = -100123
TRADER = Address(ANN, "ann")
DESK = Address(GROUP, "desk", users=(ANN,))


class Artist:
    """Draws nothing, slowly; notes what it was asked for."""

    def __init__(self, png: bytes | Exception | None = b"\x89PNG", seconds: float = 3.0) -> None:
        self.asked: list[tuple[str, float, int | None]] = []
        self.weeks: list[str] = []
        self.png = png
        self._seconds = seconds

    async def chart(self, pair: str, seconds: float, *, mark: int | None = None) -> bytes | None:
        self.asked.append((pair, seconds, mark))
        return await self._drawn()

    async def week(self, report: Transition) -> bytes | None:
        self.weeks.append(report.incident)
        return await self._drawn()

    async def _drawn(self) -> bytes | None:
        await asyncio.sleep(self._seconds)
        if isinstance(self.png, Exception):
            raise self.png
        return self.png


class Scene:
    """`fire` and `calm` let the rules see a figure; `say` and `press` are what people do."""

    def __init__(
        self,
        api: BotApi,
        addresses: Sequence[Address] = (TRADER,),
        *,
        rules: Sequence[Rule] = (),
        illustrator: Illustrator | None = None,
    ) -> None:
        self.api = api
        given = rules or [rule()]
        self.engine = Engine([msgspec.structs.replace(r, notify=("telegram",)) for r in given])
        self.bot = Telegram(token=TOKEN, chats=addresses, base_url=api.base_url, rng=Random(0))
        self.box = Outbox([self.bot], now=now, rng=Random(0))
        self.desk = Desk(
            self.engine,
            now=now,
            decided=self.box.submit,
            calendars={"ETH": calendar("24/7"), "IWM": calendar("NYSE")},
        )
        self.bot.attend(self.desk, illustrator)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.box.run(), name="outbox")
            await asyncio.sleep(0.1)
            yield
            task.cancel()

    async def look(self, value: float | None, **more: Reading) -> None:
        """The rules see a figure, and what is to be told is told."""
        ts = now()
        first = Reading(value, "stale" if value is None else "", n=240.0)
        readings = {CALL.key: first, **more}
        sessions = {"ETH": "regular", "IWM": "regular"}
        snapshot = Snapshot(ts, readings, sessions)
        for decided in self.engine.update(snapshot, ts):
            self.box.submit(decided)
        self.desk.look(snapshot)
        await asyncio.sleep(2)

    async def fire(self) -> Posted:
        """The alert's message in the first chat."""
        await self.look(LOW)
        return self.alerts()[-1]

    async def calm(self) -> None:
        await self.look(HIGH)

    async def say(self, text: str, *, user: int = ANN, wait: float = 3.0) -> list[str]:
        """In private; the answers."""
        before = len(self.api.chat(user))
        self.api.people.write(user, text)
        await asyncio.sleep(wait)
        return [posted.text for posted in self.api.chat(user)[before:]]

    async def press(self, posted: Posted, data: str, *, user: int = ANN, name: str = "Ann") -> str:
        """What the presser is told."""
        query = self.api.press(posted, data, user=user, name=name)
        await asyncio.sleep(3)
        return self.api.people.toasts[query]

    def alerts(self, chat_id: int | None = None) -> list[Posted]:
        """Messages that tell of an incident anew."""
        first = self.bot.lanes[0].line.chat_id if chat_id is None else chat_id
        return [one for one in self.api.chat(first) if not one.photo and one.text[0] in "🔴🟠🔵✅"]


def now() -> int:
    return EPOCH * NS + round(asyncio.get_running_loop().time() * NS)
