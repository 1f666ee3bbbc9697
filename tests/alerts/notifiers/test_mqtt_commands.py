from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.notifiers.mqtt_commands import LARGEST, Answer, Commands
from alerts.silence import Matcher
from tests.alerts.notifiers.desk import NotedDesk

ACK = {"incident": "i-1", "who": "ann"}


class Made:
    def __init__(self) -> None:
        self.desk = NotedDesk()
        self.commands = Commands(self.desk)

    def obey(self, what: str, given: Any, now: float = 0.0, *, retained: bool = False) -> Answer:
        payload = given if isinstance(given, bytes) else json.dumps(given).encode()
        answer = self.commands.obey(what, payload, now, retained=retained)
        assert answer is not None
        return answer


@pytest.fixture
def made() -> Made:
    return Made()


@pytest.mark.parametrize(
    ("what", "payload", "asked"),
    [
        ("ack", ACK, ("ack", "i-1", "ann (MQTT)")),
        ("snooze", ACK, ("snooze", "i-1", "ann (MQTT)", None)),
        ("snooze", ACK | {"for": "1h"}, ("snooze", "i-1", "ann (MQTT)", 3600.0)),
        (
            "silence",
            {"match": {"rules": ["one"], "labels": {"desk": "a"}}, "who": "ann", "for": "90m"},
            ("silence", Matcher(rules=("one",), labels={"desk": "a"}), "ann (MQTT)", 5400.0, ""),
        ),
        (
            "silence",
            {"match": {"severities": ["info"]}, "who": "ann", "for": "1d", "why": "Fed day"},
            ("silence", Matcher(severities=("info",)), "ann (MQTT)", 86400.0, "Fed day"),
        ),
        ("unsilence", {"id": "s-1", "who": "ann"}, ("unsilence", "s-1", "ann (MQTT)")),
    ],
)
def test_a_command_reaches_the_desk_with_who_gave_it(
    made: Made, what: str, payload: Any, asked: tuple[Any, ...]
) -> None:
    answer = made.obey(what, payload)
    assert made.desk.asked == [asked]
    assert (answer.command, answer.ok) == (what, True)
    assert answer.text


def test_a_silence_is_answered_with_its_id_and_one_of_everything_says_so(made: Made) -> None:
    answer = made.obey("silence", {"match": {}, "who": "ann", "for": "1h"})
    assert answer.id == "s-1"
    assert answer.text == "everything is silenced for 1h by ann (MQTT)"


@pytest.mark.parametrize(
    ("what", "payload", "text"),
    [
        ("ack", {"incident": "i-9", "who": "ann"}, "there is no incident i-9"),
        ("ack", {"incident": "i-1"}, "missing required field `who`"),
        ("ack", ACK | {"for": "1h"}, "unknown field `for`"),
        ("ack", {"incident": "i-1", "who": " "}, "'who' must be a name of at most 64 characters"),
        ("ack", {"incident": "i-1", "who": "a\nb"}, "'who' must be a name"),
        ("ack", {"incident": 7, "who": "ann"}, "Expected `str`, got `int`"),
        ("ack", [1], "Expected `object`, got `array`"),
        ("ack", b"\xff\x00", "cannot read this"),
        ("ack", b"", "cannot read this"),
        ("ack", b"[" * LARGEST, "cannot read this"),
        ("ack", b" " * (LARGEST + 1), "at most 4096 bytes, this one has 4097"),
        ("snooze", ACK | {"for": "5 parsecs"}, "parsecs"),
        ("snooze", ACK | {"for": "-1h"}, "'-1h'"),
        ("snooze", ACK | {"for": "400d"}, "'for' must be from 1s to 366d, not '400d'"),
        ("snooze", ACK | {"for": 3600}, "Expected `str | null`, got `int`"),
        ("silence", {"who": "ann", "for": "1h"}, "missing required field `match`"),
        ("silence", {"match": {}, "who": "ann"}, "missing required field `for`"),
        ("silence", {"match": {"rule": ["x"]}, "who": "a", "for": "1h"}, "unknown field `rule`"),
        ("silence", {"match": {"rules": "x"}, "who": "a", "for": "1h"}, "$.match.rules"),
        ("reboot", {}, "there is no command 'reboot': there are ack, snooze, silence, unsilence"),
    ],
)
def test_what_cannot_be_obeyed_is_answered_in_a_sentence(
    made: Made, what: str, payload: Any, text: str
) -> None:
    answer = made.obey(what, payload)
    assert not answer.ok
    assert text in answer.text
    assert "\n" not in answer.text
    assert len(answer.text) < 300
    assert not made.desk.asked


def test_a_retained_command_is_not_obeyed(made: Made) -> None:
    answer = made.obey("ack", ACK, retained=True)
    assert "must not be retained" in answer.text
    assert not made.desk.asked


def test_of_a_flood_ten_are_obeyed_one_refusal_is_said_and_then_it_goes_on(made: Made) -> None:
    payload = json.dumps(ACK).encode()
    answers = [made.commands.obey("ack", payload, 0.0, retained=False) for _ in range(30)]
    assert [answer is not None and answer.ok for answer in answers[:10]] == [True] * 10
    refusal = answers[10]
    assert refusal is not None
    assert refusal.text == "more than 10 commands in 10 s: the rest is ignored"
    assert answers[11:] == [None] * 19
    assert made.obey("ack", ACK, 10.0).ok
    assert len(made.desk.asked) == 11


@settings(max_examples=200, deadline=None)
@given(
    what=st.sampled_from(["ack", "snooze", "silence", "unsilence", "#", ""]),
    payload=st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["incident", "who", "for", "match", "rules", "why", "id"]), inner
            )
        ),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode()),
)
def test_nothing_that_is_sent_raises(what: str, payload: bytes) -> None:
    assert isinstance(Made().obey(what, payload), Answer)
