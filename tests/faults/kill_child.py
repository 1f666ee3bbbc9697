"""The process that is killed: engine, outbox and store as in the daemon, on the scripted day.

It says what it does before it does it, on a pipe, which outlives it.
"""

from __future__ import annotations

import asyncio
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

import msgspec

from alerts.desk import Desk
from alerts.engine import Engine
from alerts.notifiers.mqtt import Mqtt
from alerts.notifiers.notifier import Notifier
from alerts.notifiers.pace import Pace
from alerts.notifiers.telegram import Telegram
from alerts.notifiers.telegram_address import Address
from alerts.outbox import Outbox
from alerts.silence import Matcher
from alerts.store import Store
from alerts.transition import Transition
from tests.faults.kill_script import (
    EPISODE,
    NOTED,
    NOTED_FROM,
    SILENCED,
    SILENT_FROM,
    SILENT_UNTIL,
    held,
    instant,
    rules,
    snapshot,
)
from tests.stand_ins.bot_api import TOKEN

CHAT = 4711
PACE = 0.003
"""Seconds a step takes."""
CHECKPOINT = 0.02
_FAREWELL = 30.0


class Orders(msgspec.Struct, frozen=True):
    """Where the process finds its file and its peers, and its part of the day."""

    state: str
    mqtt: int
    telegram: str
    first: int
    last: int


class Word(msgspec.Struct, frozen=True):
    """What it says: that it begins a step, what it decides, what people do, for how long the slow
    rule has held."""

    kind: str
    number: int | None = None
    incident: str = ""
    state: str = ""


def main(pipe: Connection, orders: Orders) -> None:
    asyncio.run(_play(pipe, orders))


async def _play(pipe: Connection, orders: Orders) -> None:
    store = Store(Path(orders.state))
    engine = Engine(rules())
    engine.restore(store.left.lives, store.left.silences)
    _say(pipe, Word("restored", held(engine)))
    day = _Day(pipe, engine, orders)
    outbox = Outbox(
        _channels(orders),
        now=day.now,
        rng=Random(),
        store=store,
        lives=engine.lives,
        silences=lambda: engine.silences,
        checkpoint=CHECKPOINT,
    )
    async with asyncio.TaskGroup() as tasks:
        delivery = tasks.create_task(outbox.run(), name="outbox")
        await day.run(outbox)
        _say(pipe, Word("left", await outbox.drain(_FAREWELL)))
        delivery.cancel()
    await store.close()


class _Day:
    def __init__(self, pipe: Connection, engine: Engine, orders: Orders) -> None:
        self._pipe = pipe
        self._engine = engine
        self._step = orders.first
        self._last = orders.last

    def now(self) -> int:
        return instant(self._step)

    async def run(self, outbox: Outbox) -> None:
        while self._step < self._last:
            _say(self._pipe, Word("step", self._step))
            for decided in self._engine.update(snapshot(self._step), self.now()):
                if decided.notify:
                    _say(self._pipe, Word("decided", self._step, decided.incident, decided.state))
                outbox.submit(decided)
            self._act(outbox)
            _say(self._pipe, Word("held", held(self._engine)))
            await asyncio.sleep(PACE)
            self._step += 1

    def _act(self, outbox: Outbox) -> None:
        """What people do, unless they have done it already."""
        desk = Desk(
            self._engine,
            now=self.now,
            decided=lambda noted: outbox.submit(_unheard(noted)),
            changed=outbox.keep,
            calendars={},
        )
        phase = self._step % EPISODE
        for incident in desk.incidents():
            if incident.rule == NOTED and phase >= NOTED_FROM and not incident.acknowledged:
                _say(self._pipe, Word("noted", self._step, incident.incident))
                desk.acknowledge(incident.incident, "ann")
        if SILENT_FROM <= phase < SILENT_UNTIL and not desk.silences():
            desk.silence(Matcher((SILENCED,)), "ann", SILENT_UNTIL - phase)


def _unheard(noted: Transition) -> Transition:
    """Kept, not told: an acknowledgement edits messages, which are counted here."""
    return msgspec.structs.replace(noted, notify=())


def _channels(orders: Orders) -> list[Notifier]:
    mqtt = Mqtt(host="127.0.0.1", port=orders.mqtt, instance="kill", rng=Random())
    telegram = Telegram(
        token=TOKEN,
        chats=[Address(CHAT, "desk")],
        base_url=orders.telegram,
        rng=Random(),
        name="telegram",
    )
    # At Telegram's own pace, a message a second, the day would take days.
    for chat in telegram.lanes:
        chat._turns._paces = (Pace((1_000_000, 1.0)),)
    return [mqtt, telegram]


def _say(pipe: Connection, word: Word) -> None:
    pipe.send_bytes(msgspec.json.encode(word))
