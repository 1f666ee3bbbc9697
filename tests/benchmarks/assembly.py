"""The daemon as the benchmarks run it: shipped rules, Coinbase and Alpaca, a past to rest on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random

from alerts.notifiers.notifier import Notifier
from alerts.outbox import Outbox
from alerts.transition import Transition
from config.load import load
from config.settings import Config
from config.shipped import RULES, shipped
from daemon.app import App
from daemon.clock import Clock
from daemon.inbox import Inbox
from daemon.watch import Watch
from daemon.wiring import make_engine, make_feeds, make_market
from streams.market import Market
from streams.simulator.market import SimulatedMarket
from streams.snapshot import Snapshot
from streams.tick import Item

_CONFIG = """\
instance: bench
step: {step}
instruments:
  ETH: {{calendar: 24/7, feeds: [coinbase:ETH-USD]}}
  BTC: {{calendar: 24/7, feeds: [coinbase:BTC-USD]}}
  IWM: {{calendar: NYSE, feeds: [alpaca:IWM]}}
  SPY: {{calendar: NYSE, feeds: [alpaca:SPY]}}
pairs:
  - {{x: ETH, y: IWM, controls: [SPY, BTC], prior: {{correlation: 0.5}}}}
feeds:
  coinbase: {{url: "ws://127.0.0.1:{coinbase}"}}
  alpaca: {{url: "ws://127.0.0.1:{alpaca}", key_file: key, secret_file: key}}
notifiers:
  log: {{}}
"""
_MQTT = "  mqtt: {{host: 127.0.0.1, port: {port}}}\n"
_TELEGRAM = "  telegram: {token_file: token, chats: [1], api_url: 'http://127.0.0.1:9'}\n"


def write_config(
    folder: Path,
    ports: Mapping[str, int],
    *,
    step: str = "1s",
    mqtt: int | None = None,
    telegram: bool = False,
) -> Path:
    """A configuration of the feeds at these ports, with the shipped rules beside it."""
    text = _CONFIG.format(step=step, **ports)
    if mqtt is not None:
        text += _MQTT.format(port=mqtt)
    if telegram:
        text += _TELEGRAM
    (folder / RULES).write_text(shipped(RULES), encoding="utf-8")
    for name, secret in (("key", "not a key"), ("token", "1:none")):
        (folder / name).write_text(secret, encoding="utf-8")
    file = folder / "comove.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def read_config(folder: Path, ports: Mapping[str, int], **given: object) -> Config:
    """The same, read."""
    return load(write_config(folder, ports, **given))  # type: ignore[arg-type]  # passed on


class Daemon:
    """An App whose items can be looked at on their way to the core."""

    def __init__(
        self,
        config: Config,
        clock: Clock,
        *,
        inbox: Inbox | None = None,
        notifiers: Sequence[Notifier] = (),
        on_item: Callable[[Item], None] | None = None,
        on_snapshot: Callable[[Snapshot], None] = lambda _: None,
        app: type[App] = App,
    ) -> None:
        rng = Random(1)
        self.market: Market = make_market(config)
        self.inbox = Inbox() if inbox is None else inbox
        self.transitions: list[Transition] = []
        watch = Watch(
            self.market,
            make_engine(config),
            on_transition=self.transitions.append,
            on_snapshot=on_snapshot,
        )
        self._on_item = on_item
        emit = self.inbox.put if on_item is None else self._emit
        self.feeds = make_feeds(config, emit=emit, now=clock.now, rng=rng, proxy=False)
        self.app = app(
            watch=watch,
            inbox=self.inbox,
            feeds=self.feeds,
            outbox=Outbox(notifiers, now=clock.now, rng=rng),
            clock=clock,
            step=config.step,
        )

    def _emit(self, item: Item) -> None:
        if self._on_item is not None:
            self._on_item(item)
        self.inbox.put(item)

    def learn(self, start: int) -> None:
        """Take the simulated sessions before `start`: every statistic has something to say."""
        past = SimulatedMarket(start_ns=start).history()
        self.market.learn(
            {name: sorted(zip(p.ts.tolist(), p.close.tolist(), strict=True)) for name, p in past.items()}
        )
