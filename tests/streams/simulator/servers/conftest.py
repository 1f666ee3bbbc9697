from __future__ import annotations

import asyncio

import pytest

from daemon.clock import Clock
from streams.simulator.market import SimulatedMarket
from streams.simulator.script import Outage, Script

SCRIPT = Script(
    duration=900.0,
    phases=tuple(
        Outage(name=f"{venue} is down", venue=venue, start=300.0, duration=60.0)
        for venue in ("coinbase", "kraken", "alpaca")
    ),
)


@pytest.fixture(scope="session")
def market() -> SimulatedMarket:
    return SimulatedMarket(seed=5, script=SCRIPT)


@pytest.fixture
async def clock(market: SimulatedMarket) -> Clock:
    return Clock(asyncio.get_running_loop(), market.start_ns)
