"""An event that is moved while the daemon runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.transition import State
from config.shipped import EVENTS
from tests.daemon.test_reload import START, Running

RULES = """\
rules:
  - {id: near, title: Near the FOMC, when: 'within(fomc, 2h)', session: any}
  - {id: away, title: Away from it, when: 'not within(fomc, 2h)', session: any}
"""
SHIPPED = "2026-03-18,"


@pytest.fixture
async def running(tmp_path: Path) -> Running:
    made = Running(tmp_path)
    made.rules.write_text(RULES, "utf-8")
    await made.reloader.reload()
    made.at(0)
    made.at(1)
    return made


async def move(running: Running, old: str, new: str) -> None:
    file = running.rules.with_name(EVENTS)
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    reload = await running.reloader.reload()
    assert reload.ok, reload.lines


def until(running: Running) -> float | None:
    """Seconds from `START`'s day and clock to the next decision, by the last snapshot."""
    assert running.app.watch.snapshot is not None
    value = running.app.watch.snapshot.readings["until(fomc)"].value
    return None if value is None else float(value) + (running.app.watch.snapshot.ts - START) / 1e9


async def test_rules_near_an_event_follow_it_at_the_next_look_both_ways(running: Running) -> None:
    near, away = ({"near": a, "away": b} for a, b in _STATES)
    assert running.states == away

    await move(running, SHIPPED, "2026-03-17 11:30,")
    running.at(2)
    assert running.states == near
    assert until(running) == 5400

    await move(running, "2026-03-17 11:30,", "2026-03-17 12:30,")
    running.at(3)
    assert running.states == away
    assert until(running) == 9000


_STATES = ((State.FIRING, State.INACTIVE), (State.INACTIVE, State.FIRING))


async def test_a_rule_that_fires_near_an_event_that_is_moved_away_is_told_to_be_over(
    running: Running,
) -> None:
    await move(running, SHIPPED, "2026-03-17 11:30,")
    running.at(2)
    before = running.app.watch.engine.standings()
    await move(running, "2026-03-17 11:30,", "2026-03-19,")
    running.at(3)
    (standing,) = (s for s in running.app.watch.engine.standings() if s.rule == "near")
    assert (before[0].rule, before[0].state) == ("near", State.FIRING)
    assert standing.state is State.INACTIVE


async def test_an_event_that_is_over_when_it_was_moved_has_been_since_then(
    running: Running,
) -> None:
    await move(running, SHIPPED, "2026-03-17 09:30,")
    running.at(2)
    assert running.app.watch.snapshot is not None
    readings = running.app.watch.snapshot.readings
    assert readings["since(fomc)"].value == 1802
    assert running.states["near"] is State.FIRING
