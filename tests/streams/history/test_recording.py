from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import zstandard
from websockets.asyncio.client import connect

from daemon.clock import Clock
from daemon.demo import demo_config
from daemon.replay import recorded
from streams.history.recording import Playback, RecordingError, parse_line
from streams.simulator.market import SimulatedMarket
from streams.simulator.script import CALM
from streams.simulator.servers.coinbase import CoinbaseServer
from streams.tick import FeedEvent, FeedState, Item, Tick

CONFIG = demo_config({"coinbase": "ws://unused", "kraken": "ws://unused", "alpaca": "ws://unused"})
ADDRESS = "wss://ws-feed.exchange.coinbase.com"


def line(kind: str, ts: str, data: str | None = None, addr: str = ADDRESS) -> str:
    head = f'{{"t":"{kind}","conn":"COINBASE.ws.1","ts":{ts},"addr":"{addr}"'
    return head + (f',"data":{json.dumps(data)}}}' if data is not None else "}")


def match(number: int, price: str, time: str) -> str:
    return json.dumps(
        {
            "type": "match",
            "trade_id": number,
            "product_id": "ETH-USD",
            "price": price,
            "size": "1",
            "side": "buy",
            "time": time,
            "sequence": number,
        }
    )


def items(path: Path, lines: Iterable[str]) -> list[Item]:
    path.write_text("\n".join(lines) + "\n")
    return list(recorded(CONFIG, [path]))


def test_times_are_exact() -> None:
    parsed = parse_line(line("recv", "1786309548.123456789", "{}").encode())
    assert parsed is not None
    assert parsed.ts_ns == 1_786_309_548_123_456_789


def test_a_recording_becomes_the_items_of_a_feed(tmp_path: Path) -> None:
    found = items(
        tmp_path / "r.jsonl",
        [
            '{"t":"header","format":2}',
            line("connect", "1000.5"),
            line("send", "1000.6", "{}"),
            line("recv", "1001.25", match(7, "2000.10", "1970-01-01T00:16:41.2Z")),
            line("recv", "1001.50", match(9, "2000.20", "1970-01-01T00:16:41.4Z")),
            line("close", "1002.0", "1006"),
        ],
    )
    ticks = [item for item in found if isinstance(item, Tick)]
    events = [item for item in found if isinstance(item, FeedEvent)]
    assert [(t.price, t.ts_event, t.ts_recv) for t in ticks] == [
        (2000.10, 1_001_200_000_000, 1_001_250_000_000),
        (2000.20, 1_001_400_000_000, 1_001_500_000_000),
    ]
    states = [FeedState.CONNECTING, FeedState.LIVE, FeedState.GAP, FeedState.DOWN]
    assert [e.state for e in events] == states


def test_silence_in_a_recording_is_stale(tmp_path: Path) -> None:
    heartbeats = [
        line("recv", f"{second}.0", '{"type":"heartbeat","product_id":"ETH-USD"}')
        for second in range(1002, 1040)
    ]
    trade = line("recv", "1001.25", match(7, "2000", "1970-01-01T00:16:41.2Z"))
    found = items(tmp_path / "r.jsonl", [line("connect", "1000.5"), trade, *heartbeats])
    stale = [
        item.symbol
        for item in found
        if isinstance(item, FeedEvent) and item.state is FeedState.STALE
    ]
    assert stale == ["BTC-USD", "ETH-USD"]


def test_compressed_recordings_are_read_and_several_are_merged_in_time(tmp_path: Path) -> None:
    paths = []
    for n in (0, 1):
        path = tmp_path / f"{n}.jsonl.zst"
        text = "\n".join(
            line("recv", f"{1001 + n + 2 * k}.0", match(k + 1, "2000", "1970-01-01T00:16:41Z"))
            for k in range(3)
        )
        path.write_bytes(zstandard.compress(text.encode()))
        paths.append(path)
    stamps = [i.ts_recv for i in recorded(CONFIG, paths) if isinstance(i, Tick)]
    assert len(stamps) == 6
    assert stamps == sorted(stamps)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not json", ":1: not in the recorder's form"),
        (
            line("connect", "1000.5", addr="wss://ws.bitstamp.net/"),
            ":1: frames of wss://ws.bitstamp",
        ),
        ('{"t":"recv","data":"{}"}', ":1: a line without 'ts' or 'conn'"),
    ],
)
def test_what_cannot_be_replayed_is_said_with_its_line(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(RecordingError, match=message):
        items(tmp_path / "r.jsonl", [text])


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="No such file"):
        list(Playback([tmp_path / "none"], lambda _: None).items())


async def test_what_a_live_feed_receives_can_be_replayed(tmp_path: Path) -> None:
    market = SimulatedMarket(script=CALM)
    clock = Clock(asyncio.get_running_loop(), market.start_ns)
    hello = {
        "type": "subscribe",
        "product_ids": ["ETH-USD", "BTC-USD"],
        "channels": ["matches", "ticker", "heartbeat"],
    }

    def stamp() -> str:
        return f"{clock.now() // 10**9}.{clock.now() % 10**9:09d}"

    lines = []
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(CoinbaseServer(market, clock.now))
        ws = await stack.enter_async_context(connect(server.url, proxy=None))
        await ws.send(json.dumps(hello))
        lines.append(line("connect", stamp(), addr=server.url))
        while clock.now() < market.start_ns + 120 * 10**9:
            lines.append(line("recv", stamp(), str(await ws.recv()), addr=server.url))
    found = items(tmp_path / "r.jsonl", lines)
    trades = [item for item in found if isinstance(item, Tick) and item.kind == "trade"]
    tape = market.tape("coinbase", "ETH-USD")
    ours = [t.price for t in trades if t.symbol == "ETH-USD"][1:-1]
    theirs = tape.trade_price.tolist()
    assert ours
    assert any(theirs[n : n + len(ours)] == ours for n in range(3))
