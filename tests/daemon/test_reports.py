from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from random import Random

import pytest
from msgspec.structs import replace

from alerts.notifiers.log import Log
from alerts.transition import DAILY, Transition
from config.load import load
from config.settings import Config, Report
from config.shipped import CONFIG, shipped_path
from daemon.cli.app import run
from daemon.clock import Clock
from daemon.reports import known_events, make_reporter, recall
from daemon.wiring import make_app, make_engine
from streams.instrument import NS
from streams.schedule import Event
from streams.tick import Beat, Tick

OPEN = 1_773_754_200 * NS
"""Tue 17 Mar 2026, 09:30 in New York."""
MINUTE = 60 * NS


@pytest.fixture
def config() -> Config:
    return load(shipped_path(CONFIG))


def test_all_channels_are_told_unless_some_are_named(config: Config) -> None:
    assert config.report == Report(daily=True, weekly=True)
    assert make_reporter(config, config.report)._notify == config.notifiers.names
    assert make_reporter(config, replace(config.report, notify=("mqtt",)))._notify == ("mqtt",)


def test_events_are_those_that_a_reload_has_left(config: Config) -> None:
    engine = make_engine(config)
    assert known_events(engine, config) == config.events
    moved = Event("fomc", "FOMC decision", "Fed", (OPEN,))
    engine.swap([replace(rule, events=(moved,)) for rule in config.rules], ())
    assert known_events(engine, config) == (moved,)
    engine.swap([], ())
    assert known_events(engine, config) == config.events


def test_what_cannot_be_recalled_is_said_and_begins_anew(
    config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    reporter = make_reporter(config, config.report)
    before = reporter.memory()
    recall(reporter, b"")
    assert caplog.messages == []
    recall(reporter, b"\x93")
    assert reporter.memory() == before
    (said,) = caplog.messages
    assert said.startswith("what was noted for reports cannot be used, it begins anew: ")


async def test_the_daemon_tells_a_report_at_the_close(config: Config) -> None:
    told: list[Transition] = []
    loop = asyncio.get_running_loop()
    close = OPEN + 390 * MINUTE
    clock = Clock(loop, close - 30 * NS)
    app = make_app(
        replace(config, venues=()),
        clock=clock,
        rng=Random(0),
        notifiers=[Log(lambda alert, _: told.append(alert))],
        proxy=False,
    )
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(app.run(), name="daemon")
        for second in range(25):
            now = clock.now()
            app.inbox.put(
                Tick("trade", "coinbase", "ETH-USD", 2000.0 + second, None, None, None, now, now)
            )
            app.inbox.put(Tick("trade", "yahoo", "IWM", 250.0, None, None, None, now, now))
            await asyncio.sleep(1)
        app.inbox.put(Beat(clock.now()))
        await asyncio.sleep(20)
        app.stop()
        await task
    assert [(alert.rule, alert.ts) for alert in told] == [(DAILY, close)]


@pytest.fixture
def prices(recorded: Path) -> list[str]:
    folder = recorded / "prices"
    return [
        f"ETH={folder / 'ETH-USD_1m.ff37e57.csv'}",
        f"IWM={folder / 'IWM_1m.bd41802.csv'}",
    ]


def test_a_replay_of_recorded_prices_gives_a_report_a_day_the_same_each_time(
    prices: list[str],
    recorded: Path,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    vix = f"vix={recorded / 'macro' / 'FRED_VIXCLS_1990_2026-08.csv'}"
    texts = []
    for _ in range(2):
        assert run(["replay", *prices, "--context", vix, "--reports", "--json"]) == 0
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]
    found = [each for each in map(json.loads, texts[0].splitlines()) if "kind" in each]
    assert [each["title"][:10] for each in found] == ["Tue 17 Mar", "Wed 18 Mar", "Thu 19 Mar"]
    for each in found:
        assert each["kind"] == "report"
        assert 0.3 < each["values"]["corr_low"] < each["values"]["corr"] < 0.7
        assert 0.97 * 390 <= each["values"]["minutes"] <= 390
        assert each["values"]["vix"] > 15
    assert "14:00 FOMC decision" in found[1]["message"]


def test_without_being_asked_a_replay_makes_no_reports(
    prices: list[str],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["replay", *prices]) == 0
    assert "Bullish" not in capsys.readouterr().out
    assert run(["replay", *prices, "--reports"]) == 0
    assert capsys.readouterr().out.count("Bullish") == 3
