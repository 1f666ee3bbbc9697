from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from alerts.lane import Counts
from alerts.notifiers.notifier import NotifyError
from alerts.rule import Severity
from alerts.store import Store
from alerts.transition import State, Transition
from daemon import selfwatch
from daemon.ailments import Ailment
from daemon.room import Room
from daemon.selfwatch import Cases, SelfWatch
from streams.instrument import NS
from streams.tick import Beat, FeedEvent, FeedState, Tick
from tests.config.folder import config_with
from tests.daemon.web.running import START, Running

DISK = Ailment("disk", "/var", "Full", "5 GB free.", hold=0)
SLOW = Ailment("feed", "kraken", "kraken is down", "Timed out.", hold=120 * NS)
SINK = Ailment("sink", "mqtt", "mqtt does not deliver", "1 alert waits.", lane="mqtt")


class Ward:
    """Cases, what was told of them, and the channels."""

    def __init__(self, **lanes: Counts) -> None:
        self.told: list[Transition] = []
        self.lanes: Mapping[str, Counts] = lanes or {"log": Counts(), "mqtt": Counts()}
        self.cases = Cases(tell=self.told.append, lanes=lambda: self.lanes)

    def look(self, second: int, *found: Ailment) -> list[State]:
        """What has been told by that second."""
        self.cases.look({each.key: each for each in found}, second * NS)
        return [one.state for one in self.told]


def test_a_trouble_is_told_once_as_a_warning_of_no_pair() -> None:
    ward = Ward()
    for second in range(0, 600, 5):
        ward.look(second, DISK)
    (told,) = ward.told
    assert (told.rule, told.pair, told.severity) == ("comove/disk", "comove", Severity.WARNING)
    assert (told.incident, told.since) == ("comove/disk//var/0", 0)
    assert told.notify == ("log", "mqtt")


def test_a_trouble_is_told_only_when_it_has_lasted() -> None:
    ward = Ward()
    ward.look(0, SLOW)
    ward.look(115, SLOW)
    assert ward.look(116) == []
    ward.look(118, SLOW)
    assert ward.look(237, SLOW) == []
    assert ward.look(238, SLOW) == [State.FIRING]


def test_its_end_is_told_once_to_the_same_when_it_has_lasted() -> None:
    ward = Ward()
    ward.look(0, DISK)
    ward.look(10)
    ward.look(40, DISK)
    ward.look(50)
    assert ward.look(105) == [State.FIRING]
    assert ward.look(110) == [State.FIRING, State.RESOLVED]
    assert ward.look(500) == [State.FIRING, State.RESOLVED]
    firing, resolved = ward.told
    assert (resolved.incident, resolved.notify) == (firing.incident, firing.notify)
    assert resolved.ts == 110 * NS


def test_what_a_rule_tells_is_not_told_again_until_it_is_no_longer_the_rules() -> None:
    ward = Ward()
    covered = msgspec.structs.replace(SLOW, covered=True)
    for second in range(0, 600, 5):
        assert ward.look(second, covered) == []
    assert ward.look(600, SLOW) == []
    assert ward.look(720, SLOW) == [State.FIRING]


def test_what_was_told_is_not_ended_by_a_rule_that_comes_to_tell_it_too() -> None:
    ward = Ward()
    ward.look(0, SLOW)
    ward.look(120, SLOW)
    assert ward.look(300, msgspec.structs.replace(SLOW, covered=True)) == [State.FIRING]


def test_a_sick_channel_is_told_of_by_those_that_deliver() -> None:
    ward = Ward(log=Counts(), mqtt=Counts(), telegram=Counts(failing=True))
    ward.look(0, SINK)
    assert [one.notify for one in ward.told] == [("log",)]


def test_where_no_other_delivers_it_is_told_as_soon_as_one_does() -> None:
    ward = Ward(mqtt=Counts(failing=True), telegram=Counts(failing=True))
    assert ward.look(0, SINK) == []
    ward.lanes = {"mqtt": Counts(failing=True), "telegram": Counts()}
    assert ward.look(5, SINK) == [State.FIRING]
    assert ward.told[0].notify == ("telegram",)


class Channel:
    """Delivers, or not."""

    def __init__(self, name: str = "log") -> None:
        self.name = name
        self.works = True
        self.told: list[Transition] = []

    async def run(self) -> None:
        await asyncio.get_running_loop().create_future()

    async def notify(self, transition: Transition) -> None:
        if not self.works:
            raise NotifyError("away", retry=True)
        self.told.append(transition)


