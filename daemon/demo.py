"""`comove demo`: the unchanged daemon against loopback venues that a simulated market drives.

Time is simulated too: a PacedLoop runs the day at `speed` times its pace, and what happens does
not depend on the speed. The market's past teaches the statistics before it begins.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from importlib.resources import files
from pathlib import Path
from random import Random

import msgspec
from pydantic import SecretStr

from alerts.notifiers.log import Log
from alerts.transition import Transition
from config.load import load
from config.settings import Config, Context, Venue
from config.shipped import CONFIG
from daemon.app import App
from daemon.clock import Clock
from daemon.wiring import make_app
from streams.instrument import Instrument, Route
from streams.market import Market
from streams.metric import Call
from streams.simulator.market import SimulatedMarket
from streams.simulator.past import Past
from streams.simulator.servers.alpaca import KEY, SECRET, AlpacaServer
from streams.simulator.servers.coinbase import CoinbaseServer
from streams.simulator.servers.kraken import KrakenServer
from streams.simulator.servers.server import VenueServer
from streams.snapshot import Snapshot

SEED = 5
"""A clear day; most others tell the story as well, some let a fall turn before the rule is sure."""
SPEED = 75.0
SERVERS: tuple[type[VenueServer], ...] = (CoinbaseServer, KrakenServer, AlpacaServer)

_EQUITIES = "NYSE"


def demo_config(urls: Mapping[str, str]) -> Config:
    """The shipped configuration on the simulated venues: Alpaca has the equities, with its key."""
    config = load(Path(str(files("config").joinpath(CONFIG))))
    instruments = tuple(on_simulated(i, set(urls)) for i in config.instruments)
    venues = tuple(_venue(name, url) for name, url in urls.items())
    # Its day is simulated, and nobody outside knows the context of that.
    return msgspec.structs.replace(
        config, instruments=instruments, venues=venues, context=Context()
    )


def on_simulated(instrument: Instrument, venues: set[str]) -> Instrument:
    """The instrument on those of its feeds that are simulated; equities are Alpaca's."""
    routes = tuple(route for route in instrument.routes if route.venue in venues)
    if instrument.calendar == _EQUITIES:
        routes = (Route("alpaca", instrument.name),)
    return msgspec.structs.replace(instrument, routes=routes)


def _venue(name: str, url: str) -> Venue:
    if name != AlpacaServer.venue:
        return Venue(name, url=url)
    base = url.removesuffix(AlpacaServer.path)
    return Venue(name, url=base, feed="iex", key=SecretStr(KEY), secret=SecretStr(SECRET))


def closes(past: Mapping[str, Past]) -> dict[str, list[tuple[int, float]]]:
    """The simulated past as `Market.learn` takes it: bars and daily closes in one."""
    return {
        name: sorted(
            {
                *zip(p.ts.tolist(), p.close.tolist(), strict=True),
                *zip(p.daily_ts.tolist(), p.daily_close.tolist(), strict=True),
            }
        )
        for name, p in past.items()
    }


class Demo:
    """A simulated day with the daemon on it.

    `watchers` are told of each snapshot and transition; `run` ends with the script.
    """

    def __init__(
        self,
        *,
        seed: int = SEED,
        market: SimulatedMarket | None = None,
        on_snapshot: Callable[[Snapshot], None] = lambda _: None,
        on_transition: Callable[[Transition], None] = lambda _: None,
        extra: tuple[Call, ...] = (),
    ) -> None:
        self.simulated = market or SimulatedMarket(seed=seed)
        self.transitions: list[Transition] = []
        self.expected_delay: float | None = None
        """Minutes that a full break takes to find, as said before the market begins."""
        self._extra = extra
        self._on_snapshot = on_snapshot
        self._on_transition = on_transition

    async def run(
        self, *, seconds: float | None = None, ready: Callable[[App], None] = lambda _: None
    ) -> None:
        """Play the script, or its first `seconds`."""
        duration = seconds if seconds is not None else self.simulated.script.duration
        clock = Clock(asyncio.get_running_loop(), self.simulated.start_ns)
        async with AsyncExitStack() as venues:
            urls = {}
            for server in SERVERS:
                running = await venues.enter_async_context(server(self.simulated, clock.now))
                urls[server.venue] = running.url
            app = self._build(demo_config(urls), clock)
            ready(app)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(app.run(), name="daemon")
                await asyncio.sleep(duration)
                app.stop()

    def _build(self, config: Config, clock: Clock) -> App:
        app = make_app(
            config,
            clock=clock,
            rng=Random(self.simulated.seed),  # noqa: S311  # a day that can be repeated
            notifiers=[Log(lambda *_: None)],
            history=closes(self.simulated.history()),
            extra=self._extra,
            on_snapshot=self._on_snapshot,
            on_transition=self._take,
            proxy=False,
        )
        self.expected_delay = _breakdown_delay(app.watch.market, config)
        return app

    def _take(self, transition: Transition) -> None:
        self.transitions.append(transition)
        self._on_transition(transition)


def _breakdown_delay(market: Market, config: Config) -> float | None:
    for rule in config.rules:
        for call in rule.when.calls:
            if call.metric == "breakdown":
                return market.link(*call.instruments).breakdown_delay(call.rate or 1.0)
    return None
