"""The kernel's word on the clock, and the venues'."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from email.utils import formatdate
from pathlib import Path

import msgspec
import pytest

from config.load import load
from config.settings import Config, Venue
from daemon.clock import Clock
from daemon.doctor.clocks import against_venues, kernel_status, offset, synchronised
from daemon.doctor.finding import Finding, Verdict
from streams.instrument import NS
from tests.config.folder import write
from tests.stand_ins.broker import free_port
from tests.stand_ins.http import HttpServer, Request, Response

START = 1_773_756_000


class Dated:
    """A venue that refuses everything, with its own clock's `Date`."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.dated = True
        self.http = HttpServer(self._answer)

    async def _answer(self, _: Request) -> Response:
        date = formatdate(START + asyncio.get_running_loop().time() + self.ahead, usegmt=True)
        headers = (("Date", date),) if self.dated else ()
        return Response(403, b"", headers=headers)


@pytest.fixture
async def venues() -> AsyncIterator[list[Dated]]:
    made = [Dated() for _ in range(3)]
    for each in made:
        await each.http.start()
    yield made
    for each in made:
        await each.http.stop()


async def asked(folder: Path, ports: list[int]) -> Finding:
    names = ("coinbase", "kraken", "binance")
    urls = (f"ws://127.0.0.1:{port}/v2" for port in ports)
    config: Config = msgspec.structs.replace(
        load(write(folder)),
        venues=tuple(Venue(name, url) for name, url in zip(names, urls, strict=False)),
    )
    loop = asyncio.get_running_loop()
    clock = Clock(loop, round((START + loop.time()) * NS))
    return await against_venues(config, clock.now)


async def test_a_clock_that_agrees_with_the_venues_is_right(
    venues: list[Dated], tmp_path: Path
) -> None:
    finding = await asked(tmp_path, [each.http.port for each in venues])
    assert finding.verdict is Verdict.OK
    assert "Date headers of 3 venues, to ±0.5 s" in finding.text


@pytest.mark.parametrize(
    ("ahead", "verdict", "said"),
    [
        (1.8, Verdict.WARN, "s behind (Date"),
        (60, Verdict.FAIL, "s behind (Date"),
        (-60, Verdict.FAIL, "s ahead (Date"),
    ],
)
async def test_a_clock_that_is_off_is_told_by_how_much(
    venues: list[Dated], tmp_path: Path, ahead: float, verdict: Verdict, said: str
) -> None:
    for each in venues:
        each.ahead = ahead
    finding = await asked(tmp_path, [each.http.port for each in venues])
    assert finding.verdict is verdict
    assert said in finding.text
    assert "time synchronisation" in finding.remedy


async def test_one_venue_whose_clock_is_wrong_is_outvoted(
    venues: list[Dated], tmp_path: Path
) -> None:
    venues[1].ahead = 3600
    finding = await asked(tmp_path, [each.http.port for each in venues])
    assert finding.verdict is Verdict.OK


async def test_venues_without_a_date_or_an_answer_are_left_out(
    venues: list[Dated], tmp_path: Path
) -> None:
    venues[0].dated = False
    ports = [venues[0].http.port, venues[1].http.port, free_port()]
    assert "of 1 venue," in (await asked(tmp_path, ports)).text
    finding = await asked(tmp_path, [free_port()])
    assert (finding.verdict, finding.text) == (Verdict.WARN, "no venue told its time")


def test_an_offset_is_as_wide_as_a_header_and_the_way_there_and_back() -> None:
    assert offset(100.0, 99.9, 100.3) == offset(100, 99.9, 100.3)
    assert offset(100.0, 99.9, 100.3).sure == 0.0
    assert offset(105.0, 99.9, 100.3).sure == pytest.approx(4.7)
    assert offset(95.0, 99.9, 100.3).sure == pytest.approx(-3.9)


@pytest.mark.parametrize(
    ("word", "verdict"), [(0x2001, Verdict.OK), (0x2041, Verdict.WARN), (None, Verdict.OK)]
)
def test_the_kernels_word_is_taken(word: int | None, verdict: Verdict) -> None:
    assert synchronised(lambda: word).verdict is verdict


def test_the_kernel_answers_with_flags_that_it_knows() -> None:
    word = kernel_status()
    assert word is None or 0 <= word < 0x10000
