"""A run: days on the stage, the faults of the plan in them, and what is noted of each."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from random import Random
from typing import TypeVar

import msgspec

from daemon.demo import closes
from streams.instrument import NS
from streams.tick import FeedState
from tests.faults.evenings import Evening
from tests.faults.soak import _opens
from tests.faults.stage import open_files, resident
from tests.faults.storms.days import EARLY, SLOT, SLOTS, market, minutes
from tests.faults.storms.kind import VENUES
from tests.faults.storms.plan import Planned, Slot
from tests.faults.storms.scene import Said, Scene
from tests.faults.storms.seams import NamedLoop, SteppedClock
from tests.faults.storms.told import Told

_REST = 120.0
"""Seconds that are played after the day's last slot, in which all channels fall silent."""
_LOOK = 0.25
PATIENCE = 300.0
"""Seconds after which something is not back."""

Tell = Callable[[int], None]
"""Hears how many slots are played."""


N = TypeVar("N", bound=msgspec.Struct)


class Happened(msgspec.Struct, frozen=True, gc=False):
    """A fault that was: from when until when (ns by the venues' clock), and what showed it."""

    kind: str
    on: str
    disturbs: bool
    begun: int
    mended: int
    recovered: int | None
    connects: int
    seen: tuple[str, ...]


class Played(msgspec.Struct):
    """What became of a run; `nights` are when no venue is there (ns)."""

    happened: list[Happened]
    said: list[Said]
    nights: list[tuple[int, int]]
    evenings: list[Evening]
    crashes: list[str]
    told: Told
    unsent: int = 0


def play(folder: Path, seed: int, slots: Sequence[Slot], tell: Tell = lambda _: None) -> Played:
    """The run with the faults of each slot; slots without any are played all the same."""
    with asyncio.Runner(loop_factory=NamedLoop) as runner:
        return runner.run(_Play(folder, seed, slots, tell).run())


