from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from alerts.notifiers.notifier import NotifyError
from alerts.rule import Severity
from alerts.store import Store
from alerts.transition import State, Transition
from daemon import selfwatch
from daemon.room import Room
from daemon.selfwatch import SelfWatch
from streams.instrument import NS
from streams.tick import Beat, FeedEvent, FeedState, Tick
from tests.config.folder import config_with
from tests.daemon.web.running import START, Running


class Channel:
    """Delivers, or not."""

    name = "log"

    def __init__(self) -> None:
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
        self.said: list[int] = []
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
    assert (told.pair, told.severity) == ("kraken", Severity.INFO)


async def test_a_feed_without_which_an_instrument_has_none_is_a_warning(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.app.watch.accept(FeedEvent("yahoo", None, FeedState.DOWN, START, "timed out"))
    await watched.live(300, "coinbase", "kraken", "binance")
    (told,) = (one for one in watched.channel.told if one.rule == "comove/feed")
    assert (told.title, told.severity) == ("yahoo is down", Severity.WARNING)


async def test_the_desk_acknowledges_silences_and_explains_it(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    desk = watched.app.desk
    watched.app.watch.accept(FeedEvent("kraken", None, FeedState.DOWN, START, "timed out"))
    await watched.live(240, "coinbase", "binance", "yahoo")
    assert [one.rule for one in desk.incidents()] == ["blind", "comove/feed"]
    assert desk.why("comove/feed")[1:] == (
        "when: a venue gives nothing of an open market, for 2m",
        "clear: no longer so, for 1m",
        "Timed out. ETH comes from coinbase. BTC comes from coinbase.",
    )
    desk.acknowledge("comove/feed/kraken", "ann")
    await watched.live(60)
    assert [one.acknowledged for one in watched.channel.told if "/" in one.rule] == ["", "ann"]


async def test_a_refused_reload_is_told_at_once_and_its_end(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    text = watched.rules.read_text("utf-8")

    async def operator() -> None:
        await asyncio.sleep(1)
        for rules in (text.replace("stale(", "stael("), text.replace("corr(", "cor("), text):
            watched.rules.write_text(rules, "utf-8")
            await watched.reloader.reload()
            await asyncio.sleep(0.5)
            watched.said.append(len(watched.channel.told))

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(operator(), name="operator")
        await watched.live(10, *ALL)
    told = [one for one in watched.channel.told if one.rule == "comove/reload"]
    assert [(one.state, one.repeat) for one in told] == [
        (State.FIRING, False),
        (State.FIRING, True),
        (State.RESOLVED, False),
    ]
    assert watched.said == [1, 2, 3]
    assert len({one.incident for one in told}) == 1
    assert "rules.yaml:2:41" in told[0].message
    assert "unknown metric 'cor'" in told[1].message
    assert told[2].message == "The files are taken over."


async def test_what_is_over_at_a_restart_is_resolved_by_the_next_process(tmp_path: Path) -> None:
    before = Watched(tmp_path)
    before.app.watch.accept(FeedEvent("kraken", None, FeedState.DOWN, START, "timed out"))
    await before.live(240, "coinbase", "binance", "yahoo")
    after = Watched(tmp_path)
    after.app.watch.engine.restore(before.app.watch.engine.lives())
    await after.live(90, *ALL)
    (over,) = (one for one in after.channel.told if "/" in one.rule)
    assert (over.title, over.state) == ("kraken is down", State.RESOLVED)
    assert over.message == "Over since the restart."
    assert over.incident in {one.incident for one in before.channel.told}


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
