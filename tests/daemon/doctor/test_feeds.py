"""A venue to its first tick, against the simulator's servers and closed ports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from random import Random

import msgspec
import pytest
from pydantic import SecretStr

from config.settings import Config, Venue
from daemon.clock import Clock
from daemon.demo import demo_config
from daemon.doctor.feeds import follow
from daemon.doctor.finding import Finding, Verdict
from streams.instrument import NS, Route
from streams.simulator.market import SimulatedMarket
from streams.simulator.servers.alpaca import AlpacaServer
from streams.simulator.servers.coinbase import CoinbaseServer
from streams.simulator.servers.server import VenueServer
from tests.stand_ins.broker import free_port

SUNDAY = 1_773_579_600 * NS
"""15 Mar 2026, 09:00 in New York: the exchange opens on Monday at 09:30."""


class Tried:
    """One simulated venue, and the clock of whoever tries it."""

    def __init__(self, server: VenueServer, config: Config, clock: Clock) -> None:
        self.server = server
        self.config = config
        self.clock = clock
        self.venue = config.venue(server.venue)

    async def follow(self, venue: Venue | None = None) -> Finding:
        return await follow(
            self.config, venue or self.venue, now=self.clock.now, rng=Random(0), proxy=False
        )


async def _tried(kind: type[VenueServer], at: int | None = None) -> AsyncIterator[Tried]:
    market = SimulatedMarket(seed=5)
    loop = asyncio.get_running_loop()
    async with kind(market, Clock(loop, market.start_ns).now) as server:
        url = server.url
        yield Tried(server, demo_config({kind.venue: url}), Clock(loop, at or market.start_ns))


@pytest.fixture
async def coinbase() -> AsyncIterator[Tried]:
    async for tried in _tried(CoinbaseServer):
        yield tried


@pytest.fixture
async def alpaca() -> AsyncIterator[Tried]:
    async for tried in _tried(AlpacaServer):
        yield tried


@pytest.fixture
async def closed() -> AsyncIterator[Tried]:
    async for tried in _tried(AlpacaServer, SUNDAY):
        tried.server.faults.mute = True
        yield tried


async def test_a_good_feed_is_followed_to_the_first_tick_of_each_symbol(coinbase: Tried) -> None:
    finding = await coinbase.follow()
    assert finding.verdict is Verdict.OK
    assert "ETH-USD in " in finding.text
    assert "BTC-USD in " in finding.text
    assert " ms old)" in finding.text


async def test_a_feed_that_needs_a_key_is_followed_with_it(alpaca: Tried) -> None:
    finding = await alpaca.follow()
    assert finding.verdict is Verdict.OK
    assert "IWM in " in finding.text


async def test_a_wrong_key_is_told_as_such(alpaca: Tried) -> None:
    wrong = msgspec.structs.replace(alpaca.venue, secret=SecretStr("planted-wrong-secret"))
    finding = await alpaca.follow(wrong)
    assert finding.verdict is Verdict.FAIL
    assert finding.remedy == "see whether key and secret are the venue's, and whole"
    assert "planted" not in finding.text


async def test_a_closed_market_is_no_fault_and_its_opening_is_told(closed: Tried) -> None:
    finding = await closed.follow()
    assert finding.verdict is Verdict.OK
    assert "IWM closed until Mon 16 Mar 09:30 New York" in finding.text


async def test_a_wrong_key_is_found_out_while_the_market_is_closed(closed: Tried) -> None:
    wrong = msgspec.structs.replace(closed.venue, secret=SecretStr("planted-wrong-secret"))
    assert (await closed.follow(wrong)).verdict is Verdict.FAIL


async def test_a_venue_that_is_mute_fails_within_the_bound(coinbase: Tried) -> None:
    coinbase.server.faults.mute = True
    began = asyncio.get_running_loop().time()
    finding = await coinbase.follow()
    assert finding.verdict is Verdict.FAIL
    assert finding.text.startswith("no price of ETH-USD, BTC-USD in 8 s")
    assert asyncio.get_running_loop().time() - began < 10


async def test_a_symbol_that_gives_nothing_beside_others_that_do_is_a_warning(
    coinbase: Tried,
) -> None:
    eth, *others = coinbase.config.instruments
    routes = (*eth.routes, Route("coinbase", "DOGE-USD"))
    eth = msgspec.structs.replace(eth, routes=routes)
    coinbase.config = msgspec.structs.replace(coinbase.config, instruments=(eth, *others))
    finding = await coinbase.follow()
    assert finding.verdict is not Verdict.OK
    assert finding.remedy


async def test_a_venue_whose_stamps_are_ahead_points_at_the_clock(coinbase: Tried) -> None:
    coinbase.server.faults.ahead = 2.0
    finding = await coinbase.follow()
    assert finding.verdict is Verdict.WARN
    assert " ms ahead of this clock)" in finding.text
    assert "clock" in finding.remedy


async def test_a_closed_port_is_told_with_what_to_do(coinbase: Tried) -> None:
    finding = await coinbase.follow(Venue("coinbase", url=f"ws://127.0.0.1:{free_port()}"))
    assert finding == Finding(
        Verdict.FAIL,
        "connection refused",
        "see whether a firewall lets this machine out, and whether the venue has an outage",
    )


async def test_nothing_runs_on_afterwards(coinbase: Tried) -> None:
    before = asyncio.all_tasks()
    await coinbase.follow()
    await asyncio.sleep(3)
    assert asyncio.all_tasks() == before
