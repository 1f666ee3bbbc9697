from __future__ import annotations

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from alerts.engine import Engine
from alerts.rule import Rule
from alerts.transition import State
from config.load import load
from config.shipped import CONFIG, shipped_path
from daemon.ledger import Ledger, ledger_calls
from daemon.wiring import needed_calls
from streams.instrument import NS, Pair
from streams.snapshot import Reading, Snapshot

OPEN = 1_773_754_200 * NS
"""Tue 17 Mar 2026, 09:30 in New York."""
PAIR = Pair("ETH", "IWM")
CONFIGURED = load(shipped_path(CONFIG))
BEHIND = next(r for r in CONFIGURED.rules if r.id == "eth-behind-small-caps")
FEEDS = next(r for r in CONFIGURED.rules if r.id == "feed-stale")


def snapshot(
    second: float, values: Mapping[str, float | None], *, session: str = "regular"
) -> Snapshot:
    readings = {call.key: Reading(None, "") for call in needed_calls(CONFIGURED.rules, [PAIR])}
    readings |= {key: Reading(value) for key, value in values.items()}
    return Snapshot(
        ts=OPEN + round(second * NS),
        readings=readings,
        sessions={"ETH": "regular", "IWM": session},
    )


def played(*snapshots: Snapshot, rules: tuple[Rule, ...] = (BEHIND, FEEDS)) -> Ledger:
    ledger, engine = Ledger(rules, CONFIGURED.instruments), Engine(rules)
    for one in snapshots:
        for transition in engine.update(one, one.ts):
            ledger.on_transition(transition)
        ledger.on_snapshot(one)
    return ledger


KEYS = {"price(ETH)": 2000.0, "price(IWM)": 250.0, "beta(ETH,IWM,4w)": 1.3}
GAP = "divergence(ETH,IWM,1h)"


def test_the_calls_are_those_it_reads() -> None:
    assert {call.key for call in ledger_calls([PAIR])} == set(KEYS)


def test_prices_are_kept_once_a_minute_where_both_are_known_and_regular() -> None:
    ledger = played(
        snapshot(0, KEYS),
        snapshot(1, KEYS | {"price(ETH)": 2001.0}),
        snapshot(60, KEYS | {"price(IWM)": None}),
        snapshot(61, KEYS | {"price(ETH)": 2002.0}),
        snapshot(120, KEYS, session="extended"),
    )
    minutes = ledger.minutes(PAIR)
    assert ((minutes.ts - OPEN) // NS).tolist() == [0, 61]
    assert minutes.x == pytest.approx([7.600902, 7.601902], abs=1e-6)


def test_an_alert_is_noted_with_what_was_known_before_it() -> None:
    ledger = played(
        snapshot(0, KEYS | {GAP: -5.0}),
        snapshot(119, KEYS | {GAP: -5.0, "beta(ETH,IWM,4w)": 1.5}),
        snapshot(120, KEYS | {GAP: -5.0, "beta(ETH,IWM,4w)": 9.0}),
        snapshot(180, KEYS | {GAP: -1.0}),
    )
    (alert,) = ledger.alerts(BEHIND)
    assert alert.fired == OPEN + 120 * NS
    assert alert.resolved == OPEN + 180 * NS
    assert (alert.beta, alert.sign, alert.horizon) == (1.5, -1, 3600 * NS)
    assert alert.session == (OPEN, OPEN + 23_400 * NS)


def test_each_firing_is_an_alert_and_a_reminder_is_none() -> None:
    day = 5 * 3600
    ledger = played(
        *(snapshot(s, KEYS | {GAP: -5.0}) for s in range(0, day, 600)),
        snapshot(day, KEYS | {GAP: -1.0}),
        *(snapshot(s, KEYS | {GAP: -5.0}) for s in range(day + 600, day + 1300, 600)),
    )
    assert [alert.resolved is None for alert in ledger.alerts(BEHIND)] == [False, True]


def test_rules_about_feeds_have_no_score() -> None:
    ledger = played(snapshot(0, KEYS))
    assert ledger.alerts(FEEDS) == []
    assert [score.rule for score in ledger.scores()] == [BEHIND.id]


def test_a_firing_that_nobody_was_told_of_is_no_alert() -> None:
    looks = snapshot(0, KEYS | {GAP: -5.0}), snapshot(120, KEYS | {GAP: -5.0})
    engine = Engine([BEHIND])
    fired = [t for one in looks for t in engine.update(one, one.ts) if t.state is State.FIRING]
    told, untold = (Ledger([BEHIND], CONFIGURED.instruments) for _ in range(2))
    for transition in fired:
        told.on_transition(transition)
        untold.on_transition(replace(transition, notify=()))
    assert (len(told.alerts(BEHIND)), untold.alerts(BEHIND)) == (1, [])
