from __future__ import annotations

import msgspec
import pytest

from alerts.ailment import Ailment
from alerts.engine import Engine
from alerts.incident import Snooze
from alerts.life import Life
from alerts.rule import Severity
from alerts.silence import ClockTime, Matcher, QuietTime, Silence
from alerts.transition import State, Transition
from streams.instrument import NS
from tests.alerts.rules import LOW, live, rule

BOTH = ("log", "mqtt")
DISK = Ailment("disk", "/var", "Full", "5 GB free.", notify=BOTH)
SLOW = Ailment("feed", "kraken", "kraken is down", "Timed out.", hold=120 * NS, notify=BOTH)
SINK = Ailment("sink", "mqtt", "mqtt does not deliver", "1 alert waits.", lane="mqtt")
RELOAD = Ailment("reload", "", "Refused", "rules.yaml:2:41", calm=0, notify=BOTH, over="Taken.")
DAY = 86_400


class Ill:
    """An engine, and what was told of its ward."""

    def __init__(self, engine: Engine | None = None) -> None:
        self.engine = engine or Engine([])
        self.told: list[Transition] = []

    def look(self, second: int, *found: Ailment) -> list[State]:
        """What has been told by that second."""
        said = self.engine.ward.look(found, second * NS)
        self.told += [one for one in said if one.notify]
        return [one.state for one in self.told]

    def last(self, first: int, last: int, *found: Ailment) -> list[State]:
        """The same, looked at every 5 s."""
        for second in range(first, last, 5):
            self.look(second, *found)
        return [one.state for one in self.told]

    def restarted(self) -> Ill:
        """Another process, with what is left in the file."""
        left = msgspec.json.encode(self.engine.lives())
        engine = Engine([])
        assert engine.restore(msgspec.json.decode(left, type=list[Life])) == []
        return Ill(engine)


def test_a_trouble_is_told_once_of_what_is_ill_and_without_a_market() -> None:
    ill = Ill()
    ill.last(0, 7200, DISK)
    (told,) = ill.told
    assert (told.rule, told.pair, told.severity) == ("comove/disk", "/var", Severity.WARNING)
    assert (told.incident, told.since) == ("comove/disk//var/0", 0)
    assert (told.title, told.message) == ("Full", "5 GB free.")
    assert (told.notify, told.context, told.values) == (BOTH, (), {})


def test_a_trouble_is_told_only_when_it_has_lasted() -> None:
    ill = Ill()
    ill.look(0, SLOW)
    ill.look(115, SLOW)
    assert ill.look(116) == []
    ill.look(118, SLOW)
    assert ill.look(237, SLOW) == []
    assert ill.look(238, SLOW) == [State.FIRING]


def test_its_end_is_told_once_to_the_same_when_it_has_lasted() -> None:
    ill = Ill()
    ill.look(0, DISK)
    ill.look(10)
    ill.look(40, DISK)
    assert ill.last(50, 110) == [State.FIRING]
    assert ill.look(110) == [State.FIRING, State.RESOLVED]
    assert ill.look(500) == [State.FIRING, State.RESOLVED]
    firing, resolved = ill.told
    assert (resolved.incident, resolved.notify) == (firing.incident, firing.notify)
    assert (resolved.ts, resolved.message) == (110 * NS, "It is over.")


def test_what_a_rule_tells_is_not_told_again_until_it_is_no_longer_the_rules() -> None:
    ill = Ill()
    covered = msgspec.structs.replace(SLOW, covered=True)
    assert ill.last(0, 600, covered) == []
    assert ill.look(600, SLOW) == []
    assert ill.look(720, SLOW) == [State.FIRING]


def test_what_was_told_is_not_ended_by_a_rule_that_comes_to_tell_it_too() -> None:
    ill = Ill()
    ill.last(0, 300, SLOW)
    assert ill.look(300, msgspec.structs.replace(SLOW, covered=True)) == [State.FIRING]


def test_where_nobody_can_be_told_it_is_told_as_soon_as_one_can_and_says_since_when() -> None:
    ill = Ill()
    assert ill.last(0, 300, SINK) == []
    assert ill.look(300, msgspec.structs.replace(SINK, notify=("telegram",))) == [State.FIRING]
    (told,) = ill.told
    assert told.notify == ("telegram",)
    assert told.message.startswith("1 alert waits.\nFiring since ")


def test_of_what_nobody_was_told_the_end_is_not_told_either() -> None:
    ill = Ill()
    ill.last(0, 300, SINK)
    assert ill.last(300, 900) == []


def calms(times: int) -> list[int]:
    """Seconds for which a trouble must be away to be over, at each recurrence in a row."""
    ill, second, found = Ill(), 0, []
    for _ in range(times):
        ill.look(second, DISK)
        told, away = len(ill.told), second + 5
        while len(ill.told) == told:
            second += 5
            ill.look(second)
        found.append(second - away)
        second += 5
    return found


