"""What all venues share, shown on Coinbase."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from typing import Any, cast

import numpy as np
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, InvalidStatus

from daemon.clock import NS, Clock
from streams.simulator.faults import Refusal
from streams.simulator.market import SimulatedMarket
from streams.simulator.servers.alpaca import AlpacaServer
from streams.simulator.servers.coinbase import CoinbaseServer
from streams.simulator.servers.kraken import KrakenServer
from streams.simulator.servers.server import VenueServer
from tests.streams.simulator.servers.wire import answer, connected, listen, ns, raw

SUBSCRIBE = {
    "type": "subscribe",
    "product_ids": ["ETH-USD"],
    "channels": ["matches", "heartbeat"],
}
SERVERS = [CoinbaseServer, KrakenServer, AlpacaServer]


def _ids(frames: list[Any]) -> list[int]:
    return [f["trade_id"] for f in frames if f["type"] == "match"]


async def _refused(server: VenueServer) -> InvalidStatus:
    with pytest.raises(InvalidStatus) as caught:
        await connect(server.url, proxy=None)
    return caught.value


@pytest.mark.parametrize("kind", SERVERS)
async def test_a_server_that_nobody_uses_starts_and_ends(
    market: SimulatedMarket, clock: Clock, kind: type[VenueServer]
) -> None:
    async with kind(market, clock.now):
        await asyncio.sleep(5)
    assert not [t for t in asyncio.all_tasks() if t.get_name().startswith("simulator")]


async def test_time_goes_on_where_nobody_is_connected(
    market: SimulatedMarket, clock: Clock
) -> None:
    async with CoinbaseServer(market, clock.now) as server:
        await asyncio.sleep(100)
        async with connected(server, SUBSCRIBE) as ws:
            frames = await listen(ws, 10)
    traded = [ns(f["time"]) for f in frames if f["type"] in {"match", "last_match"}]
    assert market.start_ns + 95 * NS < traded[0] <= market.start_ns + 100 * NS


async def test_a_server_that_starts_late_does_not_send_the_past(market: SimulatedMarket) -> None:
    clock = Clock(asyncio.get_running_loop(), market.start_ns + 100 * NS)
    async with CoinbaseServer(market, clock.now) as server, connected(server, SUBSCRIBE) as ws:
        frames = await listen(ws, 10)
    tape = market.tape("coinbase", "ETH-USD")
    passed = np.searchsorted(tape.trade_ts, market.start_ns + 100 * NS)
    ids = _ids(frames)
    assert ids[0] == pytest.approx(tape.listing.first_id + passed, abs=1)
    assert (np.diff(ids) == 1).all()


async def test_heartbeats_outlive_the_market(market: SimulatedMarket) -> None:
    clock = Clock(asyncio.get_running_loop(), market.end_ns - 5 * NS)
    async with CoinbaseServer(market, clock.now) as server, connected(server, SUBSCRIBE) as ws:
        frames = await listen(ws, 60)
    assert frames[-1]["type"] == "heartbeat"
    assert ns(frames[-1]["time"]) > market.end_ns + 50 * NS


async def test_the_pump_wakes_no_more_often_than_it_has_reason_to(
    market: SimulatedMarket, clock: Clock
) -> None:
    asked = 0

    def now() -> int:
        nonlocal asked
        asked += 1
        return clock.now()

    async with CoinbaseServer(market, now):
        await asyncio.sleep(100)
    # 6 prints a second and a beat, and the clock is read twice at each wake.
    assert asked < 100 * 7 * 2 * 1.3


async def test_an_unknown_path_is_not_found(market: SimulatedMarket, clock: Clock) -> None:
    async with KrakenServer(market, clock.now) as server:
        with pytest.raises(InvalidStatus) as caught:
            await connect(server.url.replace("/v2", "/v1"), proxy=None)
    assert caught.value.response.status_code == 404


@pytest.mark.parametrize(("status", "after"), [(503, None), (429, 30), (401, None)])
async def test_connections_are_refused(
    market: SimulatedMarket, clock: Clock, status: int, after: int | None
) -> None:
    async with CoinbaseServer(market, clock.now) as server, connected(server, SUBSCRIBE) as ws:
        await answer(ws)
        server.faults.refuse = Refusal(status, after)
        response = (await _refused(server)).response
        assert response.status_code == status
        assert response.headers.get("Retry-After") == (None if after is None else str(after))
        # Those inside stay.
        assert await listen(ws, 5)
        server.faults.refuse = None
        async with connected(server):
            pass


@pytest.mark.parametrize("code", [1000, 1008])
async def test_connections_are_accepted_and_closed(
    market: SimulatedMarket, clock: Clock, code: int
) -> None:
    async with CoinbaseServer(market, clock.now) as server:
        server.faults.close_on_open = code
        async with connect(server.url, proxy=None) as ws:
            with pytest.raises(ConnectionClosed) as caught:
                await ws.recv()
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == code


async def test_a_mute_server_beats_and_answers_pings_but_sends_no_data(
    market: SimulatedMarket, clock: Clock
) -> None:
    async with CoinbaseServer(market, clock.now) as server, connected(server, SUBSCRIBE) as ws:
        before = _ids(await listen(ws, 10))
        server.faults.mute = True
        quiet = await listen(ws, 30)
        await asyncio.wait_for(await ws.ping(), 1)
        server.faults.mute = False
        after = _ids(await listen(ws, 10))
    assert {f["type"] for f in quiet} == {"heartbeat"}
    assert len(quiet) == 30
    assert after[0] > before[-1] + 10


async def test_a_half_open_server_says_nothing_at_all(
    market: SimulatedMarket, clock: Clock
) -> None:
    async with CoinbaseServer(market, clock.now) as server, connected(server, SUBSCRIBE) as ws:
        await listen(ws, 5)
        server.clients.freeze()
        pong = cast("asyncio.Future[float]", await ws.ping())
        assert await listen(ws, 60) == []
        assert not pong.done()
        with pytest.raises(TimeoutError):
            await connect(server.url, proxy=None, open_timeout=5)
        server.clients.thaw()
        assert await listen(ws, 5)
        assert pong.done()


async def test_keepalive_finds_a_half_open_server(market: SimulatedMarket, clock: Clock) -> None:
    async with (
        CoinbaseServer(market, clock.now) as server,
        connected(server, SUBSCRIBE, ping_interval=20, ping_timeout=20) as ws,
    ):
        await listen(ws, 5)
        server.clients.freeze()
        with pytest.raises(ConnectionClosedError):
            await ws.recv()
        assert 25 * NS < clock.now() - market.start_ns < 60 * NS


async def test_garbage_is_strewn_among_good_frames(market: SimulatedMarket, clock: Clock) -> None:
    async with CoinbaseServer(market, clock.now) as server, connected(server, SUBSCRIBE) as ws:
        server.faults.garbage = True
        frames = [f for _, f in await raw(ws, 30)]
    good, bad = [], 0
    for frame in frames:
        try:
            read = json.loads(frame)
            good.append(int(read["trade_id"]) if read["type"] == "match" else 0)
        except (ValueError, TypeError):
            bad += 1
    ids = [one for one in good if one]
    assert bad == len(ids) > 30
    assert (np.diff(ids) == 1).all()


@pytest.mark.parametrize("size", [1_000_000, 5_000_000])
@pytest.mark.parametrize("kind", SERVERS)
async def test_a_giant_frame_is_valid_and_of_unknown_kind(
    market: SimulatedMarket, clock: Clock, kind: type[VenueServer], size: int
) -> None:
    async with kind(market, clock.now) as server, connected(server) as ws:
        await listen(ws, 1)
        server.giant(size)
        frame = await ws.recv()
        assert len(frame) == size
        json.loads(frame)


async def test_frames_come_twice(market: SimulatedMarket, clock: Clock) -> None:
    async with CoinbaseServer(market, clock.now) as server, connected(server, SUBSCRIBE) as ws:
        server.faults.duplicate = True
        ids = _ids(await listen(ws, 10))
    assert ids == [one for one in dict.fromkeys(ids) for _ in range(2)]
    assert len(ids) > 10


async def test_frames_come_in_reverse_order(market: SimulatedMarket, clock: Clock) -> None:
    async with CoinbaseServer(market, clock.now) as server, connected(server, SUBSCRIBE) as ws:
        server.faults.swap = True
        ids = _ids(await listen(ws, 10))
    assert set(np.diff(ids).tolist()) == {-1, 3}


async def test_a_fast_clock_stamps_the_future(market: SimulatedMarket, clock: Clock) -> None:
    async with CoinbaseServer(market, clock.now) as server, connected(server, SUBSCRIBE) as ws:
        server.faults.ahead = 2.0
        await answer(ws)
        frame = await answer(ws)
        assert 1.95 < (ns(frame["time"]) - clock.now()) / NS <= 2.0


async def test_connections_are_cut(market: SimulatedMarket, clock: Clock) -> None:
    async with CoinbaseServer(market, clock.now) as server, connected(server, SUBSCRIBE) as ws:
        await answer(ws)
        server.clients.cut()
        with pytest.raises(ConnectionClosedError) as caught:
            await listen(ws, 60)
        assert caught.value.rcvd is None


async def test_connections_are_closed_politely(market: SimulatedMarket, clock: Clock) -> None:
    async with CoinbaseServer(market, clock.now) as server, connected(server, SUBSCRIBE) as ws:
        await answer(ws)
        await server.clients.close(1001, "maintenance")
        with pytest.raises(ConnectionClosed) as caught:
            await listen(ws, 60)
    assert caught.value.rcvd is not None
    assert (caught.value.rcvd.code, caught.value.rcvd.reason) == (1001, "maintenance")


@pytest.mark.parametrize("kind", SERVERS)
async def test_the_scripted_outage_cuts_everyone_and_refuses_until_its_end(
    market: SimulatedMarket, clock: Clock, kind: type[VenueServer]
) -> None:
    async with kind(market, clock.now) as server:
        await asyncio.sleep(299)
        async with connected(server) as ws:
            with pytest.raises(ConnectionClosedError):
                await listen(ws, 10)
            assert (clock.now() - market.start_ns) / NS == pytest.approx(300, abs=0.01)
        assert (await _refused(server)).response.status_code == 503
        await asyncio.sleep(59)
        assert (await _refused(server)).response.status_code == 503
        await asyncio.sleep(1.1)
        async with connected(server):
            pass


async def test_a_client_that_does_not_read_is_dropped_before_it_fills_memory(
    market: SimulatedMarket, clock: Clock
) -> None:
    async with (
        CoinbaseServer(market, clock.now) as server,
        connected(server, SUBSCRIBE, max_queue=1) as ws,
    ):
        await asyncio.sleep(5)
        for _ in range(20):
            server.giant(5_000_000)
            await asyncio.sleep(0.01)
        assert not list(server.clients)
        with pytest.raises(ConnectionClosedError):
            await raw(ws, 60)


async def test_a_frozen_server_ends_at_once(market: SimulatedMarket, clock: Clock) -> None:
    async with AsyncExitStack() as stack, CoinbaseServer(market, clock.now) as server:
        ws = await stack.enter_async_context(connected(server, SUBSCRIBE))
        await answer(ws)
        server.clients.freeze()
    assert clock.now() - market.start_ns < 2 * NS


async def test_an_error_of_the_body_comes_out_as_it_is(
    market: SimulatedMarket, clock: Clock
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with CoinbaseServer(market, clock.now):
            raise ZeroDivisionError
