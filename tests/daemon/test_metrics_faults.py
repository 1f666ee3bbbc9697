"""Faults that leave no other trace show in counters of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.metrics import Metrics
from tests.daemon.web.running import Running


@pytest.fixture
async def running(tmp_path: Path) -> Running:
    return Running(tmp_path)


def values(running: Running, name: str) -> list[float]:
    found = {
        sample.name: [one.value for one in family.samples if one.name == sample.name]
        for family in Metrics(running.sources).collect()
        for sample in family.samples
    }
    return found[f"comove_{name}"]


async def test_steps_of_the_system_clock_are_counted(running: Running) -> None:
    assert values(running, "clock_steps_total") == [0]
    running.app.clock.reanchor()
    assert values(running, "clock_steps_total") == [1]


async def test_trades_out_of_order_are_counted_by_venue(running: Running) -> None:
    running.app.feeds[0].counts.disordered = 3
    assert 3 in values(running, "ticks_disordered_total")


async def test_losses_of_a_channel_are_no_outcome_of_a_delivery(running: Running) -> None:
    assert set(values(running, "lane_losses_total")) == {0}
    outcomes = {
        sample.labels["outcome"]
        for family in Metrics(running.sources).collect()
        for sample in family.samples
        if sample.name == "comove_deliveries_total"
    }
    assert "delivered" in outcomes
    assert not outcomes & {"losses", "queued", "failing"}
