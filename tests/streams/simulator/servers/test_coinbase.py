from __future__ import annotations

import asyncio
import re

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed

from daemon.clock import NS, Clock
from streams.simulator.market import SimulatedMarket
from streams.simulator.servers.coinbase import CoinbaseServer
from tests.streams.simulator.servers.wire import answer, ask, connected, listen, ns

ALL = {
    "type": "subscribe",
    "product_ids": ["ETH-USD"],
    "channels": ["matches", "ticker", "heartbeat"],
}
MATCHES = {"type": "subscribe", "product_ids": ["ETH-USD"], "channels": ["matches"]}


async def test_who_does_not_subscribe_is_dropped_after_five_seconds(
    market: SimulatedMarket, clock: Clock
) -> None:
    async with CoinbaseServer(market, clock.now) as server, connected(server) as ws:
        with pytest.raises(ConnectionClosed):
            await ws.recv()
        assert (clock.now() - market.start_ns) / NS == pytest.approx(5, abs=0.01)


async def test_a_refused_subscription_is_none(market: SimulatedMarket, clock: Clock) -> None:
    refused = {**MATCHES, "product_ids": ["DOGE-USD"]}
    async with CoinbaseServer(market, clock.now) as server, connected(server, refused) as ws:
        assert (await answer(ws))["type"] == "error"
        with pytest.raises(ConnectionClosed):
            await ws.recv()
        assert clock.now() - market.start_ns < 6 * NS


async def test_who_subscribed_is_kept(market: SimulatedMarket, clock: Clock) -> None:
    async with CoinbaseServer(market, clock.now) as server, connected(server, MATCHES) as ws:
        frames = await listen(ws, 120)
    assert ns(frames[-1]["time"]) > market.start_ns + 110 * NS


@pytest.mark.parametrize(
    ("request_", "message", "reason"),
    [
        (
            {**MATCHES, "product_ids": ["DOGE-USD"]},
            "Failed to subscribe",
            "DOGE-USD is not a valid",
        ),
        ({**MATCHES, "product_ids": []}, "Failed to subscribe", "is not a valid product"),
        (
            {**MATCHES, "channels": ["trades"]},
            "Failed to subscribe",
            "trades is not a valid channel",
        ),
        ({**MATCHES, "channels": ["full"]}, "Failed to subscribe", "full .*authentication"),
        ({**MATCHES, "channels": []}, "Failed to subscribe", "No channels"),
        ({**MATCHES, "channels": 3}, "Failed to subscribe", "channels"),
        ({**MATCHES, "type": "hello"}, "Failed to subscribe", "hello"),
        ({**MATCHES, "product_ids": ["ETH-USD", "X"]}, "Failed to subscribe", "X is not a valid"),
        ("{not json", "Malformed JSON", "parsed"),
    ],
)
async def test_what_the_venue_refuses_is_refused(
    market: SimulatedMarket, clock: Clock, request_: object, message: str, reason: str
) -> None:
    async with CoinbaseServer(market, clock.now) as server, connected(server, request_) as ws:
        error = await answer(ws)
        assert (error["type"], error["message"]) == ("error", message)
        assert re.search(reason, error["reason"])
        # Nothing of the request was taken.
        assert await listen(ws, 3) == []


async def test_a_subscription_is_acknowledged_channel_by_channel(
    market: SimulatedMarket, clock: Clock
) -> None:
    request = {
        "type": "subscribe",
        "product_ids": ["ETH-USD"],
        "channels": ["ticker", {"name": "matches", "product_ids": ["BTC-USD", "ETH-USD"]}],
    }
    async with CoinbaseServer(market, clock.now) as server, connected(server, request) as ws:
        assert await answer(ws) == {
            "type": "subscriptions",
            "channels": [
                {"name": "matches", "product_ids": ["BTC-USD", "ETH-USD"], "account_ids": None},
                {"name": "ticker", "product_ids": ["ETH-USD"], "account_ids": None},
            ],
        }


