from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed

from daemon.clock import NS, Clock
from streams.simulator.market import SimulatedMarket
from streams.simulator.servers.alpaca import KEY, SECRET, AlpacaServer
from tests.streams.simulator.servers.wire import answer, connected, listen, ns

AUTH = {"action": "auth", "key": KEY, "secret": SECRET}
SUBSCRIBE = {"action": "subscribe", "trades": ["IWM"], "quotes": ["IWM"], "statuses": ["IWM"]}
CONNECTED = [{"T": "success", "msg": "connected"}]
AUTHENTICATED = [{"T": "success", "msg": "authenticated"}]


def error(code: int, text: str) -> list[dict[str, Any]]:
    return [{"T": "error", "code": code, "msg": text}]


async def test_connecting_authenticating_and_subscribing_are_acknowledged(
    market: SimulatedMarket, clock: Clock
) -> None:
    async with AlpacaServer(market, clock.now) as server, connected(server, AUTH, SUBSCRIBE) as ws:
        assert await answer(ws) == CONNECTED
        assert await answer(ws) == AUTHENTICATED
        (subscription,) = await answer(ws)
    assert subscription["T"] == "subscription"
    assert subscription["trades"] == subscription["quotes"] == subscription["statuses"] == ["IWM"]
    assert subscription["bars"] == []


async def test_a_key_in_the_headers_is_taken(market: SimulatedMarket, clock: Clock) -> None:
    headers = {"APCA-API-KEY-ID": KEY, "APCA-API-SECRET-KEY": SECRET}
    async with (
        AlpacaServer(market, clock.now) as server,
        connected(server, additional_headers=headers) as ws,
    ):
        assert [await answer(ws), await answer(ws)] == [CONNECTED, AUTHENTICATED]


@pytest.mark.parametrize("secret", ["", "wrong"])
async def test_a_wrong_key_is_refused_and_closed(
    market: SimulatedMarket, clock: Clock, secret: str
) -> None:
    wrong = {**AUTH, "secret": secret}
    async with AlpacaServer(market, clock.now) as server, connected(server, wrong) as ws:
        assert await answer(ws) == CONNECTED
        assert await answer(ws) == error(402, "auth failed")
        with pytest.raises(ConnectionClosed):
            await ws.recv()


async def test_who_does_not_authenticate_is_dropped_after_ten_seconds(
    market: SimulatedMarket, clock: Clock
) -> None:
    async with AlpacaServer(market, clock.now) as server, connected(server) as ws:
        assert await answer(ws) == CONNECTED
        assert await answer(ws) == error(404, "auth timeout")
        with pytest.raises(ConnectionClosed):
            await ws.recv()
        assert (clock.now() - market.start_ns) / NS == pytest.approx(10, abs=0.01)


@pytest.mark.parametrize(
    ("requests", "expected"),
    [
        ((SUBSCRIBE,), error(401, "not authenticated")),
        ((AUTH, AUTH), error(403, "already authenticated")),
        ((AUTH, "{not json"), error(400, "invalid syntax")),
        ((AUTH, {"action": "dance"}), error(400, "invalid syntax")),
        ((AUTH, {"action": "subscribe", "trades": "IWM"}), error(400, "invalid syntax")),
        (
            (AUTH, {"action": "subscribe", "trades": [f"S{n}" for n in range(31)]}),
            error(405, "symbol limit exceeded"),
        ),
    ],
)
async def test_what_the_venue_refuses_is_refused(
    market: SimulatedMarket, clock: Clock, requests: tuple[object, ...], expected: object
) -> None:
    async with AlpacaServer(market, clock.now) as server, connected(server, *requests) as ws:
        frames = await listen(ws, 5)
    assert frames[-1] == expected
    assert len(frames) == len(requests) + 1


async def test_thirty_symbols_are_allowed(market: SimulatedMarket, clock: Clock) -> None:
    request = {"action": "subscribe", "trades": [f"S{n}" for n in range(30)]}
    async with AlpacaServer(market, clock.now) as server, connected(server, AUTH, request) as ws:
        assert (await listen(ws, 5))[-1][0]["T"] == "subscription"


