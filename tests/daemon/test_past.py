"""The past before the present: how long the first tick waits for it, and what the market knows."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from daemon.clock import NS
from daemon.past import Past
from streams.history.backfill.search import Prices
from streams.instrument import Instrument, Pair, Route
from streams.market import Market
from streams.metric import Call
from streams.sessions import calendar
from streams.snapshot import Reading
from streams.tick import Beat
from tests.stand_ins.candles import MINUTE, SILENCE, too_many
from tests.streams.history.backfill.setting import at, clock
from tests.streams.history.backfill.town import Town, town

NOW = "2026-03-17T15:00:30"
PAIR = ("ETH", "IWM")
MONTH, HOUR = Call("corr", PAIR, days=20), Call("corr", PAIR, window=3600.0)
BREAKDOWN = Call("breakdown", PAIR, rate=1 / 21)
INSTRUMENTS = (
    Instrument("ETH", "24/7", (Route("coinbase", "ETH-USD"), Route("kraken", "ETH/USD"))),
    Instrument("BTC", "24/7", (Route("coinbase", "BTC-USD"),)),
    Instrument("IWM", "NYSE", (Route("alpaca", "IWM"), Route("yahoo", "IWM"))),
    Instrument("SPY", "NYSE", (Route("yahoo", "SPY"),)),
)


class Start:
    """A market that is about to begin, with venues to ask."""

    def __init__(self, venues: Town, folder: Path) -> None:
        self.venues = venues
        pair = Pair("ETH", "IWM", controls=("SPY", "BTC"))
        self.market = Market(INSTRUMENTS, [pair], [MONTH, HOUR, BREAKDOWN])

        def recall(name: str, prices: Prices) -> None:
            self.market.recall({name: prices})

        backfill = venues.backfill(folder, days=5, on_closes=recall)
        self.stop = asyncio.Event()
        self.told: list[str] = []
        hours = calendar("NYSE")
        self.past = Past(backfill, self.market, hours, now=venues.now, rng=Random(1))

    async def learn(self) -> float:
        """Ask and learn; seconds that the first tick waited."""
        clock = asyncio.get_running_loop().time
        began = clock()
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(self.past.run(), name="history")
            await asyncio.sleep(0)
            await self.past.learn(self.stop, self.told.append)
            waited = clock() - began
            running.cancel()
        return waited

    def reading(self, call: Call) -> Reading:
        now = self.venues.now()
        for ts in (now, now + 2 * NS):
            for snapshot in self.market.accept(Beat(ts)):
                found = snapshot.readings[call.key]
        return found


@asynccontextmanager
async def starting(folder: Path, latency: float = 0.15) -> AsyncIterator[Start]:
    async with town(clock(NOW), latency) as venues:
        yield Start(venues, folder)


async def test_a_cold_market_knows_its_pair_before_the_first_tick(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with starting(tmp_path) as start:
        waited = await start.learn()
        assert 0 < waited < 45
        assert len(start.market.ring("ETH")) > 5 * 1300
        belief = start.market.link(*PAIR).concordance
        assert belief is not None
        assert belief.n > 1000
        hour = start.reading(HOUR)
        assert hour.value is not None
    assert start.told[0] == "asking for history: minutes of 0 of 4 instruments are there"
    assert any(line.startswith("history: minutes learned: ") for line in caplog.messages)


async def test_closes_are_recalled_when_they_come(tmp_path: Path) -> None:
    async with starting(tmp_path) as start:
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(start.past.run(), name="history")
            await asyncio.sleep(30)
            running.cancel()
        month = start.reading(MONTH)
    assert month.value is not None
    assert month.n == 20
    assert "closes to 2026-03-16" in month.note


async def test_after_a_short_gap_nothing_waits(tmp_path: Path) -> None:
    async with starting(tmp_path) as start:
        start.market.floor.reorder.released = at(NOW) - 5 * MINUTE
        assert await start.learn() == 0.0
    assert len(start.market.ring("ETH")) == 0


async def test_after_a_long_gap_its_minutes_are_learned(tmp_path: Path) -> None:
    async with starting(tmp_path) as start:
        start.market.floor.reorder.released = since = at("2026-03-17T13:00:00")
        waited = await start.learn()
    assert 0 < waited <= 8.5
    stamps, _ = start.market.ring("ETH").last(10_000)
    assert since < int(stamps[0]) <= since + 5 * MINUTE
    assert int(stamps[-1]) == at("2026-03-17T15:00:00")


@pytest.mark.parametrize(("known", "patience"), [(0, 45.0), (at("2026-03-17T03:00:00"), 8.0)])
async def test_venues_that_are_silent_keep_nobody_waiting_for_long(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, known: int, patience: float
) -> None:
    async with starting(tmp_path) as start:
        start.market.floor.reorder.released = known
        start.venues.coinbase.down = start.venues.kraken.down = SILENCE
        waited = await start.learn()
    assert patience <= waited <= patience + 0.5
    assert f"history: minutes of BTC, ETH are not there in {patience:g} s: going on" in caplog.text
    assert len(start.market.ring("IWM")) > 0, "what was there is learned all the same"


async def test_a_stop_ends_the_waiting(tmp_path: Path) -> None:
    async with starting(tmp_path) as start:
        start.venues.coinbase.down = SILENCE
        asyncio.get_running_loop().call_later(3.0, start.stop.set)
        assert 3.0 <= await start.learn() <= 3.5
    assert len(start.market.ring("IWM")) == 0


async def test_where_all_refuse_the_market_begins_as_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with starting(tmp_path) as start:
        for server in start.venues.servers:
            server.down = too_many("3600")
        assert await start.learn() < 5.0
        assert start.reading(MONTH).reason == "warming up 0/20 closes"
    assert "history: minutes of SPY: yahoo: HTTP 429 (it wants 3600 s of rest)" in caplog.messages


async def test_it_asks_again_when_the_day_has_settled(tmp_path: Path) -> None:
    """Four hours and 59 minutes to the close, 16 more until it has settled, up to 4 of chance."""
    async with starting(tmp_path) as start:
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(start.past.run(), name="history")
            await asyncio.sleep(20 * 3600)
            running.cancel()
        rounds = _rounds(start.venues)
        month = start.reading(MONTH)
    assert [round(pause / 3600, 1) for pause in rounds] in ([5.3], [5.2])
    assert "closes to 2026-03-17" in month.note


async def test_what_failed_is_asked_for_again_sooner_and_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with starting(tmp_path) as start:
        start.venues.yahoo.down = too_many("3600")
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(start.past.run(), name="history")
            await asyncio.sleep(4000)
            start.venues.yahoo.down = None
            await asyncio.sleep(4000)
            running.cancel()
        pauses = _rounds(start.venues)
    assert [450 <= pauses[0] <= 800, 900 <= pauses[1] <= 1550] == [True, True]
    assert caplog.text.count("closes of SPY: yahoo: HTTP 429") == 1


def _rounds(venues: Town) -> list[float]:
    """Seconds between two rounds of questions to Coinbase."""
    return [after - before for before, after in pairwise(venues.coinbase.at) if after - before > 60]
