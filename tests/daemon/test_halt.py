"""A halt as Alpaca tells of it, through the recorder's form, statistics and rules."""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import exp, log
from pathlib import Path

import numpy as np
import pytest

from alerts.transition import State, Transition
from config.load import load
from daemon.replay import play_recorded, recorded
from daemon.watch import Watch
from daemon.wiring import make_engine, make_market
from streams.instrument import NS
from streams.simulator.servers.stamps import rfc3339
from tests.benchmarks.frames import Event, alpaca_trade, coinbase_match

OPEN = 1_773_754_200 * NS
"""2026-03-17 09:30 New York."""
HALT, RESUME, END = 2400, 3000, 4200
CONFIG = """\
state: a.db
instruments:
  ETH: {calendar: 24/7, feeds: [coinbase:ETH-USD]}
  IWM: {calendar: NYSE, feeds: [alpaca:IWM]}
pairs: [{x: ETH, y: IWM, prior: {correlation: 0.5}}]
feeds: {alpaca: {key_file: key, secret_file: key}}
"""
RULES = """\
defaults: {session: regular}
rules:
  - {id: linked, title: Linked, when: corr(1h) > 0.1}
  - {id: fell, title: Fell, when: 'return(IWM, 10m) < -1%', clear: 'return(IWM, 10m) > -0.5%'}
  - {id: steady, title: Steady, when: 'return(IWM, 30m) < -1% and return(IWM, 5m) > -0.2%'}
  - {id: quiet, title: Quiet, when: stale(IWM) or stale(ETH), for: 1m, session: any}
"""
STATUSES = {HALT: ("2", "Trading Halt", "Volatility Trading Pause"), RESUME: ("3", "Resume", "")}


def prices() -> Iterator[tuple[int, float, float]]:
    """Each three seconds: IWM falls before the halt, and comes back 7 % lower.

    Of a price that merely stood still in the halt `fell` would clear, and `steady` would fire.
    """
    rng = np.random.default_rng(7)
    moves = rng.standard_normal((END, 1)) + 0.7 * rng.standard_normal((END, 2))
    path = 1e-4 * moves.cumsum(axis=0)
    for second in range(1, END, 3):
        eth, iwm = path[second].tolist()
        fall = 0.03 * min(max(second - HALT + 300, 0), 180) / 180 + 0.07 * (second >= RESUME)
        yield second, exp(log(2000) + eth), exp(log(250) + iwm - fall)


def lines() -> Iterator[tuple[int, str, str, str | None]]:
    """(ts, connection, kind, data) in order."""
    for venue in ("coinbase", "alpaca"):
        yield OPEN, venue, "connect", None
    for number, (second, eth, iwm) in enumerate(prices()):
        for at in [at for at in STATUSES if second - 3 < at <= second]:
            yield OPEN + at * NS, "alpaca", "recv", status(at)
        ts = OPEN + second * NS
        yield ts, "coinbase", "recv", coinbase_match(Event("ETH", number, eth, 1.0, ts)).decode()
        if not HALT <= second < RESUME:
            yield ts, "alpaca", "recv", alpaca_trade(Event("IWM", number, iwm, 1.0, ts)).decode()


def status(second: int) -> str:
    code, text, reason = STATUSES[second]
    stamp = rfc3339(OPEN + second * NS, 9)
    told = {"T": "s", "S": "IWM", "sc": code, "sm": text, "rc": "", "rm": reason, "t": stamp}
    return json.dumps([told])


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[Transition]:
    folder = tmp_path_factory.mktemp("halt")
    for name, text in (("comove.yaml", CONFIG), ("rules.yaml", RULES), ("key", "k")):
        (folder / name).write_text(text, "utf-8")
    paths = [_recording(folder, venue) for venue in ("coinbase", "alpaca")]
    config = load(folder / "comove.yaml")
    found: list[Transition] = []
    watch = Watch(make_market(config), make_engine(config), on_transition=found.append)
    play_recorded(watch, recorded(config, paths))
    return found


def _recording(folder: Path, venue: str) -> Path:
    path = folder / f"{venue}.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for ts, conn, kind, data in lines():
            if conn == venue:
                more = {} if data is None else {"data": data}
                file.write(json.dumps({"t": kind, "conn": conn, "ts": ts / NS, **more}) + "\n")
    return path


def states(told: list[Transition], rule: str) -> list[tuple[State, int]]:
    return [(t.state, (t.ts - OPEN) // NS) for t in told if t.rule == rule]


def test_what_fires_before_a_halt_goes_on_firing_through_it(told: list[Transition]) -> None:
    for rule in ("linked", "fell"):
        (state, when), *_ = [turn for turn in states(told, rule) if turn[0] is not State.PENDING]
        assert state is State.FIRING
        assert when < HALT


def test_nothing_fires_and_nothing_resolves_in_a_halt(told: list[Transition]) -> None:
    assert told
    assert not [t for t in told if HALT <= (t.ts - OPEN) // NS < RESUME]


def test_no_feed_is_called_quiet_for_a_halt(told: list[Transition]) -> None:
    assert states(told, "quiet") == []
