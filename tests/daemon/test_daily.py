"""Daily bars in a replay: closes, known when their session has ended, and what comes of them."""

from __future__ import annotations

from datetime import UTC, datetime
from math import log
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from alerts.engine import Engine
from config.load import load
from daemon.cli.app import run
from daemon.cli.source import shipped_config
from daemon.daily import ends_at_midnight
from daemon.replay import common_span, on_files, play, usual_step
from daemon.watch import Watch
from daemon.wiring import make_market
from streams.history.prices import Prices, read_prices
from streams.instrument import NS
from streams.metric import Call
from streams.snapshot import Reading

DAY = 86_400 * NS
FRIDAY = 20_777
"""2026-11-20, in days since 1970-01-01; the 26th is Thanksgiving."""
CORR = Call("corr", ("ETH", "IWM"), days=5)


def daily(days: list[int], closes: list[float]) -> Prices:
    """Bars as `read_prices` gives them: stamped at the midnight UTC that ends them."""
    ts = np.array([(FRIDAY + day + 1) * DAY for day in days], np.int64)
    return Prices(ts, np.array(closes), DAY)


def readings(files: dict[str, Prices], call: Call = CORR) -> dict[int, Reading]:
    """By the instant of the snapshot."""
    config = on_files(load(shipped_config()), files, usual_step(files))
    found: dict[int, Reading] = {}
    watch = Watch(
        make_market(config, [call]),
        Engine(()),
        on_transition=lambda _: None,
        on_snapshot=lambda snapshot: found.update({snapshot.ts: snapshot.readings[call.key]}),
    )
    play(watch, files, common_span(files, config.pairs[0]))
    return found


@pytest.fixture
def files() -> dict[str, Prices]:
    """ETH has days of 24 hours and weekends; IWM the sessions from the 13th to the 27th."""
    chance = np.random.default_rng(4)
    days = list(range(-7, 8))
    sessions = [day for day in days if day not in {-6, -5, 1, 2, 6}]
    eth = 3000 * np.exp(np.cumsum(chance.normal(0, 0.03, len(days))))
    iwm = 250 * np.exp(np.cumsum(chance.normal(0, 0.01, len(sessions))))
    return {"ETH": daily(days, eth.tolist()), "IWM": daily(sessions, iwm.tolist())}


def test_the_correlation_of_days_is_that_of_the_closes_by_date(files: dict[str, Prices]) -> None:
    *_, last = readings(files).values()
    eth, iwm = (dict(zip(f.ts.tolist(), np.log(f.price), strict=True)) for f in files.values())
    both = [(eth[ts], iwm[ts]) for ts in sorted(iwm)]
    assert last.value == pytest.approx(np.corrcoef(np.diff(both, axis=0)[-5:].T)[0, 1])
    assert last.note == "closes to 2026-11-27"


def test_a_close_is_not_known_before_its_session_ends(files: dict[str, Prices]) -> None:
    found = readings(files)
    known = {ts: reading.note for ts, reading in found.items() if reading.note}
    ends = {note: min(ts for ts in known if known[ts] == note) for note in known.values()}
    assert list(ends) == [f"closes to 2026-11-{day}" for day in (20, 23, 24, 25, 27)]
    for day, ended in ((20, FRIDAY + 1), (27, FRIDAY + 8)):
        # ETH's day ends at midnight UTC, hours after New York's, and it is looked at every 6 h.
        assert ends[f"closes to 2026-11-{day}"] == ended * DAY + 6 * 3600 * NS


def test_days_of_24_hours_are_told_from_those_of_an_exchange(files: dict[str, Prices]) -> None:
    assert ends_at_midnight(files["ETH"])
    assert not ends_at_midnight(files["IWM"])
    minutes = Prices(files["ETH"].ts, files["ETH"].price, 60 * NS)
    assert not ends_at_midnight(minutes)


RULES = """rules:
  - {id: apart, title: Apart, when: 'corr(20d) < -0.3', session: any, repeat_interval: never}
  - {id: behind, title: Behind, when: 'divergence(60m) < -4'}
"""


def test_rules_of_days_fire_on_daily_files_and_of_the_others_it_is_said_why_not(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prices = recorded / "prices"
    (tmp_path / "rules.yaml").write_text(RULES, "utf-8")
    for name in ("comove.yaml", "events.yaml"):
        (tmp_path / name).write_bytes((shipped_config().parent / name).read_bytes())
    paths = [f"ETH={prices / 'daily_ETH_USD.csv'}", f"IWM={prices / 'daily_IWM.csv'}"]
    assert run(["replay", "-c", str(tmp_path), *paths]) == 0
    told = capsys.readouterr().out
    assert "12 alerts" in told
    assert "Unknown for all of the time: behind (divergence(ETH,IWM,1h): IWM: no price yet)" in told
    assert "the days of ETH end at midnight UTC" in told


def test_recorded_days_give_the_correlation_that_numpy_has(recorded: Path) -> None:
    paths = {"ETH": "daily_ETH_USD.csv", "IWM": "daily_IWM.csv"}
    files = {name: read_prices(recorded / "prices" / path) for name, path in paths.items()}
    end = datetime(2026, 6, 30, tzinfo=UTC).timestamp() * NS
    files = {n: Prices(f.ts[f.ts < end], f.price[f.ts < end], f.bar) for n, f in files.items()}
    files = {n: Prices(f.ts[-99:], f.price[-99:], f.bar) for n, f in files.items()}
    *_, last = readings(files, Call("corr", ("ETH", "IWM"), days=20)).values()
    tables = {n: pl.read_csv(recorded / "prices" / path) for n, path in paths.items()}
    closes = {n: dict(zip(t["date"], t["close"], strict=True)) for n, t in tables.items()}
    days = [day for day in closes["IWM"] if day in closes["ETH"] and day < "2026-06-29"][-21:]
    moves = np.diff([[log(closes[name][day]) for day in days] for name in paths], axis=1)
    assert last.value == pytest.approx(np.corrcoef(moves)[0, 1])
    assert last.note == f"closes to {days[-1]}"
