from __future__ import annotations

import pytest
from msgspec.structs import replace

from alerts.engine import Engine
from alerts.transition import State, Transition
from config.load import load
from config.shipped import CONFIG, shipped_path
from daemon.scenario import UnknownInstrumentError, items, on_scenario, play_scenario
from daemon.watch import Watch
from daemon.wiring import make_market
from streams.instrument import NS
from streams.simulator.market import SimulatedMarket
from streams.simulator.script import Move, Outage, Script
from streams.tick import FeedEvent, FeedState, Tick

SCRIPT = Script(
    duration=1800.0,
    phases=(
        Outage(name="down", venue="coinbase", start=600.0, duration=300.0),
        Move(
            name="ETH falls", instrument="ETH", against="IWM", sigma=-9, start=960.0, duration=300.0
        ),
    ),
)


@pytest.fixture(scope="module")
def market() -> SimulatedMarket:
    return SimulatedMarket(seed=1, script=SCRIPT)


def test_items_come_in_order_of_receipt_and_none_of_a_venue_that_is_down(
    market: SimulatedMarket,
) -> None:
    found = list(items(market))
    assert [item.ts_recv for item in found] == sorted(item.ts_recv for item in found)
    ticks = [item for item in found if isinstance(item, Tick)]
    assert {tick.venue for tick in ticks} == {"coinbase", "kraken", "alpaca"}
    assert {tick.kind for tick in ticks} == {"trade"}
    ((start, end),) = market.outages("coinbase")
    down = [tick for tick in ticks if start <= (tick.ts_event or 0) < end]
    assert {tick.venue for tick in down} == {"kraken", "alpaca"}
    told = [
        (item.state, (item.ts_recv - market.start_ns) // NS)
        for item in found
        if isinstance(item, FeedEvent) and item.venue == "coinbase"
    ]
    assert told == [(FeedState.LIVE, 0), (FeedState.DOWN, 600), (FeedState.LIVE, 900)]


def test_what_is_done_to_the_market_is_found(market: SimulatedMarket) -> None:
    config = on_scenario(load(shipped_path(CONFIG)), market)
    found: list[Transition] = []
    watch = Watch(make_market(config), Engine(config.rules), on_transition=found.append)
    shares: list[float] = []
    play_scenario(watch, market, shares.append)
    ((alert),) = [t for t in found if t.state is State.FIRING]
    assert alert.rule == "eth-behind-small-caps"
    assert 960 < (alert.ts - market.start_ns) / NS < 1500
    assert any("kraken" in line or "coinbase" in line for line in alert.context)
    assert shares == sorted(shares)
    assert all(-0.1 <= share <= 1.1 for share in shares)


def test_an_instrument_that_is_not_simulated_is_named(market: SimulatedMarket) -> None:
    config = load(shipped_path(CONFIG))
    renamed = replace(config.instruments[0], name="SOL")
    with pytest.raises(UnknownInstrumentError, match="SOL is not simulated: ETH, BTC, IWM, SPY"):
        on_scenario(replace(config, instruments=(renamed,)), market)
