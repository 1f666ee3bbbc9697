from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from random import Random

import msgspec
import pytest
from pydantic import SecretStr

from alerts.context import context_calls, rule_calls
from alerts.notifiers.log import Log
from alerts.notifiers.telegram_address import Address
from config.load import load
from config.settings import Config, Mqtt, Notifiers, Telegram, Venue, Webhook
from config.shipped import CONFIG, EVENTS, RULES, shipped
from daemon.clock import Clock
from daemon.demo import demo_config
from daemon.wiring import make_app, make_feeds, make_market, make_notifiers, needed_calls, venue_for
from streams.instrument import NS
from streams.metric import Call
from streams.snapshot import Snapshot
from streams.tick import Beat

START = 1_773_756_000 * NS
"""Tue 17 Mar 2026, 10:00 in New York."""
URLS = {"coinbase": "ws://c", "kraken": "ws://k", "alpaca": "ws://a"}


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """What is shipped."""
    for name in (CONFIG, RULES, EVENTS):
        (tmp_path / name).write_text(shipped(name), "utf-8")
    return load(tmp_path / CONFIG)


def snapshot(config: Config, *extra: Call) -> Snapshot:
    market = make_market(config, extra)
    assert not list(market.accept(Beat(START)))
    return list(market.accept(Beat(START + NS)))[-1]


def test_every_call_of_a_shipped_rule_its_message_and_its_context_is_computed(
    config: Config,
) -> None:
    keys = snapshot(config).readings.keys()
    for rule in config.rules:
        assert {call.key for call in rule_calls(rule)} <= keys
        assert {call.key for call in context_calls(rule.pair)} <= keys
        assert rule.message is not None
        for part in rule.message.parts:
            if not isinstance(part, str):
                assert {call.key for call in part.expression.calls} <= keys


def test_what_is_asked_for_besides_the_rules_is_computed_and_nothing_else(config: Config) -> None:
    extra = Call("pearson", ("ETH", "IWM"), 1800.0)
    without, given = snapshot(config).readings.keys(), snapshot(config, extra).readings.keys()
    assert given - without == {extra.key}
    asked = {call.key for call in needed_calls(config.rules, config.pairs)}
    assert without == asked | {f"{name}()" for name in config.fed}


def test_a_prior_reaches_the_pair_that_it_is_of(config: Config) -> None:
    link = make_market(config).link("ETH", "IWM")
    assert link.prior.correlation == 0.5
    assert make_market(config).link("ETH", "SPY").prior.correlation is None


def test_each_venue_has_one_feed_with_all_symbols_that_instruments_take_from_it(
    config: Config,
) -> None:
    feeds = _feeds(config)
    assert sorted(feeds) == ["binance", "coinbase", "kraken", "yahoo"]
    assert feeds["coinbase"] == {"ETH-USD", "BTC-USD"}
    assert feeds["kraken"] == {"ETH/USD", "BTC/USD"}
    assert feeds["yahoo"] == {"IWM", "SPY"}


def _feeds(config: Config) -> Mapping[str, set[str]]:
    feeds = make_feeds(config, emit=lambda _: None, now=lambda: START, rng=Random(0))
    return {feed.name: set(feed._venue.symbols) for feed in feeds}


def test_a_venue_may_be_mute_as_long_as_its_least_patient_instrument_allows(
    config: Config,
) -> None:
    patient = tuple(
        msgspec.structs.replace(i, stale_after=20 * NS) if i.name == "BTC" else i
        for i in config.instruments
    )
    config = msgspec.structs.replace(config, instruments=patient)
    assert venue_for(config, Venue("coinbase"))[2] == 20.0
    assert venue_for(config, Venue("yahoo"))[2] == 90.0


def test_data_are_due_in_the_hours_of_the_symbol_s_own_calendar(config: Config) -> None:
    night = START + 12 * 3600 * NS
    _, crypto, _ = venue_for(config, Venue("coinbase"))
    _, shares, _ = venue_for(config, Venue("yahoo"))
    assert crypto("ETH-USD", START)
    assert crypto("ETH-USD", night)
    assert shares("IWM", START)
    assert not shares("IWM", night)


def test_venues_are_reached_where_the_configuration_says() -> None:
    config = demo_config(URLS)
    feeds = make_feeds(config, emit=lambda _: None, now=lambda: START, rng=Random(0))
    urls = {feed.name: feed._url for feed in feeds}
    assert urls["coinbase"] == "ws://c"
    assert urls["alpaca"].startswith("ws://a/v2/iex")


def test_channels_are_those_that_are_configured(config: Config) -> None:
    given = Notifiers(
        log=True,
        mqtt=Mqtt("localhost", 1883, "comove"),
        telegram=Telegram(SecretStr("1:x"), (Address(4711), Address(-12)), "http://127.0.0.1:1"),
        webhook=Webhook("http://127.0.0.1:1/", SecretStr("x")),
    )
    assert _channels(config) == ["log"]
    every = msgspec.structs.replace(config, notifiers=given)
    assert _channels(every) == ["log", "mqtt", "telegram", "webhook"]


def _channels(config: Config) -> list[str]:
    return [notifier.name for notifier in make_notifiers(config, Random(0), lambda: START)]


async def test_an_app_tells_of_every_snapshot_and_learns_the_history_first(config: Config) -> None:
    snapshots: list[Snapshot] = []
    closes = [(START - (20 - n) * 15 * NS, 2000.0 + n) for n in range(20)]
    app = make_app(
        config,
        clock=Clock(asyncio.get_running_loop(), START),
        rng=Random(0),
        notifiers=[Log(lambda *_: None)],
        history={"ETH": closes},
        on_snapshot=snapshots.append,
    )
    assert len(app.watch.market.ring("ETH")) == 20
    for second in range(3):
        app.watch.accept(Beat(START + second * NS))
    assert [s.ts - START for s in snapshots] == [NS, 2 * NS]
