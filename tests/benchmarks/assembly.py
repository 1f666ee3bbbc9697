"""The daemon as the benchmarks run it: shipped rules, Coinbase and Alpaca, a past to rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from config.load import load
from config.settings import Config
from config.shipped import RULES, shipped
from daemon.watch import Watch
from streams.simulator.market import SimulatedMarket
from streams.tick import Beat, Item, Tick
from tests.benchmarks.frames import START

_CONFIG = """\
instance: bench
state: bench.db
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
_MQTT = "  mqtt: {{host: 127.0.0.1, port: {port}, base: bench, metric_interval: 0s}}\n"
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


def read_config(
    folder: Path, ports: Mapping[str, int], *, step: str = "1s", mqtt: int | None = None
) -> Config:
    """The same, read."""
    return load(write_config(folder, ports, step=step, mqtt=mqtt))


def past() -> Mapping[str, Sequence[tuple[int, float]]]:
    """The simulated sessions before `START`: with them every statistic has something to say."""
    return {
        name: list(zip(one.ts.tolist(), one.close.tolist(), strict=True))
        for name, one in SimulatedMarket(start_ns=START).history().items()
    }


class Deaf(Watch):
    """A core that does nothing."""

    def __init__(self, watch: Watch) -> None:
        super().__init__(watch.market, watch.engine, on_transition=lambda _: None)

    def accept(self, item: Item) -> None:
        """Count it."""
        if isinstance(item, Tick):
            self.market.counts.ticks += 1


class Traced(Watch):
    """A core that can say which item it is at work on. Only frames move its time, no beats."""

    def __init__(self, watch: Watch) -> None:
        super().__init__(
            watch.market,
            watch.engine,
            on_transition=watch._on_transition,
            on_snapshot=watch._on_snapshot,
        )
        self.item: Item | None = None

    def accept(self, item: Item) -> None:
        """Take one item."""
        if not isinstance(item, Beat):
            self.item = item
            super().accept(item)
