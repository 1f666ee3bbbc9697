from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from alerts.notifiers.mqtt_board import Board
from alerts.notifiers.mqtt_discovery import Discovery
from alerts.transition import State
from tests.alerts.alerts import NS, START
from tests.alerts.notifiers.brokered import CORR, FEED, RETURN, STATE, snapshot, standing

CONFIG = "homeassistant/binary_sensor/comove_main/state_other_ETH-IWM/config"


def board(**options: Any) -> Board:
    return Board("comove/main", **({"interval": 10 * NS} | options))


def taken(board: Board) -> dict[str, Any]:
    """What is to be published: parsed, None where it is taken away."""
    return {post.topic: json.loads(post.payload or b"null") for post in board.take()}


def test_before_anything_is_known_nothing_is_published() -> None:
    assert not board().take()


def test_a_standing_is_published_with_all_that_is_said_of_it() -> None:
    made = board()
    made.show(
        [
            standing(
                state=State.FIRING,
                doubt="unknown",
                reason="IWM stale",
                muted="silenced by ann",
                incident="i-1",
                acknowledged="bob",
                source="rules.yaml:12",
            )
        ]
    )
    assert taken(made) == {
        STATE: {
            "state": "firing",
            "doubt": "unknown",
            "reason": "IWM stale",
            "severity": "critical",
            "since": START,
            "title": "ETH and small caps have come apart",
            "muted": "silenced by ann",
            "incident": "i-1",
            "acknowledged": "bob",
            "source": "rules.yaml:12",
        }
    }


def test_a_rule_that_never_changed_stands_since_no_instant() -> None:
    made = board()
    made.show([standing(since=0)])
    assert taken(made)[STATE]["since"] is None


def test_only_what_differs_is_published_again() -> None:
    made = board()
    made.show([standing(), standing("other")])
    assert len(made.take()) == 2
    made.show([standing(state=State.PENDING), standing("other")])
    assert list(taken(made)) == [STATE]
    assert not made.take()


def test_states_are_sent_with_receipt_and_metrics_without() -> None:
    made = board()
    made.show([standing()])
    made.publish(snapshot(corr=0.5))
    assert {post.topic: post.qos for post in made.take()} == {STATE: 1, FEED: 1, CORR: 0}


def test_a_feed_is_published_when_its_state_changes_and_not_because_it_ages() -> None:
    made = board()
    made.publish(snapshot())
    assert taken(made) == {FEED: {"state": "live", "active": True, "reason": ""}}
    (feed,) = snapshot().feeds
    for state, published in (("live", 0), ("stale", 1)):
        older = msgspec.structs.replace(feed, state=state, age=9.0)
        made.publish(msgspec.structs.replace(snapshot(), feeds=(older,)))
        assert len(made.take()) == published


def test_what_is_no_longer_shown_is_taken_away_once() -> None:
    made = board()
    made.show([standing(), standing("other")])
    made.publish(snapshot(corr=0.5, returned=0.1))
    made.take()
    made.show([standing("other")])
    made.publish(snapshot(corr=0.5))
    assert taken(made) == {STATE: None, RETURN: None}
    assert not made.take()


def test_a_rule_that_comes_back_is_published_again() -> None:
    made = board()
    for standings in ([standing()], [], [standing()]):
        made.show(standings)
        posts = taken(made)
    assert posts[STATE]["state"] == "inactive"


def test_what_an_earlier_run_left_is_taken_away_once_it_is_known_that_nobody_wants_it() -> None:
    made = board()
    left = "comove/main/state/gone/ETH-IWM"
    for topic in (left, STATE, "comove/main/metric/beta_4w/ETH-IWM"):
        made.found(topic)
    assert not made.take()
    made.show([standing()])
    assert taken(made).keys() == {STATE, left}
    assert not made.take()
    made.publish(snapshot(corr=0.5))
    assert taken(made)["comove/main/metric/beta_4w/ETH-IWM"] is None


def test_an_entity_of_an_earlier_run_is_taken_away_too() -> None:
    made = board(discovery=Discovery())
    made.found(CONFIG)
    made.show([standing()])
    assert CONFIG not in taken(made)
    made.publish(snapshot(corr=0.5))
    assert taken(made)[CONFIG] is None


def test_a_new_connection_is_told_everything() -> None:
    made = board(discovery=Discovery())
    made.show([standing()])
    made.publish(snapshot(corr=0.5))
    first = made.take()
    assert not made.take()
    made.forget()
    assert made.take() == first


def test_home_assistant_that_begins_anew_is_told_of_every_entity_and_of_nothing_else() -> None:
    made = board(discovery=Discovery())
    made.show([standing()])
    made.publish(snapshot(corr=0.5))
    made.take()
    made.introduce()
    told = taken(made)
    assert len(told) == 3
    assert all(topic.startswith("homeassistant/") for topic in told)


def test_without_discovery_home_assistant_is_told_nothing() -> None:
    made = board()
    made.show([standing()])
    made.publish(snapshot(corr=0.5))
    made.introduce()
    assert all(topic.startswith("comove/main/") for topic in taken(made))


@pytest.mark.parametrize(("discovery", "count"), [(None, 3), (Discovery(), 4)])
def test_the_filters_match_what_an_earlier_run_may_have_left(
    discovery: Discovery | None, count: int
) -> None:
    filters = board(discovery=discovery).filters
    assert len(filters) == count
    assert ("homeassistant/+/comove_main/+/config" in filters) is (discovery is not None)
