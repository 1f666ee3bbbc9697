"""The daemon, configured by YAML files, on stand-in venues that can be spoilt while it runs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random

import msgspec

from alerts.notifiers.log import Log
from alerts.transition import Transition
from config.load import load
from daemon.app import App
from daemon.clock import Clock
from daemon.demo import SERVERS, closes
from daemon.wiring import make_app
from streams.instrument import NS
from streams.simulator.instruments import MODEL, Model
from streams.simulator.market import SimulatedMarket
from streams.simulator.servers.alpaca import KEY, SECRET, AlpacaServer
from streams.simulator.servers.server import VenueServer

_NAMES = {"ETH", "IWM"}

MODEL_OF_TWO = Model(
    instruments=tuple(i for i in MODEL.instruments if i.name in _NAMES),
    correlations=tuple(c for c in MODEL.correlations if {c.x, c.y} <= _NAMES),
    listings=tuple(one for one in MODEL.listings if one.instrument in _NAMES),
)
"""ETH and IWM alone: half the frames."""

_CONFIG = """\
instruments:
  ETH: {calendar: 24/7, feeds: [coinbase:ETH-USD, kraken:ETH/USD], stale_after: 30s}
  IWM: {calendar: NYSE, feeds: [alpaca:IWM], stale_after: 30s}
pairs:
  - {x: ETH, y: IWM, prior: {correlation: 0.5}}
feeds:
"""


class Stage(msgspec.Struct):
    """What runs; `transitions` grows."""

    market: SimulatedMarket
    clock: Clock
    servers: Mapping[str, VenueServer]
    app: App
    transitions: list[Transition]

    def connects(self, venue: str) -> int:
        """How often the venue has been connected to, or tried."""
        return next(feed.counts.connects for feed in self.app.feeds if feed.name == venue)

    def second(self, ts: int) -> float:
        """An instant in seconds from the market's start."""
        return (ts - self.market.start_ns) / NS

    async def until(self, second: float) -> None:
        """Wait for an instant of the market."""
        await asyncio.sleep(second - self.second(self.clock.now()))


@asynccontextmanager
async def stage(market: SimulatedMarket, folder: Path, rules: str) -> AsyncIterator[Stage]:
    """The market's venues with the daemon on them, for the length of the body."""
    clock = Clock(asyncio.get_running_loop(), market.start_ns)
    async with AsyncExitStack() as venues:
        servers = {
            kind.venue: await venues.enter_async_context(kind(market, clock.now))
            for kind in SERVERS
        }
        transitions: list[Transition] = []
        app = make_app(
            load(_write(folder, servers, rules)),
            clock=clock,
            rng=Random(market.seed),
            notifiers=[Log(lambda *_: None)],
            history=closes(market.history(sessions=3)),
            on_transition=transitions.append,
            proxy=False,
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(app.run(), name="daemon")
            yield Stage(market, clock, servers, app, transitions)
            app.stop()


def _write(folder: Path, servers: Mapping[str, VenueServer], rules: str) -> Path:
    feeds = "".join(f"  {name}: {_feed(server)}\n" for name, server in servers.items())
    files = {"key": KEY, "secret": SECRET, "rules.yaml": rules, "comove.yaml": _CONFIG + feeds}
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return folder / "comove.yaml"


def _feed(server: VenueServer) -> str:
    if not isinstance(server, AlpacaServer):
        return f"{{url: '{server.url}'}}"
    base = server.url.removesuffix(server.path)
    return f"{{url: '{base}', key_file: key, secret_file: secret}}"


def open_files() -> int:
    """How many file descriptors the process holds."""
    return len(list(Path("/proc/self/fd").iterdir()))


def resident() -> int:
    """Bytes of memory the process holds."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
