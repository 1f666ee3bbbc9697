"""The simulated day: its story is found, and does not depend on the speed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from math import inf
from typing import Any

import pytest

from daemon.cli.demo import demo
from daemon.clock import run_paced
from daemon.demo import SEED, Demo, demo_config
from daemon.texts import transition_json
from streams.instrument import NS
from streams.simulator.hours import START_NS
from streams.simulator.market import SimulatedMarket
from streams.simulator.script import DEMO, MINUTE, Move, Outage, Script

SHORT = Script(
    duration=10 * MINUTE,
    phases=(
        Move(
            name="ETH alone falls",
            instrument="ETH",
            against="IWM",
            sigma=-8.0,
            start=3 * MINUTE,
            duration=2 * MINUTE,
        ),
        Outage(name="Coinbase is down", venue="coinbase", start=8 * MINUTE, duration=MINUTE),
    ),
)


def _said(seed: int, speed: float) -> list[str]:
    player = Demo(seed=seed, market=SimulatedMarket(seed=seed, script=SHORT))
    run_paced(player.run(), speed)
    return [transition_json(transition) for transition in player.transitions]


@pytest.fixture(scope="module")
def said() -> list[str]:
    return _said(SEED, inf)


def test_a_seed_says_the_same_to_the_last_byte_whatever_the_speed(said: list[str]) -> None:
    states = [(json.loads(line)["rule"], json.loads(line)["state"]) for line in said]
    behind = "eth-behind-small-caps"
    assert states == [(behind, "pending"), (behind, "firing")]
    assert _said(SEED, inf) == said
    assert _said(SEED, 2000.0) == said


def test_it_leaves_nothing_running() -> None:
    async def play() -> int:
        await Demo(market=SimulatedMarket(seed=1, script=SHORT)).run(seconds=5)
        return len(asyncio.all_tasks())

    assert run_paced(play()) == 1


def test_it_runs_the_shipped_rules_on_simulated_venues() -> None:
    urls = {"coinbase": "ws://c", "kraken": "ws://k", "alpaca": "ws://a/v2/iex"}
    config = demo_config(urls)
    assert [rule.id for rule in config.rules] == [
        "small-caps-breakdown",
        "eth-behind-small-caps",
        "eth-ahead-of-small-caps",
        "risk-off",
        "feed-stale",
    ]
    routes = {i.name: [route.venue for route in i.routes] for i in config.instruments}
    assert routes == {
        "ETH": ["coinbase", "kraken"],
        "BTC": ["coinbase", "kraken"],
        "IWM": ["alpaca"],
        "SPY": ["alpaca"],
    }


CAUSES = {
    "eth-behind-small-caps": "ETH alone falls",
    "small-caps-breakdown": "the link breaks",
    "risk-off": "both fall",
}


def test_the_whole_day_is_found_and_resolved_and_nothing_else_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert demo(speed=inf, seconds=None, seed=SEED, as_json=True) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert all(
        list(one) == ["ts", "rule", "pair", "state", "severity", "values", "message"]
        for one in told
    )
    assert {one["rule"] for one in told if one["state"] == "firing"} == CAUSES.keys()
    for rule, cause in CAUSES.items():
        _check_story([one for one in told if one["rule"] == rule], cause)


def _check_story(told: list[Mapping[str, Any]], cause: str) -> None:
    began = next(phase.start for phase in DEMO.phases if phase.name == cause)
    ended = next(phase.turns[-1] for phase in DEMO.phases if phase.name == cause)
    (fired,) = (one["ts"] for one in told if one["state"] == "firing")
    (resolved,) = (one["ts"] for one in told if one["state"] == "resolved")
    assert began < (fired - START_NS) / NS < ended
    assert fired < resolved < START_NS + DEMO.duration * NS
