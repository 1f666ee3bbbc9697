from __future__ import annotations

from pathlib import Path
from random import Random

import msgspec

from config.settings import History, Venue
from daemon.demo import demo_config
from daemon.doctor.finding import Finding, Verdict
from daemon.doctor.history import history
from daemon.doctor.rounds import examine
from streams.instrument import Instrument, Route
from tests.stand_ins.candle_venues import CoinbaseCandles, YahooCandles
from tests.stand_ins.candles import DAY, Candles, price, too_many
from tests.streams.history.backfill.setting import at, clock

NOW = "2026-03-17T15:00:30"
INSTRUMENTS = (
    Instrument("ETH", "24/7", (Route("coinbase", "ETH-USD"),)),
    Instrument("BTC", "24/7", (Route("coinbase", "BTC-USD"),)),
    Instrument("IWM", "NYSE", (Route("finnhub", "IWM"), Route("yahoo", "IWM"))),
)


async def found(*servers: Candles) -> dict[str, Finding]:
    venues = tuple(Venue(each.venue, rest=each.url) for each in servers)
    config = msgspec.structs.replace(
        demo_config({}),
        instruments=INSTRUMENTS,
        venues=venues,
        history=History(Path("nowhere"), 5, 730 * DAY),
    )
    checks = list(history(config, servers[0].now, Random(1)))
    findings = await examine(checks, lambda *_: None)
    return {check.name: finding for check, finding in zip(checks, findings, strict=True)}


async def test_each_history_is_asked_for_a_little_once() -> None:
    now = clock(NOW)
    async with CoinbaseCandles(now, "ETH-USD") as coinbase, YahooCandles(now, "IWM") as yahoo:
        findings = await found(coinbase, yahoo)
        assert (len(coinbase.asked), len(yahoo.asked)) == (1, 1)
    assert {name: finding.verdict for name, finding in findings.items()} == {
        "coinbase": Verdict.OK,
        "yahoo": Verdict.OK,
    }
    last = price("ETH-USD", at("2026-03-17T15:00:00"))
    assert findings["coinbase"].text == f"4 hourly bars of ETH-USD, the last at {last:,.2f}"
    assert findings["yahoo"].text.startswith("5 daily bars of IWM")


async def test_what_does_not_come_is_a_warning_with_a_remedy() -> None:
    now = clock(NOW)
    async with CoinbaseCandles(now) as coinbase, YahooCandles(now, "IWM") as yahoo:
        yahoo.down = too_many(None)
        findings = await found(coinbase, yahoo)
        assert len(yahoo.asked) == 1
    assert {finding.verdict for finding in findings.values()} == {Verdict.WARN}
    assert findings["coinbase"].text == "ETH-USD: HTTP 404"
    assert findings["yahoo"].remedy == "too many questions from this address: wait an hour"
