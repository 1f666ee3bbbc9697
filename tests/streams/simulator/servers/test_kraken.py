from __future__ import annotations

import asyncio
import json
from typing import Any

import numpy as np
import pytest

from daemon.clock import NS, Clock
from streams.simulator.market import SimulatedMarket
from streams.simulator.servers.kraken import KrakenServer
from tests.streams.simulator.servers.wire import answer, ask, connected, listen, ns, raw


def subscribe(channel: str, *symbols: str, **more: object) -> dict[str, Any]:
    return {
        "method": "subscribe",
        "params": {"channel": channel, "symbol": list(symbols), **more},
    }


async def test_the_status_comes_first_and_unasked(market: SimulatedMarket, clock: Clock) -> None:
    async with KrakenServer(market, clock.now) as server, connected(server) as ws:
        frames = await listen(ws, 10)
    assert [f["channel"] for f in frames] == ["status"]
    assert frames[0]["data"][0]["system"] == "online"


async def test_symbols_are_answered_one_by_one(market: SimulatedMarket, clock: Clock) -> None:
    request = subscribe("trade", "ETH/USD", "DOGE/USD", "BTC/USD")
    async with KrakenServer(market, clock.now) as server, connected(server, request) as ws:
        await answer(ws)
        eth, doge, btc = [await answer(ws) for _ in range(3)]
    assert eth["success"]
    assert eth["result"] == {"channel": "trade", "snapshot": False, "symbol": "ETH/USD"}
    assert ns(eth["time_in"]) <= ns(eth["time_out"])
    assert btc["result"]["symbol"] == "BTC/USD"
    assert not doge["success"]
    assert doge["method"] == "subscribe"
    assert doge["symbol"] == "DOGE/USD"
    assert doge["error"].startswith("Currency pair not supported")


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (subscribe("trades", "ETH/USD"), "Channel not supported"),
        ({"method": "subscribe", "params": {"channel": "trade"}}, "symbol"),
        ({"method": "subscribe", "params": {"channel": "trade", "symbol": "ETH/USD"}}, "array"),
        ({"method": "subscribe"}, "object"),
        (subscribe("ticker", "ETH/USD", event_trigger="always"), "always"),
        ({"method": "dance"}, "Unsupported method"),
        ({"event": "subscribe", "pair": ["ETH/USD"]}, "Malformed request"),
        ("{not json", "Malformed request"),
        ({"method": "unsubscribe", "params": {"channel": "trade", "symbol": ["ETH/USD"]}}, "Not"),
    ],
)
async def test_what_the_venue_refuses_is_refused(
    market: SimulatedMarket, clock: Clock, request_: object, error: str
) -> None:
    async with KrakenServer(market, clock.now) as server, connected(server, request_) as ws:
        _, refused, *more = await listen(ws, 5)
    assert not refused["success"]
    assert error in refused["error"]
    assert more == []


async def test_subscribing_twice_is_refused(market: SimulatedMarket, clock: Clock) -> None:
    request = subscribe("trade", "ETH/USD")
    async with KrakenServer(market, clock.now) as server, connected(server, request, request) as ws:
        _, first, second, *_ = await listen(ws, 0.001)
    assert first["success"]
    assert second["error"] == "Already subscribed"


