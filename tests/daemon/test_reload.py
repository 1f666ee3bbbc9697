from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random

import pytest

from alerts.notifiers.log import Log
from alerts.transition import State, Transition
from config.load import load
from config.shipped import CONFIG, EVENTS, RULES
from daemon.app import App
from daemon.clock import Clock
from daemon.reload import Reloader
from daemon.wiring import make_app
from streams.instrument import NS
from streams.tick import Beat
from tests.config.folder import config_with, write

START = 1_773_756_000 * NS
"""Tue 17 Mar 2026, 10:00 in New York."""

OLD = """\
rules:
  - {id: aged, title: ETH is old, when: age(ETH) < 1m, session: any}
  - {id: blind, title: No prices, when: stale(ETH), session: any}
"""
NEW = """\
rules:
  - {id: blind, title: No prices at all, when: stale(ETH), session: any}
  - {id: apart, title: Apart, when: pearson(17m) < 0 and corr(23m) < 0, session: any}
"""
BROKEN = """\
rules:
  - {id: blind, title: No prices, when: stael(ETH)}
  - {id: blind, title: Twice, when: stale(ETH), severity: loud}
"""


class Running:
    def __init__(self, folder: Path) -> None:
        path = write(folder, rules=OLD)
        self.rules = folder / RULES
        self.config = folder / CONFIG
        config = load(path)
        self.told: list[Transition] = []
        clock = Clock(asyncio.get_running_loop(), START)
        self.app: App = make_app(
            config, clock=clock, rng=Random(0), notifiers=[Log(lambda *_: None)]
        )
        self.reloader = Reloader(config, self.app.watch, now=clock.now, tell=self.told.append)

    def at(self, second: int) -> None:
        self.app.watch.accept(Beat(START + second * NS))

    @property
    def states(self) -> dict[str, State]:
        return {one.rule: one.state for one in self.app.watch.engine.standings()}


@pytest.fixture
async def running(tmp_path: Path) -> Running:
    made = Running(tmp_path)
    for second in (0, 1, 200):
        made.at(second)
    return made


async def test_rules_are_swapped_keeping_their_state_by_id(running: Running) -> None:
    assert running.states["blind"] is State.FIRING
    running.rules.write_text(NEW, "utf-8")
    reload = await running.reloader.reload()
    assert (reload.ok, reload.lines) == (True, ())
    assert running.states == {"blind": State.FIRING, "apart": State.INACTIVE}
    running.at(201)
    assert running.app.watch.snapshot is not None
    assert {
        "pearson(ETH,IWM,17m)",
        "corr(ETH,IWM,23m)",
    } <= running.app.watch.snapshot.readings.keys()


async def test_a_bad_file_changes_nothing_and_is_named_with_line_and_column(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    running.rules.write_text(BROKEN, "utf-8")
    before = running.app.watch.engine.rules
    reload = await running.reloader.reload()
    assert not reload.ok
    assert len(reload.lines) == 3
    assert f"{running.rules}:2:41" in reload.lines[0]
    assert all(line in caplog.text for line in reload.lines)
    assert running.app.watch.engine.rules == before
    assert running.reloader.last == reload
    assert running.reloader.done.is_set()


async def test_what_takes_a_restart_is_named_and_the_rules_are_taken_all_the_same(
    running: Running,
) -> None:
    running.config.write_text(config_with("stale_after: 30s", "stale_after: 20s"), "utf-8")
    running.rules.write_text(NEW, "utf-8")
    reload = await running.reloader.reload()
    assert (reload.ok, reload.lines) == (True, ("instruments",))
    assert "instruments take a restart" in reload.sentence
    assert "apart" in running.states


async def test_rules_about_an_instrument_that_takes_a_restart_are_not_taken_half(
    running: Running,
) -> None:
    text = config_with(
        "instruments:\n", "instruments:\n  SOL: {calendar: 24/7, feeds: [kraken:SOL/USD]}\n"
    )
    running.config.write_text(text, "utf-8")
    rules = "rules:\n  - {id: sol, title: SOL, when: price(SOL) > 1}\n"
    running.rules.write_text(rules, "utf-8")
    reload = await running.reloader.reload()
    assert not reload.ok
    assert "SOL" in reload.lines[0]
    assert "restart" in reload.lines[0]
    assert running.states.keys() == {"aged", "blind"}
    running.at(202)


async def test_of_a_rule_that_is_gone_while_it_fires_the_end_is_told(running: Running) -> None:
    running.rules.write_text(NEW.splitlines()[0] + "\n" + NEW.splitlines()[2] + "\n", "utf-8")
    await running.reloader.reload()
    [end] = running.told
    assert (end.rule, end.state) == ("blind", State.RESOLVED)


async def test_an_event_that_moved_is_moved_in_the_market_and_in_alerts(running: Running) -> None:
    running.rules.write_text(
        "rules:\n  - {id: near, title: Near, when: until(fomc) < 1h, session: any}\n", "utf-8"
    )
    await running.reloader.reload()
    running.at(201)
    events = running.rules.with_name(EVENTS)
    events.write_text(events.read_text().replace("2026-03-18,", "2026-03-17 11:00,"), "utf-8")
    before = running.states["near"]
    reload = await running.reloader.reload()
    assert (reload.ok, reload.lines) == (True, ())
    running.at(202)
    assert (before, running.states["near"]) == (State.INACTIVE, State.FIRING)
    (alert,) = (each for each in running.app.watch.engine.rules if each.id == "near")
    assert alert.events == running.reloader.config.events


async def test_a_channel_that_takes_a_restart_is_not_trusted_with_alerts_before(
    running: Running,
) -> None:
    text = config_with("  log: {}\n", "  webhook: {url: 'http://127.0.0.1:1/x', secret_file: s}\n")
    running.config.write_text(text, "utf-8")
    running.config.with_name("s").write_text("0123456789abcdef0123", "utf-8")
    running.rules.write_text(NEW, "utf-8")
    reload = await running.reloader.reload()
    assert (reload.ok, reload.lines) == (True, ("notifiers",))
    assert {rule.notify for rule in running.app.watch.engine.rules} == {("log",)}
