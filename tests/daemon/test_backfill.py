"""Who is asked for what, by configuration."""

from __future__ import annotations

import logging
from pathlib import Path
from random import Random

import msgspec
import pytest
from pydantic import SecretStr

from config.settings import Config, History, Venue
from daemon.backfill import comparing_hours, make_backfill
from daemon.demo import SERVERS, demo_config
from streams.history.backfill.backfill import Backfill
from streams.instrument import Instrument, Route
from tests.stand_ins.candles import DAY
from tests.streams.history.backfill.setting import here

ETH = Instrument(
    "ETH", "24/7", (Route("coinbase", "ETH-USD"), Route("kraken", "ETH/USD"), Route("binance", "E"))
)
IWM = Instrument(
    "IWM", "NYSE", (Route("alpaca", "IWM"), Route("finnhub", "IWM"), Route("yahoo", "IWM"))
)
ALPACA = Venue("alpaca", key=SecretStr("k"), secret=SecretStr("s"))


def config(
    folder: Path, *venues: Venue, instruments: tuple[Instrument, ...] = (ETH, IWM)
) -> Config:
    given = {venue.name: venue for venue in venues}
    used = dict.fromkeys(route.venue for each in instruments for route in each.routes)
    return msgspec.structs.replace(
        demo_config({}),
        instruments=instruments,
        venues=tuple(given.get(name, Venue(name)) for name in used),
        history=History(folder, 5, 730 * DAY),
    )


def made(given: Config) -> Backfill:
    backfill = make_backfill(
        given, now=lambda: 0, rng=Random(1), run=here, on_closes=lambda *_: None
    )
    assert backfill is not None
    return backfill


def histories(given: Config) -> dict[str, tuple[list[str], list[str]]]:
    return {
        one.name: ([each.name for each in one.minutes], [each.name for each in one.closes])
        for one in made(given)._wanted
    }


def test_venues_are_asked_in_the_order_of_the_feeds(tmp_path: Path) -> None:
    crypto = ["coinbase", "kraken", "binance"]
    assert histories(config(tmp_path, ALPACA)) == {
        "ETH": (crypto, crypto),
        "IWM": (["alpaca-iex", "yahoo"], ["alpaca-sip", "yahoo"]),
    }


@pytest.mark.parametrize(
    ("feed", "minutes"),
    [
        ("iex", ["alpaca-iex"]),
        ("sip", ["alpaca-sip"]),
        ("delayed_sip", ["alpaca-sip"]),
        ("test", []),
    ],
)
def test_minutes_are_of_the_tape_of_the_live_stream(
    tmp_path: Path, feed: str, minutes: list[str]
) -> None:
    alpaca = msgspec.structs.replace(ALPACA, feed=feed)
    assert histories(config(tmp_path, alpaca))["IWM"][0] == [*minutes, "yahoo"]


def test_who_stands_at_another_address_is_not_asked_unless_that_has_a_rest_too(
    tmp_path: Path,
) -> None:
    elsewhere = Venue("coinbase", url="wss://c"), Venue("kraken", url="wss://k", rest="https://k")
    assert histories(config(tmp_path, *elsewhere))["ETH"][0] == ["kraken", "binance"]


def test_a_venue_without_its_key_is_not_asked(tmp_path: Path) -> None:
    assert histories(config(tmp_path))["IWM"] == (["yahoo"], ["yahoo"])


def test_one_client_a_venue_serves_all_instruments(tmp_path: Path) -> None:
    btc = msgspec.structs.replace(ETH, name="BTC", routes=(Route("coinbase", "BTC-USD"),))
    backfill = made(config(tmp_path, instruments=(ETH, btc)))
    clients = {
        id(each.client)
        for one in backfill._wanted
        for each in (*one.minutes, *one.closes)
        if each.name == "coinbase"
    }
    assert len(clients) == 1


def test_what_cannot_be_asked_for_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    iwm = msgspec.structs.replace(IWM, routes=(Route("finnhub", "IWM"),))
    assert histories(config(tmp_path, instruments=(ETH, iwm)))["IWM"] == ([], [])
    assert caplog.messages == ["history: no feed of IWM can be asked for its past"]


def test_closes_are_new_york_s_where_something_trades_there(tmp_path: Path) -> None:
    assert comparing_hours(config(tmp_path)).name == "NYSE"
    assert comparing_hours(config(tmp_path, instruments=(ETH,))).name == "24/7"


def test_nobody_is_asked_where_that_is_said(tmp_path: Path) -> None:
    silent = msgspec.structs.replace(config(tmp_path), history=None)
    assert (
        make_backfill(silent, now=lambda: 0, rng=Random(1), run=here, on_closes=lambda *_: None)
        is None
    )


def test_the_demo_asks_nobody(tmp_path: Path) -> None:
    urls = {server.venue: "ws://127.0.0.1:9" for server in SERVERS}
    demo = msgspec.structs.replace(demo_config(urls), history=History(tmp_path, 5, 730 * DAY))
    assert {one: of for one, of in histories(demo).items() if of != ([], [])} == {}
