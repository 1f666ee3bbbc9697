"""What a real `comove run` takes for pairs, at the pace of real feeds."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from daemon.clock import NS, Clock
from streams.simulator.market import SimulatedMarket
from streams.simulator.script import Script
from streams.simulator.servers.coinbase import CoinbaseServer
from tests.benchmarks.broker import mosquitto
from tests.benchmarks.pairs_field import VENUE, Field, model, write_config
from tests.benchmarks.process import Cost, cost, running
from tests.stand_ins.broker import free_port


class Measured(msgspec.Struct, frozen=True):
    """Seconds: before the measuring, of it, and of the market after it."""

    settle: float = 30.0
    seconds: float = 60.0
    margin: float = 60.0

    @property
    def all(self) -> float:
        """How long the market lasts."""
        return self.settle + self.seconds + self.margin


MEASURED = Measured()

_MORE = """\
feeds: {{{venue}: {{url: '{url}'}}}}
notifiers:
  log: {{}}
  {mqtt}
page: {{port: {page}}}
"""


async def spent(field: Field, measured: Measured = MEASURED) -> Cost:
    """CPU and memory of the daemon; MQTT is left out where mosquitto is not installed."""
    field = msgspec.structs.replace(field, always=True)
    clock = Clock(asyncio.get_running_loop())
    market = SimulatedMarket(
        start_ns=clock.now() // NS * NS, script=Script(measured.all), model=model(field)
    )
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        port = stack.enter_context(mosquitto())
        server = await stack.enter_async_context(CoinbaseServer(market, clock.now))
        mqtt = "" if port is None else f"mqtt: {{host: 127.0.0.1, port: {port}}}"
        more = _MORE.format(venue=VENUE, url=server.url, mqtt=mqtt, page=free_port())
        process = await stack.enter_async_context(running(write_config(folder, field, more)))
        await asyncio.sleep(measured.settle)
        return await cost(process.pid, measured.seconds)