class _Play:
    def __init__(self, folder: Path, seed: int, slots: Sequence[Slot], tell: Tell) -> None:
        self._seed = seed
        self._slots = slots
        self._tell = tell
        days = -(-len(slots) // SLOTS)
        self._opens = list(_opens(days))
        self._folder = folder
        self._happened: list[Happened] = []
        self._transitions = 0
        self._nights: list[tuple[int, int]] = []
        self._evenings: list[Evening] = []

    async def run(self) -> Played:
        """All days, one after the other."""
        loop = asyncio.get_running_loop()
        assert isinstance(loop, NamedLoop)
        began = self._opens[0] - (EARLY + 5) * NS
        clocks = SteppedClock(loop, began), SteppedClock(loop, began)
        self._scene = scene = Scene(self._folder, loop, *clocks)
        rest = iter(self._slots)
        days = [list(islice(rest, SLOTS)) for _ in self._opens]
        scene.write("events.yaml", minutes(self._opens[0], len(days[0])))
        history = closes(market(self._seed, 0, self._opens[0], 1).history(sessions=3))
        async with scene.daemon(history, self._seed):
            del history
            for number, (opened, slots) in enumerate(zip(self._opens, days, strict=True)):
                await self._begin(number, opened, len(slots))
                await self._day(number, opened, slots)
                self._evening()
            unsent = sum(counts.queued for counts in scene.app.outbox.counts.values())
        return Played(
            _fetched(self._folder, Happened),
            _fetched(self._folder, Said),
            self._nights,
            self._evenings,
            scene.crashes,
            scene.told,
            unsent,
        )

    async def _begin(self, number: int, opened: int, slots: int) -> None:
        """Go on in the morning; of the night nothing is played."""
        scene = self._scene
        if number:
            for clock in (scene.clock, scene.venues_clock):
                clock.sleep_over(opened - (EARLY + 5) * NS)
            scene.app.watch.market.interrupt()
            scene.write("events.yaml", minutes(opened, slots))
            await scene.reloader.reload()

    async def _day(self, number: int, opened: int, slots: Sequence[Slot]) -> None:
        scene = self._scene
        dusk = self._nights.pop()[0] if self._nights else 0
        self._nights.append((dusk, opened + 60 * NS))
        async with scene.venues(market(self._seed, number, opened, len(slots))):
            await self._until(opened)
            for place, slot in enumerate(slots):
                await self._slot(opened + round(SLOT * place) * NS, slot)
                self._tell(number * SLOTS + place + 1)
        self._nights.append((scene.venues_clock.now() - NS, 2**63 - 1))
        await asyncio.sleep(_REST)
        await asyncio.sleep((NS // 2 - scene.clock.now()) % NS / NS)

    async def _slot(self, start: int, slot: Slot) -> None:
        async with asyncio.TaskGroup() as tasks:
            for on, planned in slot.items():
                tasks.create_task(self._befall(start, planned), name=f"faults of {on}")
        await self._until(start + round(SLOT) * NS)

    async def _until(self, instant: int) -> None:
        await asyncio.sleep(max((instant - self._scene.venues_clock.now()) / NS, 0.0))

    async def _befall(self, start: int, planned: Sequence[Planned]) -> None:
        for fault in planned:
            await self._until(start + round(fault.at * NS))
            self._happened.append(await self._one(fault))

    async def _one(self, fault: Planned) -> Happened:
        scene, kind, on = self._scene, fault.kind, fault.on
        now = scene.venues_clock.now
        before, begun = scene.samples(), now()
        connects = scene.connects(on) if on in VENUES else 0
        rng = Random(f"{self._seed} {kind.name} {on} {begun}")
        async with kind.breaks(scene, on, rng):
            await asyncio.sleep(fault.lasts)
            during = scene.samples()
        mended, back = now(), self._back(on)
        while not back() and now() - mended < PATIENCE * NS:  # noqa: ASYNC110  # nobody tells
            await asyncio.sleep(_LOOK)
        recovered = now() if back() else None
        after = scene.samples()
        seen = tuple(
            dict.fromkeys(
                sight.name
                for sight in kind.shows
                if len({sight.value(each, on) for each in (before, during, after)}) > 1
            )
        )
        tried = scene.connects(on) - connects if on in VENUES else 0
        return Happened(kind.name, on, kind.disturbs, begun, mended, recovered, tried, seen)

    def _back(self, on: str) -> Callable[[], bool]:
        """Asks whether what was broken works again."""
        app = self._scene.app
        if on in VENUES:
            feed = next(feed for feed in app.feeds if feed.name == on)
            ticks = feed.counts.ticks
            return lambda: feed.counts.ticks > ticks and self._live(on)
        if on == "disk":
            return self._written
        if on == "clock":
            return self._followed
        return lambda: not app.outbox.counts[on].failing and not app.outbox.counts[on].queued

    def _live(self, venue: str) -> bool:
        arbiters = map(self._scene.app.watch.market.arbiter, ("ETH", "IWM"))
        lines = [each for one in arbiters for each in one.lines if each.route.venue == venue]
        return all(line.state is FeedState.LIVE for line in lines)

    def _written(self) -> bool:
        last = self._scene.reloader.last
        return not self._scene.store.faulty and (last is None or last.ok)

    def _followed(self) -> bool:
        clock, core = self._scene.clock, self._scene.app.watch.market.core
        return clock.ahead == 0 and abs(clock.now() - core) < 2 * NS

    def _evening(self) -> None:
        scene = self._scene
        scene.told.settle()
        self._transitions += len(scene.said)
        _put_aside(self._folder, self._happened)
        _put_aside(self._folder, scene.said)
        scene.chat.requests.clear()
        scene.chat.posted.clear()
        gc.collect()
        _give_back()
        self._evenings.append(
            Evening(
                resident=resident(),
                objects=len(gc.get_objects()),
                files=open_files(),
                tasks=len(asyncio.all_tasks()),
                threads=threading.active_count(),
                state=sum(each.stat().st_size for each in self._folder.glob("state.db*")),
                ticks=scene.app.watch.market.counts.ticks,
                transitions=self._transitions,
            )
        )


def _put_aside(folder: Path, notes: list[N]) -> None:
    """Our own notes are not to count as the daemon's memory."""
    for note in notes:
        with (folder / f"{type(note).__name__}.notes").open("ab") as file:
            file.write(msgspec.json.encode(note) + b"\n")
    notes.clear()


def _fetched(folder: Path, kind: type[N]) -> list[N]:
    file = folder / f"{kind.__name__}.notes"
    lines = file.read_bytes().splitlines() if file.exists() else []
    return [msgspec.json.decode(line, type=kind) for line in lines]


def _give_back() -> None:
    """Let the system have what is free: frames of 17 MB leave holes, which are nobody's."""
    with suppress(AttributeError):  # not glibc
        ctypes.CDLL(None).malloc_trim(0)
