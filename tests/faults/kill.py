"""kill -9 at random points of a scripted day; what reaches a real broker and a stand-in Bot API.

`python -m tests.faults.kill --points 1000 --seed 1` writes results/kill.json.

The killed process (kill_child.py) runs the daemon's engine, outbox and store on a real file. It is
killed anywhere, its start included, and begun anew at the step it was at. In the end every change
that an engine decided must have been told on both channels. Told twice may be only what was being
sent at a kill (the row says `sending`), once for each such kill.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import shutil
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, suppress
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter

import aiomqtt
import msgspec

from tests.faults.kill_child import CHAT, CHECKPOINT, PACE, Orders, Word, main
from tests.faults.kill_script import (
    EPISODE,
    HOLD,
    SILENCED,
    SILENT_UNTIL,
    SLOW,
    SLOW_FROM,
    Told,
    begun,
    is_digest,
    of_incident,
    of_text,
)
from tests.stand_ins.bot_api import BotApi
from tests.stand_ins.bot_api_rules import Limit
from tests.stand_ins.broker import Broker

RESULT = Path(__file__).parent / "results" / "kill.json"
LIVES = 0.6
"""Seconds that a process lives at most."""
_NEVER = 10**9
_words = msgspec.json.Decoder(Word)


class Channel(msgspec.Struct, frozen=True):
    """What arrived on one channel."""

    told: int
    lost: int
    sending_at_a_kill: int
    """Rows that said so, over all kills."""
    told_twice: int
    most_often: int
    """How often the same was told at most."""
    unexplained: int
    """Repetitions beyond one for each kill in the window: must be 0."""


class Result(msgspec.Struct, frozen=True):
    """What a run of the harness found."""

    points: int
    seed: int
    seconds: float
    episodes: int
    decided: int
    mqtt: Channel
    telegram: Channel
    telegram_edits: int
    telegram_ends_of_their_own: int
    """Ends told in a message of their own, since which message told of the start was not known."""
    digests: int
    fired_early: int
    """Firings before the rule's `for` was over: must be 0."""
    pending_at_a_kill: int
    for_lost_mean: float
    """Of `for`, lost to a kill, in steps; `checkpoint` is how often it is written, in steps."""
    for_lost_most: int
    checkpoint: float
    noted: int
    """Incidents that somebody acknowledged."""
    noted_again_after: int
    """Of those whom a kill took that from, how many steps later at most it was missed."""
    told_in_silence: int
    """Must be 0."""


class _Life:
    """One life of the process."""

    def __init__(self, context: ForkServerContext, orders: Orders) -> None:
        self._reader, writer = context.Pipe(duplex=False)
        self.process: ForkServerProcess = context.Process(target=main, args=(writer, orders))
        self.process.start()
        writer.close()

    def kill(self) -> list[Word]:
        """End it; all that it said."""
        self.process.kill()
        return self.end()

    def end(self) -> list[Word]:
        self.process.join()
        self.process.close()
        with closing(self._reader):
            return list(_said(self._reader))


def _said(reader: Connection) -> Iterator[Word]:
    with suppress(EOFError):
        while True:
            yield _words.decode(reader.recv_bytes())


