"""Price files through the core, held against numpy on the same files."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import log
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pytest

from alerts.engine import Engine
from config.load import load
from config.settings import Config
from daemon.cli.source import shipped_config
from daemon.replay import Days, common_span, controls_fed, file_instrument, play, ticks
from daemon.watch import Watch
from daemon.wiring import make_market
from streams.history.prices import Prices, read_prices
from streams.instrument import NS, Pair
from streams.metric import Call
from streams.snapshot import Reading, Snapshot

MINUTE = 60
TOLERANCE = 1e-10
PEARSON = Call("pearson", ("ETH", "IWM"), 3600.0)
NEW_YORK = ZoneInfo("America/New_York")
PAIR = Pair("ETH", "IWM")


# -- the judge: csv, a dictionary and numpy


def closes(path: Path, time: str, price: str) -> dict[int, float]:
    """Minute closes by the second at which the minute ends."""
    with path.open(encoding="utf-8") as file:
        rows = csv.DictReader(file)
        return {
            int(datetime.fromisoformat(row[time]).timestamp()) + MINUTE: float(row[price])
            for row in rows
        }


def returns(eth: Mapping[int, float], iwm: Mapping[int, float]) -> dict[int, tuple[float, float]]:
    """Both log returns of each minute of a regular session, by its end."""
    found = {}
    for end in sorted(iwm):
        if end - MINUTE in iwm and end in eth and end - MINUTE in eth:
            found[end] = (
                log(eth[end] / eth[end - MINUTE]),
                log(iwm[end] / iwm[end - MINUTE]),
            )
    return found


def correlation(pairs: list[tuple[float, float]]) -> float:
    return float(np.corrcoef(np.array(pairs).T)[0, 1])


# -- what is judged


def on_files(config: Config, files: Mapping[str, Prices]) -> Config:
    """The configuration on files of minutes."""
    return msgspec.structs.replace(
        config,
        step=MINUTE * NS,
        instruments=tuple(
            file_instrument(i, files[i.name]) if i.name in files else i for i in config.instruments
        ),
    )


class Replayed(msgspec.Struct):
    days: Days
    pearson: dict[int, Reading]
    """By the second of the snapshot."""


@pytest.fixture(scope="module")
def recorded_files(recorded: Path) -> dict[str, Path]:
    prices = recorded / "prices"
    return {
        "ETH": prices / "ETH-USD_1m.ff37e57.csv",
        "IWM": prices / "IWM_1m.bd41802.csv",
    }


@pytest.fixture(scope="module")
def replayed(recorded_files: dict[str, Path]) -> Replayed:
    files = {name: read_prices(path) for name, path in recorded_files.items()}
    config = on_files(load(shipped_config()), files)
    market = make_market(config, [PEARSON])
    pearson: dict[int, Reading] = {}

    def note(snapshot: Snapshot) -> None:
        pearson[snapshot.ts // NS] = snapshot.readings[PEARSON.key]

    watch = Watch(market, Engine(()), on_transition=lambda _: None, on_snapshot=note)
    days = Days(market, PAIR)
    play(watch, files, common_span(files, PAIR))
    return Replayed(days, pearson)


@pytest.fixture(scope="module")
def judged(recorded_files: dict[str, Path]) -> dict[int, tuple[float, float]]:
    return returns(
        closes(recorded_files["ETH"], "date", "Close"),
        closes(recorded_files["IWM"], "Datetime", "Close"),
    )


def test_the_correlation_of_each_recorded_session_is_that_of_its_minutes(
    replayed: Replayed, judged: dict[int, tuple[float, float]]
) -> None:
    by_day: dict[str, list[tuple[float, float]]] = {}
    for end, pair in judged.items():
        day = datetime.fromtimestamp(end, NEW_YORK).strftime("%Y-%m-%d")
        by_day.setdefault(day, []).append(pair)
    rows = replayed.days.rows()
    assert [(row.date, row.minutes) for row in rows] == [(d, len(p)) for d, p in by_day.items()]
    assert len(rows) == 3
    for row in rows:
        value = row.correlation.value
        assert value == pytest.approx(correlation(by_day[row.date]), abs=TOLERANCE)
        x, y = np.array(by_day[row.date]).T
        slope = float(np.dot(x, y) / np.dot(y, y))
        assert row.beta.value == pytest.approx(slope, abs=1e-8)


def test_pearson_over_an_hour_is_that_of_the_last_sixty_minutes_at_every_recorded_minute(
    replayed: Replayed, judged: dict[int, tuple[float, float]]
) -> None:
    """A minute that ends at the very instant of a snapshot is not yet in it."""
    ends = sorted(judged)
    compared = 0
    for count in range(1, len(ends) + 1):
        second = ends[count - 1] + MINUTE
        if second + MINUTE not in judged:
            continue  # at the close and after it there is no correlation
        reading = replayed.pearson[second]
        last = [judged[end] for end in ends[max(0, count - 60) : count]]
        if len(last) < 10:
            assert reading.value is None
            continue
        compared += 1
        assert reading.n == len(last)
        assert reading.value == pytest.approx(correlation(last), abs=TOLERANCE)
    assert compared > 1100


# -- small files


def prices(seconds: list[int], values: list[float], bar: int = 0) -> Prices:
    return Prices(np.array(seconds, np.int64) * NS, np.array(values), bar)


def test_prices_of_all_files_come_in_order_of_time_and_ties_in_the_order_of_the_files() -> None:
    files = {"ETH": prices([1, 3, 5], [1, 2, 3]), "IWM": prices([2, 3, 4], [7, 8, 9])}
    assert [(t.symbol, t.ts_recv // NS, t.price) for t in ticks(files)] == [
        ("ETH", 1, 1),
        ("IWM", 2, 7),
        ("ETH", 3, 2),
        ("IWM", 3, 8),
        ("IWM", 4, 9),
        ("ETH", 5, 3),
    ]


def test_rules_are_looked_at_while_both_have_prices() -> None:
    files = {"ETH": prices([0, 600], [1, 2]), "IWM": prices([60, 300], [7, 8])}
    assert common_span(files, PAIR) == (60 * NS, 300 * NS)


def test_snapshots_begin_with_the_span_and_end_after_it() -> None:
    start = int(datetime(2026, 3, 17, 14, tzinfo=UTC).timestamp())
    files = {
        "ETH": prices([start + s for s in (0, 55, 90, 200)], [2000, 2001, 2002, 2003]),
        "IWM": prices([start + s for s in (60, 100)], [250, 251]),
    }
    config = on_files(load(shipped_config()), files)
    config = msgspec.structs.replace(config, step=10 * NS)
    seen: list[Snapshot] = []
    watch = Watch(
        make_market(config), Engine(()), on_transition=lambda _: None, on_snapshot=seen.append
    )
    play(watch, files, common_span(files, PAIR))
    assert [s.ts // NS - start for s in seen] == [60, 70, 80, 90, 100]
    assert seen[1].readings["price(ETH)"].value == 2001


def test_bars_do_not_turn_stale_between_two_of_them() -> None:
    five = prices([0, 300, 600], [1, 2, 3], bar=300 * NS)
    eth = next(i for i in load(shipped_config()).instruments if i.name == "ETH")
    assert file_instrument(eth, five).stale_after == 900 * NS
    assert file_instrument(eth, prices([0, 1], [1, 2])).stale_after == eth.stale_after


def test_controls_without_a_file_are_left_out() -> None:
    pair = Pair("ETH", "IWM", ("SPY", "BTC"))
    assert controls_fed(pair, ["ETH", "IWM", "BTC"]).controls == ("BTC",)


def test_days_are_new_york_s(replayed: Replayed) -> None:
    assert [row.date for row in replayed.days.rows()] == ["2026-03-17", "2026-03-18", "2026-03-19"]
    assert timedelta(minutes=replayed.days.rows()[0].minutes) < timedelta(hours=6.5)