async def test_matches_are_the_tape_and_begin_with_the_last_before(
    market: SimulatedMarket, clock: Clock
) -> None:
    async with CoinbaseServer(market, clock.now) as server:
        await asyncio.sleep(30)
        async with connected(server, MATCHES) as ws:
            acknowledged, *matches = await listen(ws, 60)
    assert acknowledged["type"] == "subscriptions"
    assert [m["type"] for m in matches] == ["last_match"] + ["match"] * (len(matches) - 1)
    ids = np.array([m["trade_id"] for m in matches])
    assert (np.diff(ids) == 1).all()
    tape = market.tape("coinbase", "ETH-USD")
    rows = ids - tape.listing.first_id
    assert [m["price"] for m in matches] == [f"{p:.2f}" for p in tape.trade_price[rows]]
    assert [m["size"] for m in matches] == [f"{s:.8f}" for s in tape.trade_size[rows]]
    makers = np.where(tape.taker_buys[rows], "sell", "buy").tolist()
    assert [m["side"] for m in matches] == makers
    assert [ns(m["time"]) for m in matches] == (tape.trade_ts[rows] // 1000 * 1000).tolist()
    assert {len(m["time"]) for m in matches} == {len("2026-03-17T14:00:00.123456Z")}
    assert 60 < len(matches) < 180


async def test_sequence_rises_by_one_over_matches_and_tickers(
    market: SimulatedMarket, clock: Clock
) -> None:
    async with CoinbaseServer(market, clock.now) as server, connected(server, ALL) as ws:
        _, *frames = await listen(ws, 60)
    data = [f["sequence"] for f in frames if f["type"] in {"match", "ticker"}]
    assert (np.diff(data) == 1).all()
    assert len(data) > 100


async def test_every_frame_comes_a_little_after_its_instant(
    market: SimulatedMarket, clock: Clock
) -> None:
    late = []
    async with CoinbaseServer(market, clock.now) as server, connected(server, MATCHES) as ws:
        await answer(ws)
        for _ in range(200):
            match = await answer(ws)
            late.append((clock.now() - ns(match["time"])) / NS)
    assert min(late) >= 0.005
    assert max(late) < 0.05
    assert np.std(late) > 0.002


async def test_a_ticker_tells_the_quote_and_the_last_trade(
    market: SimulatedMarket, clock: Clock
) -> None:
    async with CoinbaseServer(market, clock.now) as server, connected(server, ALL) as ws:
        _, *frames = await listen(ws, 60)
    tape, last = market.tape("coinbase", "ETH-USD"), None
    tickers = 0
    for frame in frames:
        if frame["type"] == "match":
            last = frame
        elif frame["type"] == "ticker":
            assert last is not None
            row = np.searchsorted(tape.quote_ts, ns(frame["time"]))
            assert frame["best_bid"] == f"{tape.bid[row]:.2f}"
            assert frame["best_ask"] == f"{tape.ask[row]:.2f}"
            assert (frame["trade_id"], frame["price"]) == (last["trade_id"], last["price"])
            assert frame["side"] != last["side"]  # the taker's, not the maker's
            tickers += 1
    assert tickers > 30


async def test_a_heartbeat_comes_every_second(market: SimulatedMarket, clock: Clock) -> None:
    async with CoinbaseServer(market, clock.now) as server, connected(server, ALL) as ws:
        frames = await listen(ws, 30.5)
    beats = [f for f in frames if f["type"] == "heartbeat"]
    assert [ns(b["time"]) for b in beats] == [market.start_ns + n * NS for n in range(1, 31)]
    assert beats[-1]["last_trade_id"] in {f["trade_id"] for f in frames if f["type"] == "match"}


async def test_unsubscribing_stops_the_channel(market: SimulatedMarket, clock: Clock) -> None:
    async with CoinbaseServer(market, clock.now) as server, connected(server, ALL) as ws:
        await listen(ws, 5)
        await ask(ws, {"type": "unsubscribe", "product_ids": ["ETH-USD"], "channels": ["matches"]})
        frames = await listen(ws, 10)
    kinds = [f["type"] for f in frames]
    after = kinds[kinds.index("subscriptions") :]
    assert "match" not in after
    assert "ticker" in after


async def test_all_clients_get_the_same(market: SimulatedMarket, clock: Clock) -> None:
    async with (
        CoinbaseServer(market, clock.now) as server,
        connected(server, ALL) as one,
        connected(server, ALL) as other,
        asyncio.TaskGroup() as tasks,
    ):
        readers = [tasks.create_task(listen(ws, 20)) for ws in (one, other)]
    first, second = (reader.result() for reader in readers)
    assert first == second
    assert len(first) > 60
