"""Each source against its venue's stand-in: what comes is what was asked for, whole and once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from pydantic import SecretStr

from streams.history.backfill.alpaca import Alpaca, Tape
from streams.history.backfill.binance import Binance
from streams.history.backfill.client import Client
from streams.history.backfill.coinbase import Coinbase
from streams.history.backfill.errors import RefusedError
from streams.history.backfill.kraken import Kraken
from streams.history.backfill.source import DAY, HOUR, MINUTE, Question, Source
from streams.history.backfill.yahoo import Yahoo
from tests.stand_ins.candle_venues import (
    KEY,
    SECRET,
    AlpacaCandles,
    BinanceCandles,
    CoinbaseCandles,
    KrakenCandles,
    YahooCandles,
)
from tests.stand_ins.candles import Candles, price, quiet
from tests.stand_ins.http import json_response
from tests.streams.history.backfill.setting import asking, at, clock

NOW = "2026-03-17T15:00:30"


def alpaca(tape: Tape) -> Alpaca:
    return Alpaca(SecretStr(KEY), SecretStr(SECRET), tape)


CRYPTO: list[tuple[Source, type[Candles], str, str]] = [
    (Coinbase(), CoinbaseCandles, "ETH-USD", "ETH-USD"),
    (Kraken(), KrakenCandles, "ETH/USD", "ETHUSD"),
    (Binance(), BinanceCandles, "ETHUSDT", "ETHUSDT"),
    (Yahoo(), YahooCandles, "ETH-USD", "ETH-USD"),
]


@pytest.fixture(params=CRYPTO, ids=[case[0].venue for case in CRYPTO])
async def venue(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Client, Candles, str, str]]:
    source, make, symbol, listed = request.param
    async with make(clock(NOW), listed) as server, asking(source, server) as client:
        yield client, server, symbol, listed


async def test_minutes_up_to_the_one_under_way_come_whole_and_once(
    venue: tuple[Client, Candles, str, str],
) -> None:
    client, server, symbol, listed = venue
    start, end = at("2026-03-17T04:00:00"), at("2026-03-18T00:00:00")
    bars = await client.bars(Question(symbol, MINUTE, start, end))
    over = at("2026-03-17T15:00:00")
    starts = [ts for ts in range(start, over, MINUTE) if not quiet(listed, ts, MINUTE)]
    assert [one.ts for one in bars] == [ts + MINUTE for ts in starts]
    assert [one.close for one in bars] == [price(listed, ts + MINUTE) for ts in starts]
    assert [one.open for one in bars] == [price(listed, ts) for ts in starts]
    assert all(one.high == max(one.open or 0, one.close) for one in bars)
    assert len(server.asked) <= 3


async def test_hours_go_as_far_back_as_the_venue_has_them(
    venue: tuple[Client, Candles, str, str],
) -> None:
    client, _, symbol, listed = venue
    start, end = at("2025-12-01T00:00:00"), at(NOW) // HOUR * HOUR
    bars = await client.bars(Question(symbol, HOUR, start, end))
    reach = client.source.reach(HOUR)
    first = max(start, end - (reach or end) + HOUR)
    assert [one.ts for one in bars] == list(range(first + HOUR, end + 1, HOUR))
    assert [one.close for one in bars] == [price(listed, one.ts) for one in bars]


async def test_a_symbol_that_is_not_there_is_refused_at_once(
    venue: tuple[Client, Candles, str, str],
) -> None:
    client, server, *_ = venue
    with pytest.raises(RefusedError):
        await client.bars(Question("NOPE", MINUTE, at("2026-03-17T14:00:00"), at(NOW)))
    assert len(server.asked) == 1


async def test_before_the_beginning_of_a_history_one_page_is_asked_for() -> None:
    began = at("2026-02-01T00:00:00")
    async with (
        CoinbaseCandles(clock(NOW), "ETH-USD", began=began) as server,
        asking(Coinbase(), server) as client,
    ):
        question = Question("ETH-USD", HOUR, at("2024-03-17T00:00:00"), at("2026-03-17T00:00:00"))
        bars = await client.bars(question, to_the_beginning=True)
    assert bars[0].ts == began + HOUR
    assert len(bars) == 44 * 24
    assert len(server.asked) == 5


SHARES: list[tuple[Callable[[], Source], type[Candles]]] = [
    (lambda: alpaca("sip"), AlpacaCandles),
    (Yahoo, YahooCandles),
]


@pytest.mark.parametrize(("source", "make"), SHARES)
@pytest.mark.parametrize(
    ("day", "opened", "closed"),
    [
        ("2026-03-16", "13:30:00", "20:00:00"),
        ("2026-03-06", "14:30:00", "21:00:00"),
        ("2025-11-28", "14:30:00", "18:00:00"),
    ],
    ids=["summer", "winter", "half day"],
)
async def test_a_daily_bar_is_of_its_session(
    source: Callable[[], Source], make: type[Candles], day: str, opened: str, closed: str
) -> None:
    async with make(clock(NOW), "IWM") as server, asking(source(), server) as client:
        close = at(f"{day}T{closed}")
        [bar] = await client.bars(Question("IWM", DAY, close - 17 * HOUR, close + 7 * HOUR))
    assert bar.close == price("IWM", close)
    assert bar.open == price("IWM", at(f"{day}T{opened}"))


async def test_pages_are_followed_by_their_token() -> None:
    async with AlpacaCandles(clock(NOW), "IWM") as server, asking(alpaca("iex"), server) as client:
        server.page = 100
        start = at("2026-03-16T13:30:00")
        bars = await client.bars(Question("IWM", MINUTE, start, start + 390 * MINUTE))
    starts = [
        start + n * MINUTE for n in range(390) if not quiet("IWM", start + n * MINUTE, MINUTE)
    ]
    assert [one.ts for one in bars] == [ts + MINUTE for ts in starts]
    assert len(server.asked) == 4


@pytest.mark.parametrize(("paid", "last"), [(False, "14:44:00"), (True, "15:00:00")])
async def test_the_tape_ends_where_the_plan_ends_and_no_other_follows(
    paid: bool,  # noqa: FBT001  # a parameter
    last: str,
) -> None:
    async with AlpacaCandles(clock(NOW), "IWM") as server, asking(alpaca("sip"), server) as client:
        server.paid = paid
        question = Question("IWM", MINUTE, at("2026-03-17T13:30:00"), at("2026-03-17T20:00:00"))
        bars = await client.bars(question)
    assert bars[-1].ts == at(f"2026-03-17T{last}")
    assert {one.close for one in bars} == {price("IWM", one.ts) for one in bars}
    assert not any("iex" in path for path in server.asked)


async def test_a_wrong_key_is_refused_and_not_told() -> None:
    async with (
        AlpacaCandles(clock(NOW), "IWM") as server,
        asking(Alpaca(SecretStr("mistyped"), SecretStr(SECRET), "iex"), server) as client,
    ):
        with pytest.raises(RefusedError, match="HTTP 403") as refusal:
            await client.bars(Question("IWM", MINUTE, at("2026-03-16T13:30:00"), at(NOW)))
    assert "mistyped" not in str(refusal.value)


async def test_what_kraken_says_in_an_answer_is_heard() -> None:
    async with KrakenCandles(clock(NOW), "ETHUSD") as server, asking(Kraken(), server) as client:
        server.faults[0] = json_response(200, {"error": ["EAPI:Rate limit exceeded"]})
        bars = await client.bars(Question("ETH/USD", MINUTE, at("2026-03-17T14:00:00"), at(NOW)))
    assert len(bars) > 50
    assert len(server.asked) == 2


@pytest.mark.parametrize("source", [Coinbase(), Kraken(), Binance(), Yahoo(), alpaca("iex")])
@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"null", b"[[1]]", b'{"chart": 3}', b'{"bars":7}']
)
def test_what_cannot_be_read_is_refused_or_empty(source: Source, body: bytes) -> None:
    question = Question("X", MINUTE, 0, MINUTE)
    try:
        assert source.parse(body, question).bars == []
    except RefusedError as refusal:
        assert "cannot be read" in str(refusal)  # noqa: PT017  # either is right


@pytest.mark.parametrize("close", ["0", "-1", "NaN", "1e400"])
def test_no_price_is_taken_that_is_none(close: str) -> None:
    body = f"[[60, 1, 1, 1, {close}, 1]]".encode()
    with pytest.raises(RefusedError):
        Coinbase().parse(body, Question("X", MINUTE, 0, MINUTE))


async def test_yahoo_is_asked_at_its_pace() -> None:
    async with YahooCandles(clock(NOW), "IWM") as server, asking(Yahoo(), server) as client:
        question = Question("IWM", DAY, at("2026-03-01T00:00:00"), at(NOW))
        async with asyncio.TaskGroup() as tasks:
            for n in range(12):
                tasks.create_task(client.bars(question), name=f"question {n}")
    assert [round(then - server.at[0]) for then in server.at] == [0] * 8 + [6, 12, 18, 24]