async def test_a_second_connection_of_the_key_is_refused_and_the_first_lives(
    market: SimulatedMarket, clock: Clock
) -> None:
    async with AlpacaServer(market, clock.now) as server, connected(server, AUTH, SUBSCRIBE) as ws:
        await listen(ws, 1)
        async with connected(server, AUTH) as second:
            assert await answer(second) == CONNECTED
            assert await answer(second) == error(406, "connection limit exceeded")
            with pytest.raises(ConnectionClosed):
                await second.recv()
        assert await listen(ws, 10)


async def test_the_key_is_free_again_when_its_connection_is_gone(
    market: SimulatedMarket, clock: Clock
) -> None:
    async with AlpacaServer(market, clock.now) as server:
        for _ in range(3):
            async with connected(server, AUTH) as ws:
                assert [await answer(ws), await answer(ws)] == [CONNECTED, AUTHENTICATED]


async def test_another_key_may_connect_beside(market: SimulatedMarket, clock: Clock) -> None:
    keys = {KEY: SECRET, "other": "word"}
    async with (
        AlpacaServer(market, clock.now, keys=keys) as server,
        connected(server, AUTH),
        connected(server, {"action": "auth", "key": "other", "secret": "word"}) as ws,
    ):
        assert [await answer(ws), await answer(ws)] == [CONNECTED, AUTHENTICATED]


async def test_data_are_the_tape_in_arrays(market: SimulatedMarket, clock: Clock) -> None:
    async with AlpacaServer(market, clock.now) as server, connected(server, AUTH, SUBSCRIBE) as ws:
        frames = await listen(ws, 120)
    messages = [message for frame in frames[3:] for message in frame]
    trades = [m for m in messages if m["T"] == "t"]
    quotes = [m for m in messages if m["T"] == "q"]
    assert {m["S"] for m in messages} == {"IWM"}
    tape = market.tape("alpaca", "IWM")
    rows = np.array([t["i"] for t in trades]) - tape.listing.first_id
    assert rows.tolist() == list(range(len(trades)))
    assert [t["p"] for t in trades] == tape.trade_price[rows].tolist()
    assert [ns(t["t"]) for t in trades] == tape.trade_ts[rows].tolist()  # to the nanosecond
    assert [q["bp"] for q in quotes] == tape.bid[: len(quotes)].tolist()
    assert [q["ap"] for q in quotes] == tape.ask[: len(quotes)].tolist()
    assert len(trades) > 30
    assert len(quotes) > 80


async def test_a_star_stands_for_all_symbols(market: SimulatedMarket, clock: Clock) -> None:
    request = {"action": "subscribe", "trades": ["*", "IWM"]}
    async with AlpacaServer(market, clock.now) as server, connected(server, AUTH, request) as ws:
        frames = await listen(ws, 60)
    ids = [(m["S"], m["i"]) for frame in frames[3:] for m in frame]
    assert {symbol for symbol, _ in ids} == {"IWM", "SPY"}
    assert len(set(ids)) == len(ids)


async def test_a_halt_is_told_and_silences_the_symbol(
    market: SimulatedMarket, clock: Clock
) -> None:
    async with AlpacaServer(market, clock.now) as server, connected(server, AUTH, SUBSCRIBE) as ws:
        await listen(ws, 10)
        server.halt("IWM")
        halted = await listen(ws, 60)
        server.resume("IWM")
        resumed = await listen(ws, 60)
    assert [m["T"] for frame in halted for m in frame] == ["s"]
    assert (halted[0][0]["S"], halted[0][0]["sc"]) == ("IWM", "2")
    assert resumed[0][0]["sc"] == "3"
    assert {m["T"] for frame in resumed[1:] for m in frame} == {"t", "q"}


@pytest.mark.parametrize("leave", ["close", "abort"])
async def test_a_key_is_free_however_its_connection_ended(
    market: SimulatedMarket, clock: Clock, leave: str
) -> None:
    async with AlpacaServer(market, clock.now) as server:
        async with connected(server, AUTH) as ws:
            await listen(ws, 1)
            ways: dict[str, Callable[[], object]] = {
                "close": ws.transport.close,
                "abort": ws.transport.abort,
            }
            ways[leave]()
        await asyncio.sleep(0.1)
        async with connected(server, AUTH) as ws:
            assert [await answer(ws), await answer(ws)] == [CONNECTED, AUTHENTICATED]
