"""The connection loop against small servers that misbehave, each in its own way."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from itertools import chain, pairwise, repeat
from typing import Any

import pytest
from pydantic import SecretStr
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from streams.feeds.alpaca import Alpaca
from streams.feeds.coinbase import Coinbase
from streams.feeds.feed import Feed
from streams.feeds.finnhub import Finnhub
from streams.feeds.kraken import Kraken
from streams.feeds.venue import Venue
from streams.feeds.yahoo import Yahoo
from streams.tick import FeedEvent, Item, Tick

NS = 1_000_000_000
START = 1_783_465_097 * NS
ETH = "ETH-USD"

Handler = Callable[[ServerConnection], Awaitable[None]]


def match(number: int, symbol: str = ETH) -> str:
    frame = {"type": "match", "product_id": symbol, "trade_id": number, "price": "5", "size": "1"}
    return json.dumps(frame | {"time": "2026-07-07T22:58:17Z"})


class Followed:
    """A feed at work, and what it has emitted with the seconds since it began."""

    def __init__(self, venue: Venue[float], url: str, **options: Any) -> None:
        loop = asyncio.get_running_loop()
        self._began = loop.time()
        self.log: list[tuple[float, Item]] = []
        self.due = True
        settings: dict[str, Any] = {"stale_after": 60.0, "rng": random.Random(1)} | options
        self.feed = Feed(
            venue,
            emit=lambda item: self.log.append((loop.time() - self._began, item)),
            now=lambda: START + round((loop.time() - self._began) * NS),
            due=lambda *_: self.due,
            url=url,
            proxy=None,
            **settings,
        )

    @property
    def states(self) -> list[str]:
        return [item.state.value for _, item in self.log if isinstance(item, FeedEvent)]

    @property
    def reasons(self) -> list[str]:
        return [item.reason for _, item in self.log if isinstance(item, FeedEvent)]

    @property
    def ids(self) -> list[int | str | None]:
        return [item.id for _, item in self.log if isinstance(item, Tick)]


@asynccontextmanager
async def serving(handler: Handler, **options: Any) -> AsyncIterator[str]:
    async def quietly(ws: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            await handler(ws)

    quiet = logging.getLogger("tests.server")
    quiet.setLevel(logging.CRITICAL)
    settings: dict[str, Any] = {"max_size": None, "logger": quiet} | options
    server: Server
    async with serve(quietly, "127.0.0.1", 0, **settings) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def follow(
    handler: Handler,
    seconds: float,
    venue: Venue[float] | None = None,
    *,
    server: dict[str, Any] | None = None,
    **options: Any,
) -> Followed:
    """What a feed makes of a server in so many seconds."""
    async with serving(handler, **(server or {})) as url:
        followed = Followed(venue or Coinbase((ETH,), float), url, **options)
        await run_for(followed.feed, seconds)
    return followed


async def run_for(feed: Feed, seconds: float) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(feed.run(), seconds)


async def mute(ws: ServerConnection) -> None:
    await ws.wait_closed()


async def hang_up(ws: ServerConnection) -> None:
    await ws.close()


def once_a_second(number: int = 0) -> Handler:
    """Trades with ids that go on rising from one connection to the next."""
    ids = iter(range(number, 10**9))

    async def handler(ws: ServerConnection) -> None:
        while True:
            await ws.send(match(next(ids)))
            await asyncio.sleep(1)

    return handler


async def test_good_venue_is_connecting_then_live_and_its_ticks_carry_our_time() -> None:
    followed = await follow(once_a_second(), 10.5)
    assert followed.states == ["connecting", "live"]
    assert followed.ids == list(range(11))
    ticks = [(at, item) for at, item in followed.log if isinstance(item, Tick)]
    assert all(item.ts_recv == START + round(at * NS) for at, item in ticks)
    assert followed.feed.counts.connects == 1


async def test_subscription_is_sent_at_once() -> None:
    got: list[Any] = []

    async def handler(ws: ServerConnection) -> None:
        got.append(json.loads(await ws.recv()))
        await mute(ws)

    await follow(handler, 1)
    assert got == [
        {
            "type": "subscribe",
            "product_ids": [ETH],
            "channels": ["matches", "ticker", "heartbeat"],
        }
    ]


async def test_yahoo_subscription_is_repeated() -> None:
    at: list[float] = []
    clock = asyncio.get_running_loop().time

    async def handler(ws: ServerConnection) -> None:
        while await ws.recv():
            at.append(clock())

    await follow(handler, 50, Yahoo(("IWM",), float))
    assert [round(later - at[0]) for later in at] == [0, 15, 30, 45]


async def test_server_that_accepts_and_hangs_up_is_not_stormed() -> None:
    followed = await follow(hang_up, 3600)
    assert 60 < followed.feed.counts.connects < 180
    assert followed.states == ["connecting", "down"]


async def test_server_that_gives_a_trade_and_hangs_up_is_not_stormed() -> None:
    ids = iter(range(10**6))

    async def handler(ws: ServerConnection) -> None:
        await ws.send(match(next(ids)))

    followed = await follow(handler, 3600)
    assert 500 < followed.feed.counts.connects <= 610
    assert followed.feed.counts.ticks == followed.feed.counts.connects


@pytest.mark.parametrize("code", [1000, 1001, 1011, 4000])
async def test_close_by_the_venue_is_a_loss_and_is_mended(code: int) -> None:
    ids = iter(range(100))

    async def handler(ws: ServerConnection) -> None:
        await ws.send(match(next(ids)))
        await asyncio.sleep(5)
        await ws.close(code, "so long")

    followed = await follow(handler, 9)
    assert followed.states[:4] == ["connecting", "live", "down", "live"]
    assert str(code) in followed.reasons[2]
    assert "so long" in followed.reasons[2]


async def test_connection_cut_without_a_word_is_a_loss() -> None:
    async def handler(ws: ServerConnection) -> None:
        await ws.send(match(1))
        ws.transport.abort()

    followed = await follow(handler, 0.5)
    assert followed.states[:3] == ["connecting", "live", "down"]


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
async def test_http_refusal_never_ends_the_loop(status: int) -> None:
    open_ = asyncio.Event()

    def refuse(ws: ServerConnection, _: Request) -> Response | None:
        return None if open_.is_set() else ws.respond(status, "no")

    async with serving(once_a_second(), process_request=refuse) as url:
        followed = Followed(Coinbase((ETH,), float), url)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(followed.feed.run(), name="feed")
            await asyncio.sleep(1800)
            assert followed.states == ["connecting", "down"]
            assert str(status) in followed.reasons[1]
            assert 25 < followed.feed.counts.connects < 100
            open_.set()
            await asyncio.sleep(90)
            running.cancel()
    assert followed.states == ["connecting", "down", "live"]


async def test_retry_after_is_honoured() -> None:
    at: list[float] = []

    def refuse(ws: ServerConnection, _: Request) -> Response:
        at.append(asyncio.get_running_loop().time())
        response = ws.respond(429, "no")
        response.headers["Retry-After"] = "300"
        return response

    await follow(mute, 1000, server={"process_request": refuse})
    assert len(at) == 4
    assert all(300 <= later - first < 362 for first, later in pairwise(at))


async def test_redirects_without_end_never_end_the_loop() -> None:
    def redirect(ws: ServerConnection, _: Request) -> Response:
        response = ws.respond(302, "there")
        response.headers["Location"] = "/?token=to-ken"
        return response

    venue = Finnhub(("IWM",), float, token=SecretStr("to-ken"))
    followed = await follow(mute, 300, venue, server={"process_request": redirect})
    assert followed.states == ["connecting", "down"]
    assert "redirect" in followed.reasons[1]


async def test_host_that_cannot_be_resolved_never_ends_the_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def unresolved(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unresolved)
    followed = Followed(Coinbase((ETH,), float), "ws://nowhere.invalid")
    await run_for(followed.feed, 3600)
    assert followed.states == ["connecting", "down"]
    assert followed.reasons[1] == "the host's name cannot be resolved"
    assert 60 < followed.feed.counts.connects < 180


async def test_address_that_is_none_never_ends_the_loop() -> None:
    followed = Followed(Coinbase((ETH,), float), "https://example.invalid")
    await run_for(followed.feed, 600)
    assert followed.reasons[1] == "the address is not one of a WebSocket"


async def test_server_that_does_not_answer_is_timed_out() -> None:
    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(swallow, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        followed = Followed(Coinbase((ETH,), float), f"ws://127.0.0.1:{port}", open_timeout=5.0)
        await run_for(followed.feed, 60)
    assert followed.reasons[1] == "timed out"


async def test_mute_server_is_stale_and_is_left_but_not_stormed() -> None:
    followed = await follow(mute, 3600, stale_after=30.0)
    assert followed.states == ["connecting", "stale"]
    assert followed.reasons[1] == "no data for 30 s"
    assert 3600 / 95 < followed.feed.counts.connects < 3600 / 40


async def test_server_that_only_beats_its_heart_is_stale() -> None:
    async def handler(ws: ServerConnection) -> None:
        await ws.send(match(1))
        while True:
            await ws.send('{"type":"heartbeat"}')
            await asyncio.sleep(1)

    followed = await follow(handler, 45, stale_after=30.0)
    assert followed.states == ["connecting", "live", "stale"]
    assert followed.feed.counts.connects == 2
    (stale_at,) = (at for at, e in followed.log if isinstance(e, FeedEvent) and e.state == "stale")
    assert 30 <= stale_at <= 31.1


async def test_frozen_peer_that_answers_nothing_is_left() -> None:
    """Half-open: frames are taken by the kernel, and neither pongs nor data come back."""

    async def handler(ws: ServerConnection) -> None:
        await ws.send(match(1))
        ws.transport.pause_reading()
        await asyncio.sleep(10_000)

    followed = await follow(handler, 120, stale_after=600.0)
    assert followed.states[:3] == ["connecting", "live", "down"]
    assert followed.reasons[2] == "our pings were not answered"


async def test_silence_outside_hours_is_closed_and_the_connection_is_kept() -> None:
    async with serving(mute) as url:
        followed = Followed(Coinbase((ETH,), float), url)
        followed.due = False
        await run_for(followed.feed, 12 * 3600)
    assert followed.states == ["connecting", "closed"]
    assert followed.feed.counts.connects == 1


async def test_frames_that_cannot_be_read_cost_nothing_else() -> None:
    async def handler(ws: ServerConnection) -> None:
        for frame in ("{", b"\x00\xff", "[1]", '{"type":"match"}', "", match(1)):
            await ws.send(frame)
        await mute(ws)

    followed = await follow(handler, 5)
    assert followed.ids == [1]
    assert followed.feed.counts.errors == 5
    assert followed.states == ["connecting", "live"]


async def test_frame_of_a_megabyte_is_read() -> None:
    async def handler(ws: ServerConnection) -> None:
        await ws.send(json.dumps({"type": "snapshot", "asks": [["1774.93", "0.56"]] * 60_000}))
        await ws.send(match(1))
        await mute(ws)

    followed = await follow(handler, 5)
    assert followed.ids == [1]
    assert followed.feed.counts.ignored == 1


async def test_frame_beyond_the_limit_costs_the_connection_only() -> None:
    ids = iter(range(100))

    async def handler(ws: ServerConnection) -> None:
        await ws.send(match(next(ids)))
        await ws.send("x" * 2_000)
        await mute(ws)

    followed = await follow(handler, 30, max_size=1_000)
    assert followed.states[:4] == ["connecting", "live", "down", "live"]
    assert followed.reasons[2] == "a frame was larger than we take"


async def test_hole_over_a_reconnection_is_a_gap_and_repeats_are_dropped() -> None:
    batches = iter([(1, 2, 3), (3, 4), (9,)])

    async def handler(ws: ServerConnection) -> None:
        for number in next(batches, ()):
            await ws.send(match(number))

    followed = await follow(handler, 20)
    assert followed.ids == [1, 2, 3, 4, 9]
    assert followed.feed.counts.duplicates == 1
    assert "4 trades missing after 4" in followed.reasons


async def test_error_before_any_data_costs_the_connection_and_is_told() -> None:
    async def handler(ws: ServerConnection) -> None:
        await ws.send('{"type":"error","message":"Failed to subscribe","reason":"no such product"}')
        await mute(ws)

    followed = await follow(handler, 600)
    assert followed.states == ["connecting", "down"]
    assert followed.reasons[1] == "Failed to subscribe: no such product"


async def test_error_amid_data_is_borne() -> None:
    async def handler(ws: ServerConnection) -> None:
        await ws.send(match(1))
        await ws.send('{"type":"error","message":"hiccup"}')
        await ws.send(match(2))
        await mute(ws)

    followed = await follow(handler, 5)
    assert followed.ids == [1, 2]
    assert followed.states == ["connecting", "live"]


async def test_pair_that_kraken_refuses_leaves_the_other_alone() -> None:
    trade = {"symbol": "ETH/USD", "price": 5, "qty": 1, "trade_id": 1}
    trade |= {"timestamp": "2026-07-07T22:58:17Z"}

    async def handler(ws: ServerConnection) -> None:
        error = {"method": "subscribe", "success": False, "error": "unknown", "symbol": "X/Y"}
        await ws.send(json.dumps(error))
        await ws.send(json.dumps({"channel": "trade", "data": [trade]}))
        await mute(ws)

    followed = await follow(handler, 30, Kraken(("ETH/USD", "X/Y"), float))
    events = [item for _, item in followed.log if isinstance(item, FeedEvent)]
    assert [(e.symbol, e.state.value) for e in events] == [
        (None, "connecting"),
        ("X/Y", "down"),
        ("ETH/USD", "live"),
    ]


def alpaca() -> Alpaca[float]:
    key, secret = SecretStr("the-key"), SecretStr("the-secret")
    return Alpaca(("IWM",), float, key=key, secret=secret, endpoint="test")


async def test_alpaca_says_who_we_are_then_what_we_want() -> None:
    got: list[Any] = []
    trade = {"T": "t", "S": "IWM", "i": 1, "p": 245.5, "s": 1, "t": "2026-07-07T22:58:17Z"}

    async def handler(ws: ServerConnection) -> None:
        for message in ("connected", "authenticated"):
            await ws.send(json.dumps([{"T": "success", "msg": message}]))
            got.append(json.loads(await ws.recv())["action"])
        await ws.send(json.dumps([trade]))
        await mute(ws)

    followed = await follow(handler, 5, alpaca())
    assert got == ["auth", "subscribe"]
    assert followed.states == ["connecting", "live"]


@pytest.mark.parametrize(
    ("code", "most", "says"),
    [(402, 125, "key and secret"), (406, 180, "close the other"), (409, 125, "`iex`")],
)
async def test_alpaca_refusal_is_told_in_a_sentence_and_retried_slowly(
    code: int, most: int, says: str
) -> None:
    async def handler(ws: ServerConnection) -> None:
        await ws.send('[{"T":"success","msg":"connected"}]')
        await ws.send(json.dumps([{"T": "error", "code": code, "msg": "the-secret the-key"}]))

    followed = await follow(handler, 3600, alpaca())
    assert followed.states == ["connecting", "down"]
    assert says in followed.reasons[1]
    assert 50 < followed.feed.counts.connects < most


async def test_secrets_are_in_no_log_event_or_repr(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("websockets").setLevel(logging.NOTSET)

    async def handler(ws: ServerConnection) -> None:
        if next(turns):
            await ws.send('{"type":"trade","data":[{"s":"IWM","p":5,"t":1783465097000}]}')
        await ws.send('{"type":"error","msg":"token to-ken is no good"}')
        await ws.close(1008, "to-ken")

    turns = chain("y", [""], repeat("y"))
    venue = Finnhub(("IWM",), float, token=SecretStr("to-ken"))
    followed = await follow(handler, 300, venue)
    assert "Finnhub: token *** is no good" in caplog.text
    shown = f"{caplog.text} {followed.log} {followed.feed!r} {venue!r}"
    assert "***" in shown
    assert "to-ken" not in shown


async def test_cancelling_closes_the_connection() -> None:
    closed: list[int | None] = []

    async def handler(ws: ServerConnection) -> None:
        await ws.send(match(1))
        await ws.wait_closed()
        closed.append(ws.close_code)

    async with serving(handler) as url:
        followed = Followed(Coinbase((ETH,), float), url)
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(followed.feed.run(), name="feed")
            await asyncio.sleep(5)
            running.cancel()
    assert closed == [1000]
    assert not [task for task in asyncio.all_tasks() if "coinbase" in task.get_name()]


async def test_fault_of_our_own_is_not_taken_for_a_loss() -> None:
    def broken(_: Item) -> None:
        if isinstance(_, Tick):
            raise ZeroDivisionError

    async with serving(once_a_second()) as url:
        feed = Feed(
            Coinbase((ETH,), float),
            emit=broken,
            now=lambda: START,
            due=lambda *_: True,
            stale_after=60,
            rng=random.Random(1),
            url=url,
            proxy=None,
        )
        with pytest.raises(ExceptionGroup) as caught:
            await asyncio.wait_for(feed.run(), 100)
    assert caught.group_contains(ZeroDivisionError)
