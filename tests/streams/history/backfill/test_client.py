"""One venue that is busy, broken or in no mood: it is asked again where that is of use."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import pairwise
from random import Random

import pytest

from streams.history.backfill.client import Client
from streams.history.backfill.coinbase import Coinbase
from streams.history.backfill.errors import BusyError, HistoryError, RefusedError
from streams.history.backfill.source import MINUTE, Question
from streams.history.backfill.yahoo import Yahoo
from streams.instrument import NS
from tests.stand_ins.candle_venues import CoinbaseCandles, YahooCandles
from tests.stand_ins.candles import HANG_UP, SILENCE, too_many
from tests.stand_ins.http import Response
from tests.streams.history.backfill.setting import asking, at, clock

NOW = "2026-03-17T15:00:30"
QUESTION = Question("ETH-USD", MINUTE, at("2026-03-17T03:00:00"), at("2026-03-17T13:00:00"))
BROKEN = Response(503, b"", "text/plain")


@asynccontextmanager
async def coinbase(patience: float = 120.0) -> AsyncIterator[tuple[CoinbaseCandles, Client]]:
    async with (
        CoinbaseCandles(clock(NOW), "ETH-USD") as server,
        asking(Coinbase(), server, patience) as client,
    ):
        yield server, client


def waits(server: CoinbaseCandles) -> list[float]:
    return [after - before for before, after in pairwise(server.at)]


@pytest.mark.parametrize(
    ("fault", "least", "most"),
    [
        (too_many("7"), 7.5, 8.0),
        (too_many(None), 0.5, 1.0),
        (Response(418, b"", "text/plain", (("Retry-After", "60"),)), 60.5, 61.0),
        (BROKEN, 0.5, 1.0),
        (HANG_UP, 0.5, 1.0),
        (SILENCE, 20.5, 21.0),
    ],
    ids=["429", "429 without a word", "418", "503", "hang up", "silence"],
)
async def test_it_is_asked_again_after_as_long_as_the_venue_says(
    fault: Response, least: float, most: float
) -> None:
    async with coinbase() as (server, client):
        whole = await client.bars(QUESTION)
        server.asked.clear()
        server.at.clear()
        server.faults[1] = fault
        assert await client.bars(QUESTION) == whole
    assert len(server.asked) == 3
    assert server.asked[1] == server.asked[2]
    assert least <= waits(server)[1] <= most


async def test_a_date_after_which_to_ask_is_heeded() -> None:
    async with coinbase() as (server, client):
        then = datetime.fromtimestamp(at(NOW) // NS + 30, UTC)
        server.faults[0] = too_many(format_datetime(then, usegmt=True))
        await client.bars(QUESTION)
    assert 29.0 <= waits(server)[0] <= 31.5


async def test_a_venue_that_stays_broken_is_left_after_five_tries_ever_further_apart() -> None:
    async with coinbase() as (server, client):
        server.down = BROKEN
        with pytest.raises(BusyError, match="HTTP 503"):
            await client.bars(QUESTION)
    assert len(server.asked) == 5
    assert [0.5 * 2**n <= wait <= 2**n for n, wait in enumerate(waits(server))] == [True] * 4


async def test_a_venue_that_asks_for_too_long_a_rest_is_left_at_once() -> None:
    async with coinbase(patience=60.0) as (server, client):
        server.down = too_many("3600")
        with pytest.raises(RefusedError, match=r"HTTP 429 \(it wants 3600 s of rest\)"):
            await client.bars(QUESTION)
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 451, 301])
async def test_what_is_refused_is_asked_once(status: int) -> None:
    async with coinbase() as (server, client):
        server.down = Response(status, b"no", "text/plain", (("Location", "https://elsewhere"),))
        with pytest.raises(RefusedError, match=f"HTTP {status}"):
            await client.bars(QUESTION)
    assert len(server.asked) == 1


async def test_nobody_there_is_a_failure_without_an_address() -> None:
    async with coinbase() as (server, client):
        await server.__aexit__()
        with pytest.raises(HistoryError) as failure:
            await client.bars(QUESTION)
        await server.__aenter__()
    assert str(failure.value) == "ConnectError"


async def test_the_other_host_is_asked_after_a_refusal() -> None:
    async with (
        YahooCandles(clock(NOW), "ETH-USD") as first,
        YahooCandles(first.now, "ETH-USD") as second,
    ):
        first.down = too_many(None)
        source = Yahoo()
        source.bases = first.url, second.url  # type: ignore[misc]  # of this one alone
        client = Client(source, now=first.now, rng=Random(1))
        bars = await client.bars(QUESTION)
        await client.close()
    assert len(bars) > 500
    assert (len(first.asked), len(second.asked)) == (1, 1)


async def test_an_answer_of_any_length_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.history.backfill.client._LARGEST", 1000)
    async with coinbase() as (_, client):
        with pytest.raises(RefusedError, match="larger than 1,000 bytes"):
            await client.bars(QUESTION)
