"""What a real `comove run` costs while hardly anything happens: CPU, and memory with its children.

    python -m tests.benchmarks.idle --minutes 10

Five trades a second from stand-in venues (heartbeats besides), the shipped rules, the status page
and Telegram (a stand-in that is polled as the real one is). Every instrument is given a market that
never closes, so that all statistics are at work whatever the hour. First nobody looks at the page,
then, for a minute, one reader follows its events. Keeps results/idle.md and results/idle.json.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from config.shipped import RULES, shipped
from daemon.clock import NS, Clock
from streams.simulator.instruments import MODEL, Listing, Model
from streams.simulator.market import SimulatedMarket
from streams.simulator.script import Script
from streams.simulator.servers.coinbase import CoinbaseServer
from streams.simulator.servers.kraken import KrakenServer
from streams.simulator.servers.server import VenueServer
from tests.benchmarks.figures import Figure, Report, at_most
from tests.benchmarks.machine import describe
from tests.benchmarks.page import keep
from tests.benchmarks.process import REMARK, Cost, cost, running
from tests.stand_ins.bot_api import TOKEN, BotApi
from tests.stand_ins.broker import free_port

_RATE = 5.0
_CPU, _MEMORY = at_most(2.0), at_most(120.0)
_SETTLE = 20.0
"""Seconds after ready that are not measured: it connects, and learns its first ticks."""
_READER = 60.0
_KIB = 1024
_REMARKS = (
    REMARK,
    "All instruments trade round the clock here, so that every statistic is at work.",
)
_SERVERS: tuple[type[VenueServer], ...] = (CoinbaseServer, KrakenServer)
_MARGIN = 60.0
"""Seconds the market lasts beyond what is measured."""
_ON_KRAKEN = {"IWM": "IWM/USD", "SPY": "SPY/USD"}
"""Alpaca's feed knows that it publishes nothing at night."""
_CONFIG = """\
instance: idle
state: idle.db
instruments:
  ETH: {{calendar: 24/7, feeds: [coinbase:ETH-USD]}}
  BTC: {{calendar: 24/7, feeds: [coinbase:BTC-USD]}}
  IWM: {{calendar: 24/7, feeds: [kraken:IWM/USD]}}
  SPY: {{calendar: 24/7, feeds: [kraken:SPY/USD]}}
pairs: [{{x: ETH, y: IWM, controls: [SPY, BTC], prior: {{correlation: 0.5}}}}]
feeds:
  coinbase: {{url: '{coinbase}'}}
  kraken: {{url: '{kraken}'}}
notifiers:
  log: {{}}
  telegram: {{token_file: token, chats: [1], api_url: '{telegram}'}}
page: {{port: {page}}}
"""


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    minutes = parser.parse_args().minutes
    machine = describe()
    keep("idle", "at rest", machine, [asyncio.run(_measure(minutes))])


async def _measure(minutes: float) -> Report:
    clock = Clock(asyncio.get_running_loop())
    market = _market(clock.now(), _SETTLE + minutes * 60.0 + _READER + _MARGIN)
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory())
        urls = {
            kind.venue: (await stack.enter_async_context(kind(market, clock.now))).url
            for kind in _SERVERS
        }
        api = await stack.enter_async_context(BotApi())
        page = free_port()
        return await _costs(_configure(Path(folder), urls, api, page), page, minutes)


async def _costs(config: Path, page: int, minutes: float) -> Report:
    async with running(config) as process:
        await asyncio.sleep(_SETTLE)
        alone = await cost(process.pid, minutes * 60.0)
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(_read(page), name="reader")
            watched = await cost(process.pid, _READER)
            reading.cancel()
    return Report("idle", tuple(_figures(alone, watched)), _REMARKS)


def _figures(alone: Cost, watched: Cost) -> Iterator[Figure]:
    over = f"over {alone.wall / 60.0:.1f} min at {_RATE:.0f} trades a second"
    yield Figure("CPU", alone.share, "%", _CPU, f"of one core; {over}")
    yield Figure("PSS, the most seen", alone.pss / _KIB, "MiB", _MEMORY, "children included")
    yield Figure("RSS, the most seen", alone.rss / _KIB, "MiB", _MEMORY, "children included")
    yield Figure("processes, the most seen", alone.processes, "")
    note = f"{_READER:.0f} s of the page's events"
    yield Figure("CPU, one reader of the page", watched.share, "%", _CPU, note)
    yield Figure("PSS, one reader of the page", watched.pss / _KIB, "MiB", _MEMORY)


def _market(now: int, duration: float) -> SimulatedMarket:
    """Trades alone, as many of each instrument, round the clock."""
    listings = [_listed(name) for name in MODEL.index]
    model = Model(
        instruments=tuple(msgspec.structs.replace(i, continuous=True) for i in MODEL.instruments),
        correlations=MODEL.correlations,
        listings=tuple(listings),
    )
    return SimulatedMarket(start_ns=now // NS * NS, script=Script(duration=duration), model=model)


def _listed(instrument: str) -> Listing:
    """Where it trades here, and its share of the rate."""
    listing = MODEL.primary(instrument)
    symbol = _ON_KRAKEN.get(instrument)
    listing = msgspec.structs.replace(listing, trades=_RATE / len(MODEL.instruments), quotes=0.0)
    return msgspec.structs.replace(listing, venue="kraken", symbol=symbol) if symbol else listing


def _configure(folder: Path, urls: Mapping[str, str], api: BotApi, page: int) -> Path:
    text = _CONFIG.format(**urls, telegram=api.base_url.removesuffix("/bot"), page=page)
    for name, content in (("idle.yaml", text), (RULES, shipped(RULES)), ("token", TOKEN)):
        (folder / name).write_text(content, encoding="utf-8")
    return folder / "idle.yaml"


async def _read(port: int) -> None:
    """Follow the page's events, as an open browser does."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/event-stream\r\n\r\n"
    writer.write(request.encode())
    try:
        status = await reader.readline()
        assert b" 200 " in status, status
        while await reader.read(65_536):
            pass
        raise RuntimeError("the page hung up on its reader")
    finally:
        writer.close()


if __name__ == "__main__":
    main()