def test_what_comes_back_is_over_later_each_time_up_to_an_hour() -> None:
    assert calms(8) == [60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_a_feed_that_flaps_all_day_is_told_a_few_times_and_then_stays_told() -> None:
    ill = Ill()
    for start in range(0, DAY, 600):  # down for five minutes, up for five
        ill.last(start, start + 300, SLOW)
        ill.last(start + 300, start + 600)
    states = [one.state for one in ill.told]
    assert states == [State.FIRING, State.RESOLVED] * 3 + [State.FIRING]


def test_after_a_day_without_it_a_trouble_is_a_new_one() -> None:
    ill = Ill()
    for start in (0, 200):
        ill.look(start, DISK)
        ill.last(start + 5, start + 200)
    assert len(ill.told) == 4
    ill.look(400 + DAY, DISK)
    ill.last(405 + DAY, 466 + DAY)
    assert [one.state for one in ill.told][-1] is State.RESOLVED
    assert ill.look(500 + 3 * DAY)
    assert not ill.engine.ward.courses
    assert ill.engine.lives() == []


@pytest.mark.parametrize(
    "found", [Matcher(rules=("comove/disk",)), Matcher(), Matcher(pairs=("/var",))]
)
def test_a_silence_holds_it_back_and_it_is_told_when_that_ends(found: Matcher) -> None:
    ill = Ill()
    ill.engine.silence(Silence("s1", found, 600 * NS, "ann"))
    assert ill.last(0, 600, DISK) == []
    (standing,) = ill.engine.ward.incidents()
    assert standing.muted.startswith("silenced by ann")
    assert ill.look(600, DISK) == [State.FIRING]
    assert "not told until now: silenced by ann" in ill.told[0].message


def test_a_silence_of_another_rule_does_not() -> None:
    ill = Ill()
    ill.engine.silence(Silence("s1", Matcher(rules=("comove/feed",)), 600 * NS, "ann"))
    assert ill.look(0, DISK) == [State.FIRING]


def test_quiet_times_hold_it_back_too() -> None:
    night = QuietTime("night", Matcher(), ClockTime(0, 60, "UTC"))
    ill = Ill(Engine([], [night]))
    assert ill.last(0, 3600, DISK) == []
    assert ill.look(3600, DISK) == [State.FIRING]


def test_what_is_over_before_the_silence_ends_is_never_told() -> None:
    ill = Ill()
    ill.engine.silence(Silence("s1", Matcher(), 600 * NS, "ann"))
    ill.last(0, 300, DISK)
    assert ill.last(300, 1200) == []


def test_it_is_acknowledged_and_snoozed_like_others() -> None:
    ill = Ill()
    ill.look(0, DISK)
    (standing,) = ill.engine.ward.incidents()
    noted = ill.engine.acknowledge(standing.incident, "ann", 5 * NS)
    assert noted is not None
    assert (noted.acknowledged, noted.message, noted.notify) == ("ann", "5 GB free.", BOTH)
    assert next(iter(ill.engine.ward.incidents())).acknowledged == "ann"
    assert ill.engine.snooze(standing.incident, Snooze(600 * NS, "bob", 10 * NS))
    assert ill.last(10, 600, DISK) == [State.FIRING]
    assert ill.look(600, DISK) == [State.FIRING, State.FIRING]
    assert ill.told[1].repeat


def test_what_is_over_at_a_restart_is_said_to_be() -> None:
    before = Ill()
    before.look(0, DISK)
    after = before.restarted()
    assert after.last(100, 160) == []
    assert after.look(160) == [State.RESOLVED]
    (over,) = after.told
    assert (over.incident, over.notify) == (before.told[0].incident, BOTH)
    assert (over.title, over.message) == ("Full", "Over since the restart.")


def test_what_goes_on_after_a_restart_is_not_told_again_and_its_end_is() -> None:
    before = Ill()
    before.look(0, DISK)
    (standing,) = before.engine.ward.incidents()
    before.engine.acknowledge(standing.incident, "ann", 5 * NS)
    after = before.restarted()
    assert after.last(100, 300, DISK) == []
    assert next(iter(after.engine.ward.incidents())).acknowledged == "ann"
    assert after.last(300, 400) == [State.RESOLVED]
    assert after.told[0].message == "It is over."


def test_a_restart_does_not_forget_how_often_it_came() -> None:
    ill = Ill()
    for start in (0, 200):
        ill.look(start, DISK)
        ill.last(start + 5, start + 200)
    after = ill.restarted()
    after.look(400, DISK)
    assert after.last(405, 640) == [State.FIRING]
    assert after.last(640, 655) == [State.FIRING, State.RESOLVED]


def test_news_of_what_was_told_is_told_again_even_where_it_was_acknowledged() -> None:
    ill = Ill()
    ill.look(0, RELOAD)
    (standing,) = ill.engine.ward.incidents()
    ill.engine.acknowledge(standing.incident, "ann", NS)
    again = msgspec.structs.replace(RELOAD, message="rules.yaml:7:3", news=60 * NS)
    assert ill.look(60, again) == [State.FIRING, State.FIRING]
    assert (ill.told[1].repeat, ill.told[1].message) == (True, "rules.yaml:7:3")
    assert ill.told[1].incident == ill.told[0].incident
    assert ill.last(65, 600, again) == [State.FIRING, State.FIRING]
    assert ill.look(600) == [State.FIRING, State.FIRING, State.RESOLVED]
    assert ill.told[2].message == "Taken."


def test_another_rule_file_leaves_it_as_it_is() -> None:
    ill = Ill(Engine([rule()]))
    live(ill.engine, [LOW])
    ill.look(0, DISK)
    assert [one.rule for one in ill.engine.swap([], ())] == ["behind"]
    assert [one.rule for one in ill.engine.ward.incidents()] == ["comove/disk"]


def test_the_most_severe_is_told_first() -> None:
    ill = Ill()
    slight = msgspec.structs.replace(SLOW, hold=0, severity=Severity.INFO)
    ill.look(0, slight, DISK)
    assert [one.rule for one in ill.told] == ["comove/disk", "comove/feed"]