class Watched(Running):
    """A daemon that watches itself, with its deliveries at work."""

    def __init__(self, folder: Path, config: str | None = None) -> None:
        self.channel = Channel()
        super().__init__(folder, config=config, notifier=self.channel)

    async def live(self, seconds: float, *venues: str, state: FeedState = FeedState.LIVE) -> None:
        """Core time passes with the loop's; `venues` change their state at its beginning."""
        for venue in venues:
            event = FeedEvent(venue, None, state, self.clock.now(), "timed out")
            self.app.watch.accept(event)
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(self.app.outbox.run(), name="outbox"),
                tasks.create_task(SelfWatch(self.sources).run(), name="self-watch"),
                tasks.create_task(self._beat(), name="beats"),
            ]
            await asyncio.sleep(seconds)
            for task in running:
                task.cancel()

    async def _beat(self) -> None:
        while True:
            self.app.watch.accept(Beat(self.clock.now()))
            await asyncio.sleep(1)

    @property
    def ours(self) -> list[tuple[str, str]]:
        """Rule and title."""
        return [(one.rule, one.title) for one in self.channel.told if "/" in one.rule]


ALL = ("coinbase", "kraken", "binance", "yahoo")


async def test_a_healthy_daemon_says_nothing_of_itself(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    await watched.live(600, *ALL)
    assert watched.ours == []


async def test_a_lost_feed_of_lower_preference_is_told(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.app.watch.accept(FeedEvent("kraken", None, FeedState.DOWN, START, "timed out"))
    await watched.live(110, "coinbase", "binance", "yahoo")
    assert watched.ours == []
    await watched.live(130)
    assert watched.ours == [("comove/feed", "kraken is down")]
    told = next(one for one in watched.channel.told if one.rule == "comove/feed")
    assert told.message.startswith("Timed out. ETH comes from coinbase. BTC")


@pytest.mark.parametrize(("off", "told"), [(-0.4, 1), (0.6, 1), (0.1, 0)])
async def test_a_clock_that_is_off_is_told_by_the_venues_stamps(
    tmp_path: Path, off: float, told: int
) -> None:
    watched = Watched(tmp_path)

    async def trade() -> None:
        for number in range(1, 200):
            for feed in watched.app.feeds:
                feed._intake._take_tick(_tick(feed.name, off, number), 0.0)
            await asyncio.sleep(1)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(trade(), name="trades")
        await watched.live(200)
    assert [rule for rule, _ in watched.ours if rule == "comove/clock"] == ["comove/clock"] * told


def _tick(venue: str, lag: float, number: int) -> Tick[float]:
    symbol = {"coinbase": "ETH-USD", "kraken": "ETH/USD", "binance": "ETHUSDT", "yahoo": "IWM"}
    received = START + number * NS
    stamp = received - round(lag * NS) - number % 3 * 1000
    return Tick("trade", venue, symbol[venue], 5.0, 1.0, None, None, stamp, received, number)


async def test_a_full_disk_is_told_and_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched(tmp_path, config_with("# state: comove.db", "state: comove.db"))
    store = Store(watched.config.state)
    watched.sources = msgspec.structs.replace(watched.sources, store=store)
    monkeypatch.setattr(selfwatch, "room", lambda _: Room(10**8, 10**12))

    async def repaired() -> None:
        await asyncio.sleep(100)
        monkeypatch.setattr(selfwatch, "room", lambda _: Room(10**11, 10**12))

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(repaired(), name="repair")
        await watched.live(260, *ALL)
    await store.close()
    assert [one.state for one in watched.channel.told if one.rule == "comove/disk"] == [
        State.FIRING,
        State.RESOLVED,
    ]
    assert "100 MB free of 1000.0 GB" in watched.channel.told[0].message


async def test_the_daemons_only_sink_is_told_of_by_nobody(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.channel.works = False
    watched.app.outbox.submit(
        Transition(
            START, "r", "p", State.FIRING, Severity.CRITICAL, "i", "t", "m", {}, notify=("log",)
        )
    )
    await watched.live(300, *ALL)
    watched.channel.works = True
    await watched.live(300)
    assert watched.ours == []