async def test_trades_are_the_tape_in_json_numbers(market: SimulatedMarket, clock: Clock) -> None:
    request = subscribe("trade", "ETH/USD", "BTC/USD")
    async with KrakenServer(market, clock.now) as server, connected(server, request) as ws:
        frames = [f for _, f in await raw(ws, 120)]
    trades = {"ETH/USD": [], "BTC/USD": []}  # type: dict[str, list[Any]]
    for frame in frames[3:]:
        read = json.loads(frame, parse_float=str)  # the digits as sent
        if read["channel"] == "heartbeat":
            continue
        assert (read["channel"], read["type"]) == ("trade", "update")
        for trade in read["data"]:
            trades[trade["symbol"]].append(trade)
    for symbol, sent in trades.items():
        tape = market.tape("kraken", symbol)
        ids = np.array([t["trade_id"] for t in sent])
        assert (np.diff(ids) == 1).all()
        rows, decimals = ids - tape.listing.first_id, tape.listing.decimals
        assert [t["price"] for t in sent] == [f"{p:.{decimals}f}" for p in tape.trade_price[rows]]
        assert [ns(t["timestamp"]) for t in sent] == (tape.trade_ts[rows] // 1000 * 1000).tolist()
        takers = np.where(tape.taker_buys[rows], "buy", "sell").tolist()
        assert [t["side"] for t in sent] == takers
        assert len(sent) > 80


async def test_a_snapshot_holds_the_last_fifty_trades(
    market: SimulatedMarket, clock: Clock
) -> None:
    async with KrakenServer(market, clock.now) as server:
        await asyncio.sleep(200)
        async with connected(server, subscribe("trade", "ETH/USD", snapshot=True)) as ws:
            _, acknowledged, snapshot, *updates = await listen(ws, 20)
    assert acknowledged["result"]["snapshot"]
    assert snapshot["type"] == "snapshot"
    ids = [trade["trade_id"] for f in (snapshot, *updates) for trade in f.get("data", ())]
    assert len(snapshot["data"]) == 50
    assert (np.diff(ids) == 1).all()
    assert updates


async def test_a_ticker_comes_at_quotes_or_at_trades_as_asked(
    market: SimulatedMarket, clock: Clock
) -> None:
    bbo = subscribe("ticker", "ETH/USD", event_trigger="bbo")
    at_trades = subscribe("ticker", "ETH/USD", snapshot=False)
    async with (
        KrakenServer(market, clock.now) as server,
        connected(server, bbo) as one,
        connected(server, at_trades) as other,
        asyncio.TaskGroup() as tasks,
    ):
        readers = [tasks.create_task(listen(ws, 60)) for ws in (one, other)]
    tape = market.tape("kraken", "ETH/USD")
    until = market.start_ns + 60 * NS
    for reader, stamps in zip(readers, (tape.quote_ts, tape.trade_ts), strict=True):
        _, acknowledged, *frames = reader.result()
        assert acknowledged["result"]["channel"] == "ticker"
        tickers = [f for f in frames if f["channel"] == "ticker"]
        assert len(tickers) == pytest.approx((stamps < until).sum(), abs=4)
        assert all(f["data"][0]["bid"] < f["data"][0]["ask"] for f in tickers)
    assert tape.bid[0] in {f["data"][0]["bid"] for f in readers[0].result()[2:5] if "data" in f}


async def test_a_heartbeat_fills_the_seconds_without_data(
    market: SimulatedMarket, clock: Clock
) -> None:
    request = subscribe("trade", "ETH/USD")
    async with KrakenServer(market, clock.now) as server, connected(server, request) as ws:
        busy = await raw(ws, 60)
        server.faults.mute = True
        await raw(ws, 2)
        quiet = await listen(ws, 20)
    gaps = np.diff([at for at, _ in busy])
    assert gaps.max() <= 2.0
    assert [f for f in quiet if f != {"channel": "heartbeat"}] == []
    assert len(quiet) == pytest.approx(20, abs=1)


async def test_ping_is_answered(market: SimulatedMarket, clock: Clock) -> None:
    async with KrakenServer(market, clock.now) as server, connected(server) as ws:
        await answer(ws)
        await ask(ws, {"method": "ping", "req_id": 101})
        pong = await answer(ws)
    assert (pong["method"], pong["req_id"]) == ("pong", 101)
    assert {"time_in", "time_out"} <= pong.keys()


async def test_unsubscribing_stops_the_channel(market: SimulatedMarket, clock: Clock) -> None:
    request = subscribe("trade", "ETH/USD")
    async with KrakenServer(market, clock.now) as server, connected(server, request) as ws:
        await listen(ws, 5)
        await ask(ws, {**request, "method": "unsubscribe", "req_id": 7})
        frames = await listen(ws, 10)
    answers = [n for n, f in enumerate(frames) if f.get("req_id") == 7]
    assert len(answers) == 1
    assert frames[answers[0] + 1 :] == []
