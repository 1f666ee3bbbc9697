"""Months in minutes: the whole daemon over many simulated sessions, and what it loses by the way.

    python -m tests.faults.soak --days 21 --seed 1

One daemon, never restarted, with its state file, Telegram (a stand-in), MQTT (where mosquitto is
installed), pictures, and statistics saved every minute. Every day holds all that `comove demo`
shows. Of nights only the ends are played: the venues go down, the clock moves to the next session,
they come up again. After each close the process is measured; the first days, in which what is kept
for days fills up, are left out of the slopes. In the end three statistics are compared with what
numpy makes of the very data that they were given. Keeps results/soak.json.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from math import inf
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter

import msgspec

from alerts.store import Store
from alerts.transition import Transition
from config.load import load
from config.shipped import RULES, shipped
from daemon.app import App
from daemon.clock import Clock, run_paced
from daemon.demo import SERVERS, closes
from daemon.warm import Keeper
from daemon.wiring import make_app
from streams.instrument import NS
from streams.metric import Call
from streams.sessions import calendar
from streams.simulator.hours import START_NS, new_york_day, session
from streams.simulator.instruments import MODEL, Model
from streams.simulator.market import SimulatedMarket
from streams.simulator.script import DEMO
from streams.simulator.servers.alpaca import KEY, SECRET
from streams.simulator.servers.kraken import KrakenServer
from streams.simulator.servers.server import VenueServer
from tests.faults.drift import Drift, Heard
from tests.faults.evenings import Evening, Soak, slope
from tests.faults.stage import open_files, resident
from tests.stand_ins.bot_api import TOKEN, BotApi
from tests.stand_ins.broker import MOSQUITTO, Broker, free_port

RESULT = Path(__file__).with_name("results") / "soak.json"
SESSION = 6.5 * 3600.0
"""Seconds."""
_SPEED = 2000.0
"""mosquitto answers in real time: half a millisecond is a second here."""
_MB = 1e6
_CHAT = 4711
_EARLY = 60
"""Seconds before the open at which prices begin."""
_REST = 90.0
"""Seconds that are played after the close."""
_KEPT = 50
"""Messages that the stand-in chat keeps."""
_CONFIG = """\
instance: soak
state: state.db
instruments:
  ETH: {{calendar: 24/7, feeds: [coinbase:ETH-USD, kraken:ETH/USD], stale_after: 30s}}
  BTC: {{calendar: 24/7, feeds: [coinbase:BTC-USD, kraken:BTC/USD], stale_after: 30s}}
  IWM: {{calendar: NYSE, feeds: [alpaca:IWM], stale_after: 30s}}
  SPY: {{calendar: NYSE, feeds: [alpaca:SPY], stale_after: 30s}}
pairs:
  - {{x: ETH, y: IWM, controls: [SPY, BTC], prior: {{correlation: 0.5}}}}
feeds:
  coinbase: {{url: 'ws://127.0.0.1:{coinbase}/'}}
  kraken: {{url: 'ws://127.0.0.1:{kraken}{kraken_path}'}}
  alpaca: {{url: 'ws://127.0.0.1:{alpaca}', key_file: key, secret_file: secret}}
notifiers:
  log: {{}}
  telegram: {{token_file: token, chats: [{chat}], api_url: '{telegram}'}}
"""
_MQTT = "  mqtt: {{host: 127.0.0.1, port: {port}}}\n"
_EXTRA = [
    Call(name, ("ETH", "IWM"), 3600.0) for name in ("corr", "pearson", "ew_pearson", "divergence")
]

Tell = Callable[[Evening], None]
Past = Mapping[str, Sequence[tuple[int, float]]]


def main() -> int:
    """Run, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=int, default=21)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    logging.basicConfig(level=logging.ERROR)
    with TemporaryDirectory() as folder:
        soak = run(Path(folder), days=given.days, seed=given.seed, tell=_print)
    RESULT.write_bytes(msgspec.json.format(msgspec.json.encode(soak)) + b"\n")
    drift = soak.drift
    sys.stdout.write(
        f"{soak.days} sessions in {soak.seconds:.0f} s; memory {soak.memory_slope:+.2f} ± "
        f"{2.0 * soak.memory_error:.2f} MB and {soak.objects_slope:+.0f} objects a week; from "
        f"batch: pearson {drift.pearson:.1e}, ew_pearson {drift.ew_pearson:.1e}, corr "
        f"{drift.corr:.1e}\n"
    )
    faults = soak.faults()
    sys.stdout.writelines(f"not as it must be: {fault}\n" for fault in faults)
    return 1 if faults else 0


def _print(evening: Evening) -> None:
    sys.stdout.write(
        f"{evening.resident / _MB:7.1f} MB {evening.objects:8} objects {evening.files:3} files "
        f"{evening.tasks:3} tasks {evening.threads:2} threads {evening.ticks:9} ticks "
        f"{evening.transitions:5} transitions\n"
    )
    sys.stdout.flush()


def run(
    folder: Path,
    *,
    days: int,
    seed: int,
    length: float = SESSION,
    past: int = 20,
    mqtt: bool = MOSQUITTO is not None,
    tell: Tell = lambda _: None,
) -> Soak:
    """Play the first `length` seconds of so many sessions, `past` ones being known."""
    began = perf_counter()
    speed = _SPEED if mqtt else inf
    evenings, drift = run_paced(
        _Play(folder, days, seed, length, mqtt=mqtt).play(past, tell), speed
    )
    growth, error = slope([one.resident / _MB for one in evenings])
    return Soak(
        seed=seed,
        days=days,
        mqtt=mqtt,
        seconds=round(perf_counter() - began, 1),
        memory_slope=growth,
        memory_error=error,
        objects_slope=slope([float(one.objects) for one in evenings])[0],
        drift=drift,
        evenings=tuple(evenings),
    )


