from __future__ import annotations

import asyncio
from random import Random

import pytest

from alerts.desk import Desk
from alerts.engine import Engine
from alerts.notifiers.notifier import Notifier, NotifyError
from alerts.outbox import Outbox
from alerts.transition import Transition
from daemon.app import App
from daemon.clock import Clock
from daemon.inbox import Inbox
from daemon.watch import Watch
from streams.instrument import NS
from streams.market import Market
from streams.snapshot import Snapshot
from streams.tick import Beat
from tests.alerts.alerts import alert

START = 1_773_756_000 * NS


class Channel:
    """Takes `seconds` for an alert, or never delivers."""

    name = "log"

    def __init__(self, seconds: float = 0.0, *, works: bool = True) -> None:
        self.told: list[Transition] = []
        self._seconds = seconds
        self._works = works

    async def run(self) -> None:
        await asyncio.get_running_loop().create_future()

    async def notify(self, transition: Transition) -> None:
        await asyncio.sleep(self._seconds)
        if not self._works:
            raise NotifyError("nobody there", retry=True)
        self.told.append(transition)


class Made:
    """An app without feeds, and what it has seen."""

    def __init__(self, channel: Notifier, *, start: int = START, step: int = NS) -> None:
        self.clock = Clock(asyncio.get_running_loop(), start)
        self.snapshots: list[Snapshot] = []
        self.beats: list[int] = []
        self.outbox = Outbox([channel], now=self.clock.now, rng=Random(0))
        inbox = _Noted(self.beats)
        engine = Engine(())
        watch = Watch(
            Market((), (), ()),
            engine,
            on_transition=self.outbox.submit,
            on_snapshot=self.snapshots.append,
        )
        self.app = App(
            watch=watch,
            inbox=inbox,
            feeds=(),
            outbox=self.outbox,
            desk=Desk(engine, now=self.clock.now, decided=self.outbox.submit, calendars={}),
            clock=self.clock,
            step=step,
        )

    async def run(self, seconds: float) -> float:
        """Run for so long, then stop; how long stopping took."""
        loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.app.run(), name="app")
            await asyncio.sleep(seconds)
            stopped = loop.time()
            self.app.stop()
        return loop.time() - stopped


class _Noted(Inbox):
    def __init__(self, beats: list[int]) -> None:
        super().__init__()
        self._beats = beats

    def put(self, item: object) -> None:
        assert isinstance(item, Beat)
        self._beats.append(item.ts_recv)
        super().put(item)


async def test_beats_come_on_the_grid_and_snapshots_with_them() -> None:
    made = Made(Channel(), start=START + 300_000_000)
    await made.run(5)
    assert made.beats == [START + second * NS for second in range(1, 6)]
    # The first item opens the grid at the next instant.
    assert [s.ts for s in made.snapshots] == [START + second * NS for second in range(2, 6)]


async def test_beats_follow_the_configured_step() -> None:
    made = Made(Channel(), step=250_000_000)
    await made.run(2.1)
    assert [(beat - START) // 250_000_000 for beat in made.beats] == list(range(1, 9))


async def test_a_stopped_app_leaves_no_tasks() -> None:
    before = asyncio.all_tasks()
    await Made(Channel()).run(3)
    assert asyncio.all_tasks() == before


async def test_an_app_that_is_stopped_before_it_began_ends_at_once() -> None:
    made = Made(Channel())
    made.app.stop()
    async with asyncio.timeout(1):
        await made.app.run()


async def test_what_is_under_way_when_it_stops_is_delivered() -> None:
    channel = Channel(seconds=2.0)
    made = Made(channel)
    for incident in ("a", "b"):
        made.outbox.submit(alert(incident, notify=("log",)))
    took = await made.run(1)
    assert [t.incident for t in channel.told] == ["a", "b"]
    assert took == pytest.approx(3, abs=0.1)


async def test_what_cannot_be_delivered_at_the_end_is_counted_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    made = Made(Channel(works=False))
    for incident in ("a", "b"):
        made.outbox.submit(alert(incident, notify=("log",)))
    took = await made.run(1)
    assert took == pytest.approx(5, abs=0.1)
    assert "2 alerts were not delivered before the end" in caplog.messages


async def test_a_fault_of_the_core_ends_the_app_rather_than_being_swallowed() -> None:
    def broken(_: Snapshot) -> None:
        raise ZeroDivisionError

    made = Made(Channel())
    made.app.watch._on_snapshot = broken
    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.timeout(5):
            await made.app.run()
    assert caught.group_contains(ZeroDivisionError)


async def test_a_system_clock_that_is_stepped_is_followed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    made = Made(Channel())
    steps = iter([0, 3 * NS])
    reanchored: list[float] = []
    monkeypatch.setattr(made.clock, "drift", lambda: next(steps, 0))
    monkeypatch.setattr(
        made.clock, "reanchor", lambda: reanchored.append(asyncio.get_running_loop().time())
    )
    began = asyncio.get_running_loop().time()
    await made.run(200)
    assert [at - began for at in reanchored] == [pytest.approx(120)]
    assert "the system clock was stepped by +3.000 s; followed" in caplog.messages
