from __future__ import annotations

import msgspec
import pytest

from alerts.transition import State, Transition
from daemon.verdict import Verdict, judge
from streams.instrument import NS
from streams.simulator.script import MINUTE, Decoupling, JointMove, Move, Outage, Script
from tests.alerts.alerts import alert

START = 1_773_756_000 * NS

SCRIPT = Script(
    duration=240 * MINUTE,
    phases=(
        JointMove(name="night", moves=(("ETH", -0.01),), start=-600 * MINUTE, duration=MINUTE),
        Move(
            name="ETH falls",
            instrument="ETH",
            against="IWM",
            sigma=-6.0,
            start=10 * MINUTE,
            duration=10 * MINUTE,
        ),
        Outage(name="down", venue="coinbase", start=60 * MINUTE, duration=5 * MINUTE),
        Decoupling(name="apart", group=("ETH",), start=100 * MINUTE, duration=60 * MINUTE),
        JointMove(
            name="both fall",
            moves=(("ETH", -0.03), ("IWM", -0.03)),
            start=200 * MINUTE,
            duration=10 * MINUTE,
            rebound=0.9,
            rebound_start=220 * MINUTE,
            rebound_duration=5 * MINUTE,
        ),
    ),
)


def said(rule: str, minute: float, state: State = State.FIRING, since: float = 0.0) -> Transition:
    """A transition of the incident that began at minute `since`, or begins now."""
    return msgspec.structs.replace(
        alert(f"{rule} {since or minute:g}", state),
        rule=rule,
        ts=START + round(minute * 60 * NS),
    )


def life(rule: str, fired: float, resolved: float) -> list[Transition]:
    return [said(rule, fired), said(rule, resolved, State.RESOLVED, since=fired)]


ALL_FOUND = [
    *life("eth-behind-small-caps", 18, 75),
    *life("small-caps-breakdown", 135, 185),
    *life("risk-off", 212, 224),
]


def judged(*transitions: Transition) -> Verdict:
    return judge(SCRIPT, START, transitions, breakdown_delay=33.0)


def test_what_was_injected_and_found_and_resolved_is_good() -> None:
    verdict = judged(*ALL_FOUND)
    assert verdict.good
    rows = [(f.name, f.rule, f.found, f.resolved) for f in verdict.findings]
    assert rows == [
        ("ETH falls", "eth-behind-small-caps", 8, 55),
        ("down", "", None, None),
        ("apart", "small-caps-breakdown", 35, 25),
        ("both fall", "risk-off", 12, -1),
    ]


def test_what_happened_before_the_start_is_no_injection() -> None:
    assert "night" not in {finding.name for finding in judged().findings}


def test_only_a_break_of_the_link_was_promised_a_delay() -> None:
    assert [f.expected for f in judged(*ALL_FOUND).findings] == [None, None, 33.0, None]


@pytest.mark.parametrize("missing", range(len(ALL_FOUND)))
def test_what_was_not_found_or_not_resolved_is_not_good(missing: int) -> None:
    verdict = judged(*ALL_FOUND[:missing], *ALL_FOUND[missing + 1 :])
    assert not verdict.good
    assert not verdict.false_alarms


@pytest.mark.parametrize(
    ("rule", "minute"),
    [
        ("eth-behind-small-caps", 9),  # before its cause
        ("eth-behind-small-caps", 51),  # half an hour after its end
        ("feed-stale", 62),  # a second feed is there
        ("risk-off", 110),  # of another cause
        ("eth-ahead-of-small-caps", 15),  # the wrong way round
    ],
)
def test_an_alert_without_a_cause_is_false(rule: str, minute: float) -> None:
    verdict = judged(*ALL_FOUND, *life(rule, minute, minute + 1))
    assert [(t.rule, t.ts) for t in verdict.false_alarms] == [
        (rule, START + round(minute * 60 * NS))
    ]
    assert not verdict.good


def test_a_broken_link_may_show_in_either_divergence() -> None:
    assert judged(*ALL_FOUND, *life("eth-ahead-of-small-caps", 120, 140)).good


def test_reminders_and_states_short_of_firing_are_no_alarms() -> None:
    reminder = msgspec.structs.replace(said("feed-stale", 5), repeat=True)
    pending = said("feed-stale", 5, State.PENDING)
    assert judged(*ALL_FOUND, reminder, pending).good