class _Play:
    """The run itself."""

    def __init__(self, folder: Path, days: int, seed: int, length: float, *, mqtt: bool) -> None:
        self._folder = folder
        self._opens = list(_opens(days))
        self._seed = seed
        self._length = length
        self._mqtt = mqtt
        self._transitions = 0
        self._ports = {kind.venue: free_port() for kind in SERVERS}

    async def play(self, past: int, tell: Tell) -> tuple[list[Evening], Drift]:
        """Each session, and what the process is like after it."""
        clock = Clock(asyncio.get_running_loop(), self._opens[0] - (_EARLY + 5) * NS)
        markets = [self._market(number, opened) for number, opened in enumerate(self._opens)]
        history = closes(markets[0].history(sessions=past)) if past else {}
        # All prices are made beforehand and kept to the end: they are not to count as growth.
        days = [[kind(market, clock.now) for kind in SERVERS] for market in markets]
        del markets
        evenings: list[Evening] = []
        async with self._running(clock, history) as (app, api):
            del history
            heard = Heard(app.watch.market.link("ETH", "IWM"))
            ended: list[object] = []
            for number, opened in enumerate(self._opens):
                await self._session(clock, days[number], opened)
                ended += [(server._pump, server._order) for server in days[number]]
                days[number] = []
                evenings.append(self._evening(app, api))
                tell(evenings[-1])
                if number + 1 < len(days):
                    _sleep_over(clock, app, self._opens[number + 1] - (_EARLY + 5) * NS)
            return evenings, heard.drift()

    async def _session(self, clock: Clock, servers: Sequence[VenueServer], opened: int) -> None:
        async with AsyncExitStack() as venues:
            for server in servers:
                server.port = self._ports[server.venue]
                await venues.enter_async_context(server)
            await asyncio.sleep((opened - clock.now()) / NS + self._length)
        # Pictures are drawn, their process ends; the last beat is half a second old.
        await asyncio.sleep(_REST)
        await asyncio.sleep((NS // 2 - clock.now()) % NS / NS)

    @asynccontextmanager
    async def _running(self, clock: Clock, history: Past) -> AsyncIterator[tuple[App, BotApi]]:
        async with AsyncExitStack() as stack:
            mqtt = None
            if self._mqtt:
                broker = Broker(self._folder)
                await broker.start()
                stack.callback(broker.close)
                mqtt = broker.port
            api = await stack.enter_async_context(BotApi())
            config = load(self._write(api, mqtt))
            store = Store(config.state)
            stack.push_async_callback(store.close)
            app = make_app(
                config,
                clock=clock,
                rng=Random(self._seed),
                store=store,
                history=history,
                extra=_EXTRA,
                on_transition=self._count,
                proxy=False,
            )
            keeper = Keeper(app.watch.market, config.state.with_suffix(".warm"))
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(app.run(), name="daemon")
                warm = tasks.create_task(keeper.run(), name="warm")
                yield app, api
                app.stop()
                warm.cancel()

    def _market(self, number: int, opened: int) -> SimulatedMarket:
        """The day of the demo with about five ticks a second in all."""
        listings = tuple(
            msgspec.structs.replace(one, trades=0.6 * one.trades, quotes=0.1 * one.quotes)
            for one in MODEL.listings
        )
        return SimulatedMarket(
            seed=1000 * self._seed + number,
            script=msgspec.structs.replace(DEMO, duration=_EARLY + self._length),
            start_ns=opened - _EARLY * NS,
            model=Model(MODEL.instruments, MODEL.correlations, listings),
        )

    def _count(self, _: Transition) -> None:
        self._transitions += 1

    def _evening(self, app: App, api: BotApi) -> Evening:
        api.requests.clear()
        for number in list(api.posted)[:-_KEPT]:
            del api.posted[number]
        gc.collect()
        return Evening(
            resident=resident(),
            objects=len(gc.get_objects()),
            files=open_files(),
            tasks=len(asyncio.all_tasks()),
            threads=threading.active_count(),
            state=sum(each.stat().st_size for each in self._folder.glob("state.db*")),
            ticks=app.watch.market.counts.ticks,
            transitions=self._transitions,
        )

    def _write(self, api: BotApi, mqtt: int | None) -> Path:
        telegram = api.base_url.removesuffix("/bot")
        text = _CONFIG.format(
            **self._ports, kraken_path=KrakenServer.path, chat=_CHAT, telegram=telegram
        )
        if mqtt is not None:
            text += _MQTT.format(port=mqtt)
        files = {"key": KEY, "secret": SECRET, "token": TOKEN, RULES: shipped(RULES)}
        for name, content in {**files, "soak.yaml": text}.items():
            (self._folder / name).write_text(content, encoding="utf-8")
        return self._folder / "soak.yaml"


def _sleep_over(clock: Clock, app: App, until: int) -> None:
    """Go on at `until`: of the night nothing is played."""
    clock._anchor += until - clock.now()
    app.watch.market.interrupt()


def _opens(days: int) -> Iterator[int]:
    """The first instants (ns) of the whole sessions of so many days."""
    nyse, day = calendar("NYSE"), new_york_day(START_NS)
    while days:
        hours = session(day)
        if hours and all(nyse.session(at).kind == "regular" for at in (hours[0], hours[1] - NS)):
            days -= 1
            yield hours[0]
        day += timedelta(days=1)


if __name__ == "__main__":
    sys.exit(main())
