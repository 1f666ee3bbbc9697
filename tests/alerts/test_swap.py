"""Another rule file, and another process, in the middle of things."""

from __future__ import annotations

import msgspec

from alerts.engine import Engine
from alerts.incident import Snooze
from alerts.rule import Flapping, Rule
from alerts.silence import ClockTime, Matcher, QuietTime, Silence
from alerts.transition import State
from streams.instrument import NS
from tests.alerts.rules import HIGH, LOW, OTHER, brief, expression, live, rule


def rewritten(given: Rule) -> Rule:
    return msgspec.structs.replace(given, when=expression(lambda z: z < -4, text="other"))


def test_a_rule_that_stays_goes_on_as_it_was() -> None:
    engine = Engine([rule(hold=3), rule("b", repeat=9)])
    live(engine, [LOW, LOW])
    assert engine.swap([rule("b", repeat=9), rule("new"), rule(hold=3)], ()) == []
    found = live(engine, [LOW] * 3 + [HIGH], start=2)
    # One second passes between the two files, in which nobody looked.
    assert brief(found) == [
        (2, "new", "firing told"),
        (4, "behind", "firing told"),
        (5, "b", "resolved told"),
        (5, "new", "resolved told"),
        (5, "behind", "resolved told"),
    ]


def test_a_pending_rule_whose_condition_was_rewritten_begins_anew() -> None:
    engine = Engine([rule(hold=3)])
    live(engine, [LOW, LOW])
    engine.swap([rewritten(rule(hold=3))], ())
    assert brief(live(engine, [LOW] * 4, start=2)) == [
        (2, "behind", "pending"),
        (5, "behind", "firing told"),
    ]


def test_an_incident_whose_rule_was_removed_ends_and_says_so_to_those_who_were_told() -> None:
    engine = Engine([rule(), rule("unheard"), rule("kept")])
    engine.silence(Silence("s1", Matcher(rules=("unheard",)), 99 * NS, "ann"))
    fired = live(engine, [LOW])
    ended = engine.swap([rule("kept")], ())
    assert brief(ended) == [(0, "behind", "resolved told"), (0, "unheard", "resolved")]
    assert {t.message for t in ended} == {"The rule was removed."}
    assert {t.incident for t in ended} == {t.incident for t in fired if t.rule != "kept"}
    assert engine.swap([rule("kept")], ()) == []


def test_a_rule_that_lost_one_of_its_pairs_ends_there_alone() -> None:
    engine = Engine([rule(), rule(pair=OTHER)])
    live(engine, [LOW], BTC=LOW)
    (ended,) = engine.swap([rule()], ())
    assert ended.pair == "BTC-IWM"


def test_a_resolution_is_told_where_the_firing_was() -> None:
    engine = Engine([rule()])
    live(engine, [LOW])
    engine.swap([msgspec.structs.replace(rule(), notify=("mqtt",))], ())
    (over,) = live(engine, [HIGH], start=1)
    assert over.notify == ("log",)


def test_quiet_times_come_and_go_with_the_file() -> None:
    always = QuietTime("always", Matcher(), ClockTime(0, 0, "UTC"))
    engine = Engine([rule()])
    engine.swap([rule()], [always])
    (fired,) = live(engine, [LOW])
    assert fired.notify == ()
    engine.swap([rule()], ())
    assert brief(live(engine, [LOW], start=1)) == [(1, "behind", "firing told")]


def test_silences_stay_and_the_revision_rises() -> None:
    engine = Engine([rule()])
    silence = Silence("s1", Matcher(), 9 * NS, "ann")
    engine.silence(silence)
    before = engine.revision
    engine.swap([rule(), rule("b")], ())
    assert engine.silences == (silence,)
    assert engine.revision > before
    assert {standing.muted for standing in engine.standings()} == {
        "silenced by ann until 19:00 New York"
    }


def test_what_people_have_done_outlives_the_process() -> None:
    given = [rule("acked", repeat=1), rule("snoozed", repeat=1), rule("held")]
    engine = Engine(given)
    silence = Silence("s1", Matcher(rules=("held",)), 5 * NS, "ann")
    engine.silence(silence)
    names = {t.rule: t.incident for t in live(engine, [LOW])}
    engine.acknowledge(names["acked"], "ann", 0)
    engine.snooze(names["snoozed"], Snooze(3 * NS, "bob", 0))

    after = Engine(given)
    assert after.restore(engine.lives(), engine.silences) == []
    assert after.lives() == engine.lives()
    assert after.silences == (silence,)
    told = [t for t in live(after, [LOW] * 6 + [HIGH], start=1) if t.notify]
    assert brief(told) == [
        (3, "snoozed", "still firing told"),
        (4, "snoozed", "still firing told"),
        (5, "snoozed", "still firing told"),
        (5, "held", "firing told"),
        (6, "snoozed", "still firing told"),
        (7, "acked", "resolved told"),
        (7, "snoozed", "resolved told"),
        (7, "held", "resolved told"),
    ]
    assert "not told until now: silenced by ann" in told[3].message


def test_flapping_outlives_the_process_until_it_has_been_quiet() -> None:
    given = [rule(flapping=Flapping(2, 10 * NS))]
    engine = Engine(given)
    live(engine, [LOW, HIGH, LOW, HIGH])
    after = Engine(given)
    after.restore(engine.lives())
    (folded, _) = live(after, [LOW, HIGH], start=4)
    assert folded.notify == ()
    live(after, [HIGH] * 20, start=6)
    assert [life.flaps.folded for life in after.lives()] == [1]
    (told,) = live(after, [LOW], start=30)
    assert told.context[0] == "it flapped before: 1 more firing was not told"


def test_a_rule_at_rest_leaves_nothing_behind() -> None:
    engine = Engine([rule(flapping=Flapping(4, 10 * NS))])
    live(engine, [LOW, HIGH])
    assert [life.state for life in engine.lives()] == [State.INACTIVE]
    live(engine, [HIGH] * 10, start=2)
    assert engine.lives() == []