class Harness:
    """Kills, and counts."""

    def __init__(self, broker: Broker, api: BotApi, folder: Path, seed: int) -> None:
        self.events: Counter[Told] = Counter()
        self.decided: dict[Told, int] = {}
        """With the step in which it was decided first."""
        self.windows: dict[str, Counter[Told]] = {"mqtt": Counter(), "telegram/desk": Counter()}
        self.for_lost: list[int] = []
        self.step = 0
        self._api = api
        self._orders = Orders(str(folder / "state.db"), broker.port, api.base_url, 0, _NEVER)
        self._copies = TemporaryDirectory(dir=_memory())
        self._rng = Random(seed)
        self.noted: dict[str, int] = {}
        self.noted_again_after = 0
        self._held: int | None = None
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["tests.faults.kill_child"])

    async def kill(self) -> None:
        """One life of the process, cut short."""
        life = _Life(self._context, msgspec.structs.replace(self._orders, first=self.step))
        await asyncio.sleep(self._rng.uniform(0.0, LIVES))
        self._note(life.kill())
        self._note_windows()

    async def finish(self) -> None:
        """The last life: to the end of an episode, and all delivered."""
        last = (self.step // EPISODE + 1) * EPISODE
        orders = msgspec.structs.replace(self._orders, first=self.step, last=last)
        life = _Life(self._context, orders)
        while life.process.is_alive():  # noqa: ASYNC110  # a process sets no Event
            await asyncio.sleep(0.01)
        assert life.process.exitcode == 0, "the last process failed"
        words = life.end()
        assert words[-1] == Word("left", 0), f"not delivered: {words[-1]}"
        self._note(words)
        self._copies.cleanup()

    def _note(self, words: list[Word]) -> None:
        for word in words:
            match word:
                case Word(kind="step", number=int(number)):
                    self.step = number
                case Word(kind="decided", number=int(number)):
                    told = of_incident(word.incident, word.state)
                    self.decided.setdefault(told, number)
                case Word(kind="noted", number=int(number)):
                    before = self.noted.setdefault(word.incident, number)
                    self.noted_again_after = max(self.noted_again_after, number - before)
                case Word(kind="restored", number=int(number)) if self._held is not None:
                    self.for_lost.append(self._held - number)
                case Word(kind="held"):
                    self._held = word.number

    def _note_windows(self) -> None:
        """Rows that were being sent, read from a copy: reading the file itself would mend it."""
        copy = Path(self._copies.name) / "state.db"
        for end in ("", "-wal"):
            copy.with_name(copy.name + end).unlink(missing_ok=True)
            with suppress(FileNotFoundError):
                shutil.copyfile(self._orders.state + end, f"{copy}{end}")
        with closing(sqlite3.connect(copy)) as database, suppress(sqlite3.OperationalError):
            for lane, incident, state in database.execute(
                "SELECT lane, incident, state FROM outbox "
                "JOIN transitions ON transitions.id = transition_id WHERE status = 'sending'"
            ):
                self.windows[lane][of_incident(incident, state)] += 1

    def posts(self) -> tuple[Counter[Told], Counter[Told], set[Told], int]:
        """Told in messages, in edits, with an end in a digest; how many digests there were."""
        sent: Counter[Told] = Counter()
        edited: Counter[Told] = Counter()
        implied: set[Told] = set()
        digests = 0
        for _, method, form in self._api.requests:
            if method == "sendMessage" and form["chat_id"] == str(CHAT):
                sent.update(of_text(form["text"]))
                implied.update(begun(form["text"]))
                digests += is_digest(form["text"])
            elif method == "editMessageText":
                edited.update(of_text(form["text"]))
        return sent, edited, implied, digests

    def early(self) -> int:
        """Firings of the slow rule before its time."""
        fired = [
            (t, at) for t, at in self.decided.items() if t.rule == SLOW and t.state == "firing"
        ]
        return sum(at % EPISODE < SLOW_FROM + HOLD for _, at in fired)

    def told_in_silence(self) -> int:
        """Firings of the silenced rule before the silence was over."""
        return sum(
            t.rule == SILENCED and t.state == "firing" and at % EPISODE < SILENT_UNTIL
            for t, at in self.decided.items()
        )


def _memory() -> str | None:
    """Where copies cost the disk nothing."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  # a folder of our own in it


def _channel(decided: set[Told], told: Counter[Told], windows: Counter[Told]) -> Channel:
    again = {one: count - 1 for one, count in told.items() if count > 1}
    return Channel(
        told=sum(told.values()),
        lost=len(decided - set(told)),
        sending_at_a_kill=windows.total(),
        told_twice=len(again),
        most_often=max(told.values(), default=0),
        unexplained=sum(max(0, count - windows[one]) for one, count in again.items()),
    )


async def torture(points: int, seed: int, folder: Path) -> Result:
    """Kill so many times; the caller judges."""
    began = perf_counter()
    broker = Broker(folder)
    await broker.start()
    try:
        async with BotApi() as api, _listening(broker, folder, api, seed) as harness:
            api._limits[CHAT] = [Limit(_NEVER, 1.0)]
            api._together = Limit(_NEVER, 1.0)
            for _ in range(points):
                await harness.kill()
            await harness.finish()
            await _quiet(harness)
            return _result(harness, points, seed, perf_counter() - began)
    finally:
        broker.close()


@asynccontextmanager
async def _listening(
    broker: Broker, folder: Path, api: BotApi, seed: int
) -> AsyncIterator[Harness]:
    harness = Harness(broker, api, folder, seed)

    async def listen(client: aiomqtt.Client) -> None:
        async for message in client.messages:
            assert isinstance(message.payload, bytes)
            event = json.loads(message.payload)
            harness.events[of_incident(event["incident"], event["state"])] += 1

    async with aiomqtt.Client(broker.host, broker.port) as client:
        await client.subscribe("comove/kill/event/#", qos=1)
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(listen(client), name="subscriber")
            yield harness
            listening.cancel()


async def _quiet(harness: Harness) -> None:
    """Until the broker has handed over what it has."""
    before = -1
    while harness.events.total() != before:
        before = harness.events.total()
        await asyncio.sleep(0.3)


def _result(harness: Harness, points: int, seed: int, seconds: float) -> Result:
    decided = set(harness.decided)
    sent, edited, implied, digests = harness.posts()
    # An edit made twice is the same as once; what an end implies is not told again by it.
    told = (sent + Counter(dict.fromkeys(edited, 1))) | Counter(dict.fromkeys(implied, 1))
    lost = harness.for_lost
    return Result(
        points=points,
        seed=seed,
        seconds=round(seconds, 1),
        episodes=harness.step // EPISODE + 1,
        decided=len(decided),
        mqtt=_channel(decided, harness.events, harness.windows["mqtt"]),
        telegram=_channel(decided, told, harness.windows["telegram/desk"]),
        telegram_edits=edited.total(),
        telegram_ends_of_their_own=sum(n for one, n in sent.items() if one.state == "resolved"),
        digests=digests,
        fired_early=harness.early(),
        pending_at_a_kill=len(lost),
        for_lost_mean=round(sum(lost) / len(lost), 1) if lost else 0.0,
        for_lost_most=max(lost, default=0),
        checkpoint=round(CHECKPOINT / PACE, 1),
        noted=len(harness.noted),
        noted_again_after=harness.noted_again_after,
        told_in_silence=harness.told_in_silence(),
    )


def failed(result: Result) -> bool:
    """Whether something decided was lost, or told again without cause, or a `for` clock was wrong,
    or what people did was forgotten.

    A clock may lose a checkpoint's interval, and what the disk and a busy machine take; what people
    did is written at once.
    """
    channels = (result.mqtt, result.telegram)
    clocks = result.fired_early or result.for_lost_mean > 1.5 * result.checkpoint
    forgotten = result.told_in_silence or result.noted_again_after > 3 * result.checkpoint
    return bool(clocks or forgotten) or any(each.lost or each.unexplained for each in channels)


def run() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kill", description=__doc__)
    parser.add_argument("--points", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with TemporaryDirectory() as folder:
        result = asyncio.run(torture(given.points, given.seed, Path(folder)))
    text = msgspec.json.format(msgspec.json.encode(result), indent=2)
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_bytes(text + b"\n")
    sys.stdout.buffer.write(text + b"\n")
    return 1 if failed(result) else 0


if __name__ == "__main__":
    sys.exit(run())
