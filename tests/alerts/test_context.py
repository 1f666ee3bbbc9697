from __future__ import annotations

import msgspec
import pytest

from alerts.context import context_calls, context_lines
from alerts.rule import Expression, Rule
from streams.instrument import Pair
from streams.metric import Call, Unit
from streams.schedule import Event
from streams.snapshot import Reading, Snapshot

PAIR = Pair("ETH", "IWM", ("SPY",))
WHEN = Call("breakdown", ("ETH", "IWM"), rate=1 / 21)
FIRST = Call("first_mover", ("ETH", "IWM"), 3600.0)
RULE = Rule(
    id="apart",
    title="Apart",
    pair=PAIR,
    when=Expression("breakdown", (WHEN,), Unit.TRUTH, lambda *_: True),
)


def lines(**readings: Reading) -> tuple[str, ...]:
    keys = {"first": FIRST.key, "when": WHEN.key}
    found = {keys[name]: reading for name, reading in readings.items()}
    return context_lines(RULE, Snapshot(ts=0, readings=found, sessions={}))


def test_who_moved_first_is_asked_for_of_every_pair() -> None:
    assert FIRST in context_calls(PAIR)


def test_an_alert_tells_who_moved_first_in_this_move_after_what_its_rule_notes() -> None:
    told = (
        "IWM moved first in the last hour: half-way about 45 s before ETH (a description, no lead)"
    )
    found = lines(when=Reading(value=True, note="apart since"), first=Reading(-45.0, note=told))
    assert told in found
    assert found.index("apart since") < found.index(told)


@pytest.mark.parametrize("reason", ["IWM did not move", "IWM's feed is polled"])
def test_where_nobody_can_be_said_to_have_moved_first_nothing_is(reason: str) -> None:
    found = lines(first=Reading(None, reason))
    assert not any("first" in line or reason in line for line in found)
    assert all(found)


HOUR = 3600 * 10**9
NOW = 1_000_000 * HOUR
FOMC = Event("fomc", "FOMC decision", "Fed", (NOW - 300 * HOUR, NOW + 100 * 60 * 10**9))
JOBS = Event("jobs", "US jobs report", "BLS", (NOW - 5 * HOUR, NOW + 600 * HOUR))
TALK = Event("talk", "Talk", "me", (NOW + 24 * HOUR,), frozenset({NOW + 24 * HOUR}))


@pytest.mark.parametrize(
    ("now", "events", "line"),
    [
        (NOW, (FOMC,), "near FOMC decision (in 1 h 40 min)"),
        (NOW, (JOBS, FOMC), "near FOMC decision (in 1 h 40 min), US jobs report (5 h ago)"),
        (NOW, (TALK,), "near Talk (in 1 d, date tentative)"),
        (NOW - 1, (TALK,), None),
        (NOW + 24 * HOUR, (TALK,), "near Talk (0 s ago)"),
        (NOW, (), None),
    ],
)
def test_an_alert_within_a_day_of_an_event_says_so(
    now: int, events: tuple[Event, ...], line: str | None
) -> None:
    rule = msgspec.structs.replace(RULE, events=events)
    found = context_lines(rule, Snapshot(ts=now, readings={}, sessions={}))
    assert [each for each in found if each.startswith("near")] == ([] if line is None else [line])
